import CPlatform

// Garbage collection of runs, the limit, a request's end.

extension ZendHeap: OwnerHeap {
  /// Bits of the counter of free slots in a run's map word.
  static let counterBits: UInt32 = 10

  /// Gives back the pages of runs whose slots are all free; how many bytes that is.
  ///
  /// Counts the free slots of each run in the run's map word, takes the slots of full runs off their lists, and frees
  /// these runs' pages. With a counter of 9 bits, as it once was, the 512 slots of bin 0 count as none.
  /// - Complexity: O(free slots + pages).
  @discardableResult
  func collect(counterBits: UInt32 = counterBits) -> Int {
    state.pointee.collections &+= 1
    let mask = ((1 as UInt32) << counterBits - 1) << ZendChunk.counterShift
    for bin in 0..<ZendBins.count {
      var slot = bins[bin]
      while let free = slot {
        let (chunk, page) = run(of: free)
        let counted = chunk[page] & mask &+ 1 << ZendChunk.counterShift
        chunk[page] = chunk[page] & ~mask | counted & mask
        slot = free.load(as: UnsafeMutableRawPointer?.self)
      }
    }
    for bin in 0..<ZendBins.count { unlistFull(bin, mask) }
    var pages = 0
    var chunk = state.pointee.main
    repeat {
      let next = chunk.next
      pages += releaseFull(chunk, mask)
      if chunk != state.pointee.main, chunk.freePages == ZendChunk.pages - 1 { delete(chunk) }
      chunk = next
    } while chunk != state.pointee.main
    state.pointee.collectedPages &+= pages
    return pages * ZendChunk.pageBytes
  }

  /// Where the run that a slot lies in begins.
  private func run(of slot: UnsafeMutableRawPointer) -> (chunk: ZendChunk, page: Int) {
    let chunk = ZendChunk.of(slot)
    let page = ZendChunk.offset(slot) / ZendChunk.pageBytes
    let word = chunk[page]
    let isFirst = word & ZendChunk.large == 0
    return (chunk, isFirst ? page : page - Int(word >> ZendChunk.counterShift & 1023))
  }

  private func isFull(_ word: UInt32, _ mask: UInt32) -> Bool {
    Int((word & mask) >> ZendChunk.counterShift) == ZendBins.slots(Int(word & 31))
  }

  private func unlistFull(_ bin: Int, _ mask: UInt32) {
    var kept: UnsafeMutableRawPointer?
    var slot = bins[bin]
    bins[bin] = nil
    while let free = slot {
      slot = free.load(as: UnsafeMutableRawPointer?.self)
      let (chunk, page) = run(of: free)
      if isFull(chunk[page], mask) { continue }
      if let kept {
        kept.storeBytes(of: free, as: UnsafeMutableRawPointer?.self)
      } else {
        bins[bin] = free
      }
      free.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
      kept = free
    }
  }

  /// Frees a chunk's full runs and sets the counters of the others to 0 again.
  private func releaseFull(_ chunk: ZendChunk, _ mask: UInt32) -> Int {
    var released = 0
    var page = 1
    while page < ZendChunk.pages {
      let word = chunk[page]
      if word & ZendChunk.small != 0, word & ZendChunk.large == 0 {
        let pages = ZendBins.pages(Int(word & 31))
        if isFull(word, mask) {
          for index in page..<page + pages { chunk[index] = 0 }
          chunk.give(page, pages)
          released += pages
        } else {
          chunk[page] = word & ~mask
        }
        page += pages
      } else {
        page += max(Int(word & 1023), 1)
      }
    }
    return released
  }

  /// The most bytes that may be mapped; false, and nothing changed, if more are already and a collection does not help.
  func setLimit(_ bytes: Int) -> Bool {
    let limit = max(bytes, ZendChunk.bytes)
    if limit < state.pointee.realSize {
      collect()
      while limit < state.pointee.realSize, state.pointee.cached != nil { unmapCached() }
      if limit < state.pointee.realSize { return false }
    }
    state.pointee.limit = limit
    return true
  }

  /// The end of a request: all objects end. Chunks go into the cache, of which stays what requests need on average, and
  /// the first one starts anew. O(chunks + huge objects); no object is looked at.
  @inline(never)
  func shutdown() {
    unmapHuge()
    let main = state.pointee.main
    while main.next != main {
      let chunk = main.next
      chunk.unlink()
      cache(chunk)
    }
    let average = (state.pointee.averageChunks + Double(state.pointee.peakChunks)) / 2
    state.pointee.averageChunks = average
    while state.pointee.cached != nil, Double(state.pointee.cachedCount) + 0.9 > average { unmapCached() }
    main.clear()
    bins.update(repeating: nil, count: ZendBins.count)
    state.pointee.size = 0
    state.pointee.peak = 0
    state.pointee.realSize = (state.pointee.cachedCount + 1) * ZendChunk.bytes
    state.pointee.chunks = 1
    state.pointee.peakChunks = 1
    state.pointee.boundary = 0
    state.pointee.boundaryCount = 0
    state.pointee.shutdowns &+= 1
  }

  private func unmapHuge() {
    var node = state.pointee.huge
    while let huge = node {
      node = huge.pointee.next
      pb_unmap(huge.pointee.pointer, huge.pointee.bytes)
    }
    state.pointee.huge = nil
  }

  /// The full shutdown: the heap is gone.
  func destroy() {
    shutdown()
    while state.pointee.cached != nil { unmapCached() }
    pb_unmap(state.pointee.main.raw, ZendChunk.bytes)
  }

  /// A collection, and no chunk kept.
  func purge() {
    collect()
    while state.pointee.cached != nil { unmapCached() }
  }

  var counts: [9 of Int] {
    let state = state.pointee
    return [
      state.runs, state.largeAllocations, state.hugeAllocations, state.searchSteps, state.mappedChunks,
      state.reusedChunks, state.collections, state.collectedPages, state.shutdowns,
    ]
  }

  static func name(ofCount index: Int) -> StaticString {
    switch index {
    case 0: "bin.misses"
    case 1: "page.large-allocations"
    case 2: "huge.allocations"
    case 3: "page.chunks-passed"
    case 4: "chunk.mapped"
    case 5: "chunk.reused"
    case 6: "gc.collections"
    case 7: "gc.pages"
    default: "heap.shutdowns"
    }
  }
}
