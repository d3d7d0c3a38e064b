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
    release()
  }

  /// Gives all free memory back to the system; the lock is not held.
  func purge() {
    acquire()
    while let span = pointee.dirty.longest { discard(span, atMost: span.pointee.pageCount) }
    pointee.policy.restart()
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
    pointee.policy.gaveBack(count, at: pb_now_ns())
    pointee.statistics.discards &+= 1
    pointee.statistics.discardedPages &+= count
    release()
    pb_discard(span.pointee.address, span.pointee.byteCount)
    acquire()
    span.pointee.state = .clean
    span.pointee.wasDiscarded = true
    mergeAndInsert(span)
    return count
  }
}
