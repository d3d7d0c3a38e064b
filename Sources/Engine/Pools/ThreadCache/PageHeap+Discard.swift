import CPlatform

extension PageHeapRef {
  /// Gives dirty spans back while there are more than the policy's limit, the longest first, and releases the lock,
  /// which is held on entry and let go during each call of the system.
  func releaseDiscardingExcess(atMost pageCount: Int) {
    if pointee.policy.dirtyPages > pointee.policy.limit {
      let goal = pointee.policy.limit &- pointee.policy.limit &>> 2
      var left = pageCount
      while left > 0, pointee.policy.dirtyPages > goal, let span = pointee.dirty.longest {
        left &-= discard(span, atMost: left)
      }
    }
    let wakesThread = pointee.policy.wantsWindow && pointee.purgeThread.wakes()
    release()
    if wakesThread { PurgeThread.wake(pointee.purgeWord) }
  }

  /// Gives all free memory back to the system; the lock is not held.
  func purge() {
    acquire()
    while let span = pointee.dirty.longest { discard(span, atMost: span.pointee.pageCount) }
    pointee.policy.restartPeak()
    release()
  }

  /// Ends a window of the policy's: gives back what nobody needed in it, in steps between which the lock is free; the
  /// lock is not held.
  func purgeIdle() {
    acquire()
    var left = pointee.policy.endWindow()
    pointee.statistics.windows &+= 1
    while left > 0, let span = pointee.dirty.longest {
      let count = discard(span, atMost: Swift.min(left, DiscardPolicy.stepPages))
      left &-= count
      pointee.statistics.idlePages &+= count
    }
    pointee.policy.restartPeak()
    release()
  }

  /// Makes up to `pageCount` pages of a dirty span clean. - Returns: how many.
  @discardableResult
  private func discard(_ span: SpanRef, atMost pageCount: Int) -> Int {
    removeFree(span)
    if span.pointee.pageCount > pageCount, let rest = pointee.arena.takeSpan() {
      rest.initialize(
        to: Span(
          firstPage: span.pointee.firstPage &+ pageCount, pageCount: span.pointee.pageCount &- pageCount,
          state: .dirty))
      span.pointee.pageCount = pageCount
      pointee.map.setEnds(rest)
      insertFree(rest)
    }
    span.pointee.state = .discarding
    pointee.map.setEnds(span)
    let count = span.pointee.pageCount
    pointee.statistics.discards &+= 1
    pointee.statistics.discardedPages &+= count
    release()
    giveBack(span.pointee.address, span.pointee.byteCount)
    acquire()
    span.pointee.state = .clean
    mergeAndInsert(span)
    return count
  }

  /// Makes memory read as zero, and gives those pages of the system back that lie wholly inside: where they are larger
  /// than ours, a span shares its first and last one with neighbours.
  private func giveBack(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
    let mask = Int(pb_page_size()) &- 1
    let start = Int(bitPattern: address)
    let firstWhole = (start &+ mask) & ~mask
    let endWhole = (start &+ byteCount) & ~mask
    guard firstWhole < endWhole else { return pb_zero(address, byteCount) }
    pb_zero(address, firstWhole &- start)
    pb_discard(address + (firstWhole &- start), endWhole &- firstWhole)
    pb_zero(address + (endWhole &- start), start &+ byteCount &- endWhole)
  }
}
