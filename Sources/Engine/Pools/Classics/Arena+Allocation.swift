import CPlatform

extension Arena {
  /// What a request has come to that no chunk of the arena serves.
  enum Refusal { case mapping, memory }

  /// A chunk in use of `bytes`, a chunk size; nil for a `refusal`. Under the lock. (`_int_malloc`)
  ///
  /// An exact small bin; the unsorted list, its chunks sorted into their bins on the way; the best fit of the bins above;
  /// top; more memory. Chunks of exactly the size beyond the first go to `thread`'s cache while it has room.
  ///
  /// - Complexity: O(1) for a small bin's size, else O(unsorted chunks + sizes in one large bin).
  func allocate(_ bytes: Int, _ thread: ArenaThread, _ refusal: inout Refusal) -> ArenaChunk? {
    statistics.pointee.requests &+= 1
    if bytes < ArenaBins.leastLarge, let chunk = takeExact(bytes, thread) { return chunk }
    if let chunk = takeUnsorted(bytes, thread) { return chunk }
    if bytes >= ArenaBins.leastLarge, let chunk = takeOwnBin(bytes) { return chunk }
    if let chunk = takeLargerBin(bytes) { return chunk }
    statistics.pointee.topCuts &+= 1
    if top.size < bytes &+ ArenaChunk.leastBytes {
      if thread.register.wantsMapping(bytes) {
        refusal = .mapping
        return nil
      }
      if !extend(bytes, thread.register) {
        refusal = .memory
        return nil
      }
    }
    return cutTop(bytes)
  }

  /// The oldest of a small bin; the others to the thread's cache.
  private func takeExact(_ bytes: Int, _ thread: ArenaThread) -> ArenaChunk? {
    let bin = bin(ArenaBins.index(bytes))
    let chunk = bin.backward
    if chunk == bin { return nil }
    statistics.pointee.exactFits &+= 1
    unlink(chunk)
    chunk.markInUse()
    while thread.hasRoom(bytes), bin.backward != bin {
      let other = bin.backward
      unlink(other)
      other.markInUse()
      stash(other, thread)
    }
    return chunk
  }

  private func stash(_ chunk: ArenaChunk, _ thread: ArenaThread) {
    statistics.pointee.stashed &+= 1
    thread.put(chunk)
  }

  /// Looks through the unsorted list, oldest first, and empties it into the bins.
  private func takeUnsorted(_ bytes: Int, _ thread: ArenaThread) -> ArenaChunk? {
    let list = bin(ArenaBins.unsorted)
    var exact: ArenaChunk?
    var steps = 0
    while list.backward != list {
      let chunk = list.backward
      let size = chunk.size
      if bytes < ArenaBins.leastLarge, chunk.backward == list, chunk == lastRemainder,
        size > bytes &+ ArenaChunk.leastBytes
      {
        // Small requests in a row are cut from the same chunk.
        unlink(chunk)
        statistics.pointee.bestFits &+= 1
        return split(chunk, size, bytes, keepsRemainder: true)
      }
      unlink(chunk)
      if size == bytes {
        chunk.markInUse()
        if let first = exact {
          // Only a thread's cache with room makes the search go on after the first.
          stash(first, thread)
        }
        exact = chunk
        if !thread.hasRoom(bytes) { break }
        continue
      }
      insertSorted(chunk, size)
      steps &+= 1
      if steps >= Self.mostSteps { break }
    }
    if exact != nil { statistics.pointee.exactFits &+= 1 }
    return exact
  }

  /// `MAX_ITERS`
  private static var mostSteps: Int { 10_000 }

  /// Puts a free chunk into its bin: small ones in front, large ones by size, largest first, behind the first of their
  /// own size.
  private func insertSorted(_ chunk: ArenaChunk, _ size: Int) {
    statistics.pointee.sorted &+= 1
    let index = ArenaBins.index(size)
    let head = bin(index)
    markBin(index)
    guard size >= ArenaBins.leastLarge else { return link(chunk, between: head, head.forward) }
    chunk.smaller = nil
    if head.forward == head {
      chunk.smaller = chunk
      chunk.larger = chunk
      return link(chunk, between: head, head)
    }
    let largest = head.forward
    if size < head.backward.size {
      // The sizes' list goes round: the largest's larger one is the smallest.
      let smallest = largest.larger
      chunk.smaller = largest
      chunk.larger = smallest
      smallest.smaller = chunk
      largest.larger = chunk
      return link(chunk, between: head.backward, head)
    }
    var first = largest
    while size < first.size { first = first.smaller ?? first }
    if first.size == size { return link(chunk, between: first, first.forward) }
    chunk.smaller = first
    chunk.larger = first.larger
    first.larger.smaller = chunk
    first.larger = chunk
    link(chunk, between: first.backward, first)
  }

  private func link(_ chunk: ArenaChunk, between backward: ArenaChunk, _ forward: ArenaChunk) {
    chunk.forward = forward
    chunk.backward = backward
    forward.backward = chunk
    backward.forward = chunk
  }

  /// Puts a free chunk at the front of the unsorted list.
  func insertUnsorted(_ chunk: ArenaChunk, _ size: Int) {
    let list = bin(ArenaBins.unsorted)
    if size >= ArenaBins.leastLarge { chunk.smaller = nil }
    link(chunk, between: list, list.forward)
  }

  /// The smallest large chunk of the request's own bin that holds it.
  private func takeOwnBin(_ bytes: Int) -> ArenaChunk? {
    let head = bin(ArenaBins.index(bytes))
    let largest = head.forward
    if largest == head || largest.size < bytes { return nil }
    var chunk = largest.larger
    while chunk.size < bytes { chunk = chunk.larger }
    // The second of its size, if there is one: the list of sizes then stays as it is.
    if chunk != head.backward, chunk.forward != head, chunk.forward.size == chunk.size { chunk = chunk.forward }
    unlink(chunk)
    statistics.pointee.bestFits &+= 1
    return split(chunk, chunk.size, bytes, keepsRemainder: false)
  }

  /// The smallest chunk of the first bin above.
  private func takeLargerBin(_ bytes: Int) -> ArenaChunk? {
    var start = ArenaBins.index(bytes) &+ 1
    while let index = firstMarkedBin(from: start) {
      let head = bin(index)
      let chunk = head.backward
      if chunk == head {
        clearBin(index)
        start = index &+ 1
        continue
      }
      unlink(chunk)
      statistics.pointee.bestFits &+= 1
      return split(chunk, chunk.size, bytes, keepsRemainder: bytes < ArenaBins.leastLarge)
    }
    return nil
  }

  /// Cuts `bytes` off a free chunk that is in no list; what is left goes to the unsorted list, if it is a chunk at all.
  private func split(_ chunk: ArenaChunk, _ size: Int, _ bytes: Int, keepsRemainder: Bool) -> ArenaChunk {
    let left = size &- bytes
    if left < ArenaChunk.leastBytes {
      chunk.markInUse()
      return chunk
    }
    statistics.pointee.splits &+= 1
    let remainder = chunk.advanced(bytes)
    chunk.resize(bytes)
    remainder.markFree(left)
    insertUnsorted(remainder, left)
    if keepsRemainder { lastRemainder = remainder }
    return chunk
  }

  /// Cuts a chunk off top, which has room for it and a least chunk.
  func cutTop(_ bytes: Int) -> ArenaChunk {
    let chunk = top
    let rest = chunk.advanced(bytes)
    rest.field = (chunk.size &- bytes) | ArenaChunk.beforeInUse
    chunk.resize(bytes)
    top = rest
    return chunk
  }
}
