import CPlatform

/// How objects come back from threads.
extension CentralListRef {
  /// Brings the objects' spans near, all at the same time, before the lock is had.
  private func prefetchSpans(_ objects: ThreadCacheRef.Slots, _ count: Int) {
    let map = pointee.pageHeap.pointee.map
    for index in 0..<count { pb_prefetch(map.span(at: Page.index(of: objects[index].unsafelyUnwrapped))) }
  }

  /// Takes back a whole batch as it is, if there is room; or into its spans, where other threads may be waiting; or else
  /// `count` other objects. - Returns: whether it took the batch.
  func takeBatch(
    _ batch: ThreadCacheRef.Slots, orFew few: ThreadCacheRef.Slots, _ count: Int, of giver: ThreadCacheRef
  ) -> Bool {
    prefetchSpans(few, count)
    acquire()
    let batchSize = Int(pointee.facts.batch)
    if pointee.batchCount < batchLimit {
      (pointee.batches + Int(pointee.batchCount) &* batchSize).update(from: batch, count: batchSize)
      pointee.batchCount &+= 1
      pointee.statistics.batchesIn &+= 1
      release()
      return true
    }
    let takesBatch = pointee.asker.map { $0 != giver } ?? false
    pointee.asker = nil
    noteSpill(takesBatch ? batchSize : count)
    putAndRelease(takesBatch ? batch : few, takesBatch ? batchSize : count)
    return takesBatch
  }

  /// Puts objects into their spans: O(count).
  func take(_ objects: ThreadCacheRef.Slots, _ count: Int) {
    acquire()
    putAndRelease(objects, count)
  }

  private func putAndRelease(_ objects: ThreadCacheRef.Slots, _ count: Int) {
    let empty = putIntoSpans(objects, count, nil)
    release()
    if let empty { pointee.pageHeap.freeSmall(empty) }
  }

  /// Puts all whole batches into their spans.
  func flush() {
    acquire()
    var empty: SpanRef?
    while pointee.batchCount > 0 { empty = putIntoSpans(popBatch(), Int(pointee.facts.batch), empty) }
    release()
    if let empty { pointee.pageHeap.freeSmall(empty) }
  }

  /// Ends a window (see `DiscardPolicy`): puts the batches that nobody needed in it into their spans, and those beyond the
  /// limit, which shrinks with the class. One at a time with the lock.
  func flushIdle() {
    acquire()
    var left = Swift.max(pointee.fewestBatches, pointee.batchCount &- batchLimit)
    while left > 0, pointee.batchCount > 0 {
      left &-= 1
      putAndRelease(popBatch(), Int(pointee.facts.batch))
      acquire()
    }
    pointee.fewestBatches = pointee.batchCount
    release()
  }

  /// Batches that the class may hold now: as many as threads lately missed, within a sixteenth of the class's memory or
  /// ``CentralList/leastBatchBytes``. So they never are much of a heap, and hardly any are left to pin the spans of one
  /// that drains. (gperftools: up to 1 MiB for each class.)
  var batchLimit: Int32 { Swift.min(pointee.allowedBatches, pointee.wantedBatches) }

  /// Counts memory that the class has got, or given back if negative, and what follows for its batches.
  func addBytes(_ bytes: Int) {
    pointee.spanBytes &+= bytes
    let most = Swift.max(pointee.spanBytes &>> 4, CentralList.leastBatchBytes)
    pointee.allowedBatches = Int32(truncatingIfNeeded: most / pointee.batchBytes)
  }

  /// Counts the objects that are spilled for want of room. Twice as many as there are in the batches wanted, and no thread
  /// has asked for one: fewer are wanted.
  private func noteSpill(_ count: Int) {
    pointee.spilled &+= Int32(truncatingIfNeeded: count)
    guard pointee.spilled > pointee.wantedBatches &* pointee.facts.batch &* 2 else { return }
    pointee.spilled = 0
    pointee.wantedBatches &>>= 1
  }

  /// - Returns: `empty` with those spans in front that now hold none.
  private func putIntoSpans(_ objects: ThreadCacheRef.Slots, _ count: Int, _ empty: SpanRef?) -> SpanRef? {
    var empty = empty
    let map = pointee.pageHeap.pointee.map
    for index in 0..<count {
      let object = objects[index].unsafelyUnwrapped
      guard let owner = map.span(at: Page.index(of: object)) else {
        pb_fail_pointer("a pointer that was freed is not of this heap", object)
      }
      let wasExhausted = owner.pointee.isExhausted
      owner.put(object, pointee.facts)
      if wasExhausted { pointee.spans.insert(owner) }
      guard owner.pointee.live == 0 else { continue }
      pointee.spans.remove(owner)
      owner.pointee.next = empty
      empty = owner
      pointee.statistics.spansReturned &+= 1
      addBytes(-owner.pointee.byteCount)
    }
    pointee.statistics.objectsIn &+= count
    return empty
  }
}
