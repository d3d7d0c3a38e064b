import CPlatform

// Large and huge objects, the search for pages, resizes.

extension ZendHeap {
  /// Chunks that a search may pass without moving the one it ends in, and pages from which on it never does.
  private static let steps = 2
  private static let movedPages = 8

  @inline(never)
  func allocateBig(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { return nil }
    return size <= Self.largestLarge ? allocateLarge(size) : allocateHuge(size)
  }

  @inline(never)
  func allocateLarge(_ size: Int) -> UnsafeMutableRawPointer? {
    let pages = (size + ZendChunk.pageBytes - 1) / ZendChunk.pageBytes
    guard let pointer = allocatePages(pages) else { return nil }
    state.pointee.largeAllocations &+= 1
    count(pages * ZendChunk.pageBytes)
    return pointer
  }

  /// Free pages: the best fit in the first chunk that has one, or the first of a new chunk.
  ///
  /// A chunk found after more than two others moves up behind the main one, if few pages were wanted: what is full is
  /// passed less often then. - Complexity: O(chunks passed × their runs).
  func allocatePages(_ pages: Int) -> UnsafeMutableRawPointer? {
    let main = state.pointee.main
    var chunk = main
    var steps = 0
    var page = chunk.search(pages)
    while page == nil {
      if chunk.next == main {
        if let added = addChunk() {
          chunk = added
        } else {
          // A collection has found pages: from the start.
          guard collect() > 0 else { return nil }
          chunk = main
          steps = 0
        }
      } else {
        chunk = chunk.next
        steps += 1
      }
      page = chunk.search(pages)
    }
    guard let page else { return nil }
    state.pointee.searchSteps &+= steps
    if steps > Self.steps, pages < Self.movedPages {
      chunk.unlink()
      chunk.link(after: main)
    }
    chunk.take(page, pages)
    return chunk.raw + page * ZendChunk.pageBytes
  }

