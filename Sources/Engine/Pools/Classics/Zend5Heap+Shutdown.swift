// Resizes, the cache's emptying, the limit, a request's end.

extension Zend5Heap: OwnerHeap {
  /// In place where the block can be cut or the one behind it is free and big enough; else it moves.
  func resize(_ pointer: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { return nil }
    let block = Zend5Block(raw: pointer - Zend5Block.header)
    let old = block.size
    let needed = Self.blockSize(size)
    let next = block.next
    let isNextFree = next.state == .free
    if needed > old, !isNextFree || old + next.size < needed { return move(pointer, old - Zend5Block.header, to: size) }
    if isNextFree, needed != old {
      // What is left behind a shorter block must not lie beside a free one.
      remove(next)
      block.set(old + next.size, .used)
    }
    cut(block, to: needed, keepsRest: false)
    state.pointee.size &+= block.size - old
    state.pointee.peak = max(state.pointee.peak, state.pointee.size)
    return pointer
  }

  /// Merges the blocks of the cache, which stay apart otherwise. O(cached blocks).
  func flushCache() {
    state.pointee.cacheFlushes &+= 1
    state.pointee.cachedBytes = 0
    for index in 0..<Self.buckets {
      var block = cache[index]
      cache[index] = nil
      while let free = block {
        block = free.load(fromByteOffset: 16, as: UnsafeMutableRawPointer?.self)
        merge(Zend5Block(raw: free))
      }
    }
  }

  /// The most bytes that may be mapped; false, and nothing changed, if more are already and the cache holds too few.
  func setLimit(_ bytes: Int) -> Bool {
    let limit = max(bytes, Self.segmentBytes)
    if limit < state.pointee.realSize {
      flushCache()
      if limit < state.pointee.realSize { return false }
    }
    state.pointee.limit = limit
    return true
  }

  /// The end of a request: all objects end; one segment of the ordinary size stays, as one block. O(segments).
  @inline(never)
  func shutdown() {
    let kept = unmapSegments(keepsOne: true)
    var fresh = state.pointee
    fresh.size = 0
    fresh.peak = 0
    fresh.cachedBytes = 0
    fresh.small = 0
    fresh.large = 0
    fresh.restCount = 0
    fresh.segments = kept
    fresh.realSize = kept?.pointee.bytes ?? 0
    fresh.shutdowns &+= 1
    state.pointee = fresh
    cache.update(repeating: nil, count: 3 * Self.buckets)
    if let kept { add(Self.enterBlock(of: kept)) }
  }

  /// Unmaps the segments but for one of the ordinary size, if it is to stay.
  private func unmapSegments(keepsOne: Bool) -> UnsafeMutablePointer<Segment>? {
    var kept: UnsafeMutablePointer<Segment>?
    var segment = state.pointee.segments
    while let visited = segment {
      segment = visited.pointee.next
      if keepsOne, kept == nil, visited.pointee.bytes == Self.segmentBytes {
        visited.pointee.next = nil
        kept = visited
      } else {
        SystemMemory.unmap(visited, visited.pointee.bytes)
      }
    }
    return kept
  }

  /// The full shutdown: the heap is gone.
  func destroy() {
    _ = unmapSegments(keepsOne: false)
    SystemMemory.unmap(raw, Self.bytes)
  }

  /// Merges what the cache holds, which unmaps the segments that are empty then, and one that a shutdown kept.
  func purge() {
    flushCache()
    guard state.pointee.size == 0, let segment = state.pointee.segments else { return }
    let block = Zend5Block(raw: UnsafeMutableRawPointer(segment) + Self.segmentHeader)
    remove(block)
    merge(block)
  }

  var counts: [9 of Int] {
    let state = state.pointee
    return [
      state.misses, state.smallHits, state.largeHits, state.restHits, state.mappedSegments, state.unmappedSegments,
      state.merges, state.cacheFlushes, state.shutdowns,
    ]
  }

  static func name(ofCount index: Int) -> StaticString {
    switch index {
    case 0: "cache.misses"
    case 1: "bucket.small-hits"
    case 2: "bucket.large-hits"
    case 3: "rest.hits"
    case 4: "segment.mapped"
    case 5: "segment.unmapped"
    case 6: "block.merges"
    case 7: "cache.flushes"
    default: "heap.shutdowns"
    }
  }
}
