// Where free blocks are kept: small buckets, tries, the rest.

extension Zend5Heap {
  /// Enters a free block where its size belongs.
  func add(_ block: Zend5Block) {
    let size = block.size
    if size < Self.smallLimit {
      let index = Self.smallIndex(size)
      let head = smallBuckets[index].map(Zend5Block.init)
      block.previousFree.pointee = nil
      block.nextFree.pointee = head
      head?.previousFree.pointee = block
      smallBuckets[index] = block.raw
      state.pointee.small |= 1 << UInt64(index)
      return
    }
    block.child(0).pointee = nil
    block.child(1).pointee = nil
    block.previousFree.pointee = block
    block.nextFree.pointee = block
    let index = Self.largeIndex(size)
    state.pointee.large |= 1 << UInt64(index)
    var place = root(index)
    var bits = path(size, index)
    while let node = place.pointee {
      if node.size == size {
        // Behind the one that stands in the trie.
        let next = node.nextFree.pointee.unsafelyUnwrapped
        block.previousFree.pointee = node
        block.nextFree.pointee = next
        node.nextFree.pointee = block
        next.previousFree.pointee = block
        block.parent.pointee = nil
        return
      }
      place = node.child(Int(bits >> 63))
      bits <<= 1
    }
    place.pointee = block
    block.parent.pointee = place
  }

  private func root(_ index: Int) -> UnsafeMutablePointer<Zend5Block?> {
    UnsafeMutableRawPointer(largeBuckets + index).assumingMemoryBound(to: Zend5Block?.self)
  }

  /// The bits of `size` below its highest, from the word's top down.
  private func path(_ size: Int, _ index: Int) -> UInt64 { UInt64(size) << UInt64(64 - index) }

  /// Takes a free block out of where it is, which may be the rest.
  func remove(_ block: Zend5Block) {
    for index in 0..<state.pointee.restCount where rest[index] == block.raw { return removeRest(at: index) }
    let size = block.size
    if size < Self.smallLimit {
      let index = Self.smallIndex(size)
      let next = block.nextFree.pointee
      next?.previousFree.pointee = block.previousFree.pointee
      if let previous = block.previousFree.pointee {
        previous.nextFree.pointee = next
      } else {
        smallBuckets[index] = next?.raw
        if next == nil { state.pointee.small &= ~(1 << UInt64(index)) }
      }
      return
    }
    let previous = block.previousFree.pointee.unsafelyUnwrapped
    if previous != block {
      let next = block.nextFree.pointee.unsafelyUnwrapped
      previous.nextFree.pointee = next
      next.previousFree.pointee = previous
      if let place = block.parent.pointee { stand(next, in: place, for: block) }
      return
    }
    let place = block.parent.pointee.unsafelyUnwrapped
    guard var leaf = block.anyChild else {
      place.pointee = nil
      let index = Self.largeIndex(size)
      if place == root(index) { state.pointee.large &= ~(1 << UInt64(index)) }
      return
    }
    // Any leaf below may take its place: its size agrees in all bits that lead here.
    while let lower = leaf.anyChild { leaf = lower }
    leaf.parent.pointee?.pointee = nil
    stand(leaf, in: place, for: block)
  }

  /// Puts `node` where `block` was in a trie.
  private func stand(
    _ node: Zend5Block, in place: UnsafeMutablePointer<Zend5Block?>, for block: Zend5Block
  ) {
    place.pointee = node
    node.parent.pointee = place
    for bit in 0...1 {
      let child = block.child(bit).pointee
      node.child(bit).pointee = child
      child?.parent.pointee = node.child(bit)
    }
  }

  /// The smallest block of at least `size` in the tries, of equal ones one that does not stand there. O(bits of a size).
  func searchLarge(_ size: Int) -> Zend5Block? {
    var index = Self.largeIndex(size)
    var buckets = state.pointee.large >> UInt64(index)
    if buckets & 1 != 0, let best = searchTrie(index, size) { return best.nextFree.pointee }
    if buckets & 1 != 0 { buckets &= ~1 }
    guard buckets != 0 else { return nil }
    index += buckets.trailingZeroBitCount
    return root(index).pointee.flatMap { smallest(below: $0, atLeast: 0) }?.nextFree.pointee
  }

  /// The best fit in the trie of the size's own bucket: on the way of the size's bits, or the smallest of the last
  /// branch that the way left towards greater sizes.
  private func searchTrie(_ index: Int, _ size: Int) -> Zend5Block? {
    var best: Zend5Block?
    var greater: Zend5Block?
    var bits = path(size, index)
    var node = root(index).pointee
    while let visited = node {
      if visited.size == size { return visited }
      if visited.size > size, visited.size < best?.size ?? .max { best = visited }
      if bits >> 63 == 0 {
        greater = visited.child(1).pointee ?? greater
        node = visited.child(0).pointee
      } else {
        node = visited.child(1).pointee
      }
      bits <<= 1
    }
    if let found = greater.flatMap({ smallest(below: $0, atLeast: size) }), found.size < best?.size ?? .max {
      return found
    }
    return best
  }

  /// The smallest node of at least `size` on the way along smaller children.
  private func smallest(below top: Zend5Block, atLeast size: Int) -> Zend5Block? {
    var best: Zend5Block?
    var node: Zend5Block? = top
    while let visited = node {
      if visited.size >= size, visited.size < best?.size ?? .max { best = visited }
      node = visited.anyChild
    }
    return best
  }

  // MARK: - Rest

  /// Keeps what a big block's segment has left; beyond 16 the oldest goes to the ordinary lists.
  func addToRest(_ block: Zend5Block) {
    if state.pointee.restCount == Self.restLimit, let oldest = rest[0] {
      removeRest(at: 0)
      add(Zend5Block(raw: oldest))
    }
    rest[state.pointee.restCount] = block.raw
    state.pointee.restCount += 1
  }

  func removeRest(at index: Int) {
    state.pointee.restCount -= 1
    for place in index..<state.pointee.restCount { rest[place] = rest[place + 1] }
  }

  /// The best fit of the rest, taken out.
  func searchRest(_ size: Int) -> Zend5Block? {
    var best: Int?
    var bestSize = Int.max
    for index in 0..<state.pointee.restCount {
      guard let raw = rest[index] else { continue }
      let found = Zend5Block(raw: raw).size
      if found >= size, found < bestSize {
        best = index
        bestSize = found
      }
    }
    guard let best, let raw = rest[best] else { return nil }
    removeRest(at: best)
    state.pointee.restHits &+= 1
    return Zend5Block(raw: raw)
  }
}
