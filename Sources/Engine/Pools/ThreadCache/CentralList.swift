import CPlatform

typealias CentralListRef = UnsafeMutablePointer<CentralList>

/// The middle tier, one for each size class: objects on their way between threads, and the class's spans.
///
/// ```
/// chains:  [ batch | batch | batch |       ]   whole chains, in and out in O(1), last in first out
/// spans:   ◇ ⇄ ◇ ⇄ ◇                           those with something to hand out
/// ```
/// A full batch that a thread gives back stays whole for the next thread that wants one, wherever its objects come
/// from: this is how memory freed by other threads travels back. Only beyond the limit objects are put into their
/// spans. A span whose objects are all back goes to the page heap. Guarded by the lock before it.
struct CentralList {
  var chainCount: Int32 = 0
  let sizeClass: Int
  let facts: SizeClassFacts
  let pageHeap: PageHeapRef
  let chains: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  var spans = SpanList()
  /// Chains that requests for a whole one could have used, and objects that found no room since the last request.
  var wantedChains: Int32 = 1
  var spilled: Int32 = 0
  /// Whether a whole chain was asked for since the last spill: then threads meet here, and few calls are better than short
  /// ones.
  var isWanted = false
  /// Fewest chains since the purging thread's window began: so many nobody needed.
  var fewestChains: Int32 = 0
  /// All spans of the class, in the list or not.
  var spanBytes = 0
  /// Chains that this much memory allows: kept, since a division would be a good part of what a spill costs.
  var allowedChains: Int32 = 0
  var statistics = CentralStatistics()

  static var leastChainBytes: Int { 64 << 10 }
  /// A thirty-second.
  static var aheadShift: Int { 5 }
  var batchBytes: Int { Int(facts.batch) &* Int(facts.objectSize) }
  /// Whole pairs of cache lines, so that classes don't share one.
  static var stride: Int { (PrefixLock.byteCount + MemoryLayout<CentralList>.size + 127) & ~127 }
}

extension CentralListRef {
  func acquire() {
    if PrefixLock.acquire(before: self) { pointee.statistics.lockWaits &+= 1 }
  }
  func release() { PrefixLock.release(before: self) }

  // MARK: To threads

  /// Up to `count` ≥ 1 objects or a whole chain, at least one; empty when out of memory.
  ///
  /// A request for a full batch gets a whole chain if there is one: O(1). Else objects are collected from spans, or
  /// a run of untouched ones is cut from one.
  func fetch(_ count: Int) -> Chain {
    acquire()
    if count >= Int(pointee.facts.batch) {
      pointee.spilled = 0
      pointee.isWanted = true
      if pointee.chainCount > 0 {
        let chain = popChain()
        release()
        return chain
      }
      pointee.wantedChains = Swift.min(pointee.wantedChains &+ 1, pointee.facts.largestChainCount)
    }
    while true {
      var chain = takeFromSpans(count)
      // A small request with whole chains only: take one all the same, before new memory.
      if chain.count == 0, pointee.chainCount > 0 { chain = popChain() }
      if chain.count > 0 {
        release()
        if chain.aheadBytes > 0 { pb_populate(chain.ahead, chain.aheadBytes) }
        return chain
      }
      release()
      guard let span = pointee.pageHeap.allocateSmall(pointee.sizeClass, pointee.facts) else { return .empty }
      acquire()
      pointee.statistics.spansTaken &+= 1
      addBytes(span.pointee.byteCount)
      pointee.spans.insert(span)
    }
  }

  func popChain() -> Chain {
    pointee.chainCount &-= 1
    pointee.fewestChains = Swift.min(pointee.fewestChains, pointee.chainCount)
    pointee.statistics.chainsOut &+= 1
    return Chain(head: pointee.chains[Int(pointee.chainCount)], count: Int(pointee.facts.batch))
  }

  /// Up to `count` objects of spans; empty when they have none.
  ///
  /// Free objects are out of the caches, and a walk along them waits for each: a span's that are few enough are taken
  /// without one. Only where they are less than half of what is wanted, those of other spans are put before them.
  private func takeFromSpans(_ count: Int) -> Chain {
    guard let span = pointee.spans.first else { return .empty }
    guard span.pointee.freed != nil else { return takeRun(span, count) }
    var chain = takeFreed(span, atMost: count)
    while chain.count < (count &+ 1) / 2, let span = pointee.spans.first, let first = span.pointee.freed {
      let (last, taken) = first.walk(count &- chain.count)
      noteTaken(span, taken, rest: last.link)
      last.link = chain.head
      chain.head = first
      chain.count &+= taken
    }
    return chain
  }

  /// All free objects of a span if they are no more than `count`, else the first ones.
  private func takeFreed(_ span: SpanRef, atMost count: Int) -> Chain {
    let head = span.pointee.freed.unsafelyUnwrapped
    let free = Int(span.pointee.carved &- span.pointee.live)
    if free <= count {
      noteTaken(span, free, rest: nil)
      return Chain(head: head, count: free)
    }
    let (last, taken) = head.walk(count)
    noteTaken(span, taken, rest: last.link)
    last.link = nil
    return Chain(head: head, count: taken)
  }

  private func noteTaken(_ span: SpanRef, _ count: Int, rest: UnsafeMutableRawPointer?) {
    span.pointee.freed = rest
    span.pointee.live &+= Int32(truncatingIfNeeded: count)
    if span.pointee.isExhausted { pointee.spans.remove(span) }
    pointee.statistics.objectsOut &+= count
  }

  private func takeRun(_ span: SpanRef, _ count: Int) -> Chain {
    let carved = Int(span.pointee.carved)
    let taken = Swift.min(count, Int(span.pointee.capacity) &- carved)
    span.pointee.carved &+= Int32(truncatingIfNeeded: taken)
    noteTaken(span, taken, rest: nil)
    var chain = Chain(
      head: span.pointee.address + carved &* Int(pointee.facts.objectSize), count: taken, isRun: true)
    lookAhead(span, &chain)
    return chain
  }

  /// Notes what memory to get ahead of its use, when a fresh span has more carved than was touched: a call of the system
  /// for some pages costs half of what a fault for each does, and most allocations are spared both. It is at most a part
  /// of what the class has, so that resident memory hardly shows it.
  private func lookAhead(_ span: SpanRef, _ chain: inout Chain) {
    let carved = Int(span.pointee.carved) &* Int(pointee.facts.objectSize)
    let touched = Int(span.pointee.touched)
    guard carved > touched else { return }
    let most = Int(span.pointee.capacity) &* Int(pointee.facts.objectSize)
    let end = Swift.min(touched &+ pointee.spanBytes &>> CentralList.aheadShift, most)
    if end > carved {
      chain.ahead = span.pointee.address + touched
      chain.aheadBytes = end &- touched
    }
    span.pointee.touched = Int32(truncatingIfNeeded: Swift.max(end, carved))
  }
}
