import Synchronization

/// How much a thread may cache. Limits are charged to a budget when they grow, not objects when they move, so that the
/// fast path counts no bytes; a thread's contents are at most twice its limits.
extension ThreadCacheRef {
  /// Doubles the class's limit up to the batch, as far as the thread's budget lets it.
  @inline(__always)
  func growLimit(_ sizeClass: Int) {
    let facts = classState(sizeClass).pointee
    let limit = facts.limit
    if state.pointee.capacity > links.pointee.budget.load(ordering: .relaxed) { shrinkOthers(sizeClass) }
    guard limit < facts.batch else { return }
    let grown = min(max(limit &* 2, 1), facts.batch)
    let bytes = 2 &* Int(grown &- limit) &* Int(facts.objectSize)
    guard charge(bytes, for: sizeClass) else { return }
    setLimit(sizeClass, grown)
  }

  /// Adds to the thread's capacity if its budget, the unclaimed one, other threads or its own other classes give it.
  private func charge(_ bytes: Int, for sizeClass: Int) -> Bool {
    let state = state
    let capacity = state.pointee.capacity &+ bytes
    if capacity > links.pointee.budget.load(ordering: .relaxed) {
      let misses = state.pointee.statistics.refills &+ state.pointee.statistics.overflows
      guard misses >= state.pointee.nextClaim else { return false }
      state.pointee.nextClaim = misses &+ ThreadState.missesPerClaim
      if !heap.claim(capacity, for: self) {
        shrinkOthers(sizeClass)
        guard state.pointee.capacity &+ bytes <= links.pointee.budget.load(ordering: .relaxed) else { return false }
      }
    }
    state.pointee.capacity &+= bytes
    return true
  }

  /// Empties and halves the next class that has a limit, other than the one in need; at most one round.
  private func shrinkOthers(_ needy: Int) {
    let state = state
    for _ in 1..<SizeClass.count {
      let sizeClass = state.pointee.cursor
      state.pointee.cursor = sizeClass &+ 1 < SizeClass.count ? sizeClass &+ 1 : 1
      let facts = classState(sizeClass).pointee
      guard sizeClass != needy, facts.limit > 0 else { continue }
      flush(sizeClass)
      let half = facts.limit / 2
      state.pointee.capacity &-= 2 &* Int(facts.limit &- half) &* Int(facts.objectSize)
      setLimit(sizeClass, half)
      state.pointee.statistics.shrinks &+= 1
      return
    }
  }

  /// Back to the slow start. The cache is empty.
  func forgetLimits() {
    for sizeClass in 1..<SizeClass.count { setLimit(sizeClass, 0) }
    state.pointee.capacity = 0
    state.pointee.nextClaim = ThreadState.missesPerClaim
  }
}

extension ThreadHeapRef {
  /// Raises a thread's budget to `bytes` or a little more, from the unclaimed one or from another thread's.
  func claim(_ bytes: Int, for cache: ThreadCacheRef) -> Bool {
    acquire()
    defer { release() }
    let lacking = bytes &- cache.links.pointee.budget.load(ordering: .relaxed)
    let step = (lacking &+ ThreadState.claim &- 1) & -ThreadState.claim
    if pointee.unclaimed >= step {
      pointee.unclaimed &-= step
      cache.links.pointee.budget.add(step, ordering: .relaxed)
      cache.state.pointee.statistics.claims &+= 1
      return true
    }
    // One victim a call, in turn, as gperftools does; it notices at its own next slow path.
    guard let victim = pointee.victim ?? pointee.ring else { return false }
    pointee.victim = victim.links.pointee.next
    guard victim != cache, victim.links.pointee.budget.load(ordering: .relaxed) >= ThreadState.leastBudget &+ step
    else { return false }
    victim.links.pointee.budget.subtract(step, ordering: .relaxed)
    cache.links.pointee.budget.add(step, ordering: .relaxed)
    cache.state.pointee.statistics.steals &+= 1
    return true
  }
}