  /// A chunk at the ring's end: a cached one, else a new one; nil over the limit or when the system refuses.
  private func addChunk() -> ZendChunk? {
    let raw: UnsafeMutableRawPointer
    if let cached = state.pointee.cached {
      state.pointee.cached = cached.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self)
      state.pointee.cachedCount -= 1
      state.pointee.reusedChunks &+= 1
      raw = cached
    } else {
      guard state.pointee.limit - state.pointee.realSize >= ZendChunk.bytes,
        let mapped = pb_reserve_aligned(ZendChunk.bytes, ZendChunk.bytes)
      else { return nil }
      state.pointee.realSize += ZendChunk.bytes
      state.pointee.mappedChunks &+= 1
      raw = mapped
    }
    let chunk = ZendChunk(raw: raw)
    chunk.initialize(heap: self, number: state.pointee.nextNumber)
    state.pointee.nextNumber += 1
    chunk.link(after: state.pointee.main.previous)
    state.pointee.chunks += 1
    state.pointee.peakChunks = max(state.pointee.peakChunks, state.pointee.chunks)
    return chunk
  }

  @inline(never)
  func freeLarge(_ pointer: UnsafeMutableRawPointer) {
    let chunk = ZendChunk.of(pointer)
    let page = ZendChunk.offset(pointer) / ZendChunk.pageBytes
    let pages = Int(chunk[page] & 1023)
    state.pointee.size &-= pages * ZendChunk.pageBytes
    freePages(chunk, page, pages)
  }

  func freePages(_ chunk: ZendChunk, _ page: Int, _ pages: Int) {
    chunk.give(page, pages)
    if chunk != state.pointee.main, chunk.freePages == ZendChunk.pages - 1 { delete(chunk) }
  }

  /// Takes an empty chunk out of the ring: into the cache while chunks are fewer than requests need on average, or
  /// when the same number of them is left for the fifth time in a row; else it is unmapped, or one of the cache is, so
  /// that older chunks stay.
  func delete(_ chunk: ZendChunk) {
    chunk.unlink()
    state.pointee.chunks -= 1
    let kept = state.pointee.chunks
    let isNeeded = Double(kept + state.pointee.cachedCount) < state.pointee.averageChunks + 0.1
    if isNeeded || (kept == state.pointee.boundary && state.pointee.boundaryCount >= 4) { return cache(chunk) }
    if state.pointee.cached == nil {
      if kept != state.pointee.boundary {
        state.pointee.boundary = kept
        state.pointee.boundaryCount = 0
      } else {
        state.pointee.boundaryCount += 1
      }
    }
    if let cached = state.pointee.cached, chunk.number < ZendChunk(raw: cached).number {
      unmapCached()
      cache(chunk)
    } else {
      state.pointee.realSize -= ZendChunk.bytes
      pb_unmap(chunk.raw, ZendChunk.bytes)
    }
  }

  func cache(_ chunk: ZendChunk) {
    chunk.raw.storeBytes(of: state.pointee.cached, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
    state.pointee.cached = chunk.raw
    state.pointee.cachedCount += 1
  }

  func unmapCached() {
    guard let cached = state.pointee.cached else { return }
    state.pointee.cached = cached.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self)
    state.pointee.cachedCount -= 1
    state.pointee.realSize -= ZendChunk.bytes
    pb_unmap(cached, ZendChunk.bytes)
  }

  // MARK: - Huge objects

  @inline(never)
  private func allocateHuge(_ size: Int) -> UnsafeMutableRawPointer? {
    let bytes = SystemMemory.roundedToPages(size)
    if state.pointee.limit - state.pointee.realSize < bytes {
      guard collect() > 0, state.pointee.limit - state.pointee.realSize >= bytes else { return nil }
    }
    guard let memory = allocate(MemoryLayout<Huge>.size) else { return nil }
    guard let pointer = pb_reserve_aligned(bytes, ZendChunk.bytes) else {
      free(memory)
      return nil
    }
    let node = memory.bindMemory(to: Huge.self, capacity: 1)
    node.initialize(to: Huge(pointer: pointer, bytes: bytes, next: state.pointee.huge))
    state.pointee.huge = node
    state.pointee.realSize += bytes
    state.pointee.hugeAllocations &+= 1
    count(bytes)
    return pointer
  }

  /// O(huge objects).
  func huge(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Huge>? {
    var node = state.pointee.huge
    while let found = node, found.pointee.pointer != pointer { node = found.pointee.next }
    return node
  }

  @inline(never)
  func freeHuge(_ pointer: UnsafeMutableRawPointer) {
    guard let node = huge(pointer) else { return }
    if state.pointee.huge == node {
      state.pointee.huge = node.pointee.next
    } else {
      var before = state.pointee.huge
      while let other = before, other.pointee.next != node { before = other.pointee.next }
      before?.pointee.next = node.pointee.next
    }
    let bytes = node.pointee.bytes
    free(node)
    state.pointee.size &-= bytes
    state.pointee.realSize -= bytes
    pb_unmap(pointer, bytes)
  }

  // MARK: - Resizes

  /// In place where the bin stays the same, a large object's pages can be cut or those behind it are free, or a huge
  /// one shrinks; else it moves.
  func resize(_ pointer: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { return nil }
    let offset = ZendChunk.offset(pointer)
    if offset == 0 { return resizeHuge(pointer, to: size) }
    let chunk = ZendChunk.of(pointer)
    let page = offset / ZendChunk.pageBytes
    let word = chunk[page]
    if word & ZendChunk.small != 0 {
      let bin = Int(word & 31)
      if size <= ZendBins.largest, ZendBins.index(of: size) == bin { return pointer }
      return move(pointer, ZendBins.bytes(bin), to: size)
    }
    let old = Int(word & 1023)
    if size > ZendBins.largest, size <= Self.largestLarge {
      let new = (size + ZendChunk.pageBytes - 1) / ZendChunk.pageBytes
      if new == old { return pointer }
      if new < old {
        chunk[page] = ZendChunk.large | UInt32(new)
        chunk.give(page + new, old - new)
        count((new - old) * ZendChunk.pageBytes)
        return pointer
      }
      if page + new <= ZendChunk.pages, chunk.isFree(page + old, new - old) {
        chunk.take(page + old, new - old)
        chunk[page + old] = 0
        chunk[page] = ZendChunk.large | UInt32(new)
        count((new - old) * ZendChunk.pageBytes)
        return pointer
      }
    }
    return move(pointer, old * ZendChunk.pageBytes, to: size)
  }

  private func resizeHuge(_ pointer: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    guard let node = huge(pointer) else { return nil }
    let old = node.pointee.bytes
    let new = SystemMemory.roundedToPages(size)
    guard size > Self.largestLarge, new <= old else { return move(pointer, old, to: size) }
    if new < old {
      pb_unmap(pointer + new, old - new)
      node.pointee.bytes = new
      state.pointee.size &-= old - new
      state.pointee.realSize -= old - new
    }
    return pointer
  }
}
