import CPlatform

typealias CentralListRef = UnsafeMutablePointer<CentralList>

/// The middle tier, one for each size class: objects on their way between threads, and the class's spans.
///
/// ```
/// batches: [ 64 addresses | 64 addresses |       ]   whole batches, last in first out
/// spans:   ◇ ⇄ ◇ ⇄ ◇                                 those with something to hand out
/// ```
/// A full batch that a thread gives back stays whole for the next thread that wants one, wherever its objects come
/// from: this is how memory freed by other threads travels back. Only beyond the limit objects are put into their
/// spans. A span whose objects are all back goes to the page heap. Guarded by the lock before it.
struct CentralList {
  var batchCount: Int32 = 0
  let sizeClass: Int
  let facts: SizeClassFacts
  let pageHeap: PageHeapRef
  /// The batches' addresses, one batch behind the other.
  let batches: ThreadCacheRef.Slots
  var spans = SpanList()
  /// Batches that requests for a whole one could have used, and objects that found no room since the last request.
  var wantedBatches: Int32 = 1
  var spilled: Int32 = 0
  /// Who asked for a whole batch last, and since the last spill; if another thread than the one that spills, threads meet
  /// here, and few calls are better than short ones.
  var asker: ThreadCacheRef?
  /// Fewest batches since the purging thread's window began: so many nobody needed.
  var fewestBatches: Int32 = 0
  /// All spans of the class, in the list or not.
  var spanBytes = 0
  /// Batches that this much memory allows: kept, since a division would be a good part of what a spill costs.
  var allowedBatches: Int32 = 0
  var statistics = CentralStatistics()

  static var leastBatchBytes: Int { 64 << 10 }
  /// A sixty-fourth.
  static var aheadShift: Int { 6 }
  static var mostAhead: Int { 16 << 10 }
  var batchBytes: Int { Int(facts.batch) &* Int(facts.objectSize) }
  /// Whole pairs of cache lines, so that classes don't share one.
  static var stride: Int { (PrefixLock.byteCount + MemoryLayout<CentralList>.size + 127) & ~127 }

  /// Fresh memory that is to be populated before it is used.
  struct Ahead {
    var address: UnsafeMutableRawPointer?
    var byteCount = 0
  }
}

extension CentralListRef {
  func acquire() {
    if PrefixLock.acquire(before: self) { pointee.statistics.lockWaits &+= 1 }
  }
  func release() { PrefixLock.release(before: self) }

  /// Writes up to `count` ≥ 1 objects or a whole batch to `slots`, at least one: whoever takes them from behind gets
  /// rising addresses. - Returns: how many; 0 when out of memory.
  ///
  /// A request for a full batch gets a whole one if there is one. Else objects are collected from spans.
  func fetch(into slots: ThreadCacheRef.Slots, _ count: Int, for asker: ThreadCacheRef? = nil) -> Int {
    acquire()
    if count >= Int(pointee.facts.batch) {
      pointee.spilled = 0
      pointee.asker = asker
      if pointee.batchCount > 0 {
        popBatch(into: slots)
        release()
        return Int(pointee.facts.batch)
      }
      pointee.wantedBatches = Swift.min(pointee.wantedBatches &+ 1, pointee.facts.largestBatchCount)
    }
    while true {
      var ahead = CentralList.Ahead()
      var taken = takeFromSpans(into: slots, count, &ahead)
      // A small request with whole batches only: take one all the same, before new memory.
      if taken == 0, pointee.batchCount > 0 {
        popBatch(into: slots)
        taken = Int(pointee.facts.batch)
      }
      if taken > 0 {
        release()
        if let address = ahead.address { pb_populate(address, ahead.byteCount) }
        return taken
      }
      release()
      guard let span = pointee.pageHeap.allocateSmall(pointee.sizeClass, pointee.facts) else { return 0 }
      acquire()
      pointee.statistics.spansTaken &+= 1
      addBytes(span.pointee.byteCount)
      pointee.spans.insert(span)
    }
  }

  private func popBatch(into slots: ThreadCacheRef.Slots) {
    slots.update(from: popBatch(), count: Int(pointee.facts.batch))
  }

  /// Takes the last batch off, which stays readable until another one is stored.
  func popBatch() -> ThreadCacheRef.Slots {
    pointee.batchCount &-= 1
    pointee.fewestBatches = Swift.min(pointee.fewestBatches, pointee.batchCount)
    pointee.statistics.batchesOut &+= 1
    return pointee.batches + Int(pointee.batchCount) &* Int(pointee.facts.batch)
  }

  /// Up to `count` objects of spans. Where the first has less than half of what is wanted, others add theirs.
  private func takeFromSpans(into slots: ThreadCacheRef.Slots, _ count: Int, _ ahead: inout CentralList.Ahead) -> Int {
    var taken = 0
    while taken < (count &+ 1) / 2, let span = pointee.spans.first {
      taken &+= span.take(into: slots + taken, atMost: count &- taken, pointee.facts)
      if span.pointee.isExhausted { pointee.spans.remove(span) }
      lookAhead(span, &ahead)
    }
    pointee.statistics.objectsOut &+= taken
    return taken
  }

  /// Notes what memory to get ahead of its use, when a fresh span has more carved than was touched: a call of the system
  /// for some pages costs half of what a fault for each does, and most allocations are spared both. It is at most a part
  /// of what the class has, so that resident memory hardly shows it.
  private func lookAhead(_ span: SpanRef, _ ahead: inout CentralList.Ahead) {
    let carved = Int(span.pointee.carved) &* Int(pointee.facts.objectSize)
    let touched = Int(span.pointee.touched)
    guard carved > touched else { return }
    let most = Int(span.pointee.capacity) &* Int(pointee.facts.objectSize)
    let length = Swift.min(pointee.spanBytes &>> CentralList.aheadShift, CentralList.mostAhead)
    let end = Swift.min(touched &+ length, most)
    if end > carved {
      ahead.address = span.pointee.address + touched
      ahead.byteCount = end &- touched
    }
    span.pointee.touched = Int32(truncatingIfNeeded: Swift.max(end, carved))
  }
}
