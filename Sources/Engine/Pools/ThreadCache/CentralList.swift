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
  /// Chains that requests for a whole one could have used, and batches that came without room since the last request.
  var wantedChains: Int32 = 1
  var spilled: Int32 = 0
  /// Fewest chains since the purging thread's window began: so many nobody needed.
  var fewestChains: Int32 = 0
  /// All spans of the class, in the list or not.
  var spanBytes = 0
  var statistics = CentralStatistics()

  static var leastChainBytes: Int { 64 << 10 }
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

  /// Up to `count` ≥ 1 objects, at least one; empty when out of memory.
  ///
  /// A request for a full batch gets a whole chain if there is one: O(1). Else objects are collected from spans, or
  /// a run of untouched ones is cut from one.
  func fetch(_ count: Int) -> Chain {
    acquire()
    if count >= Int(pointee.facts.batch) {
      pointee.spilled = 0
      if pointee.chainCount > 0 {
        let chain = popChain()
        release()
        return chain
      }
      pointee.wantedChains = Swift.min(pointee.wantedChains &+ 1, pointee.facts.largestChainCount)
    }
    while true {
      let chain = takeFromSpans(count)
      if chain.count > 0 || pointee.chainCount > 0 {
        // A small request with whole chains only: take one all the same, before new memory.
        let result = chain.count > 0 ? chain : popChain()
        release()
        return result
      }
      release()
      guard let span = pointee.pageHeap.allocateSmall(pointee.sizeClass, pointee.facts) else { return .empty }
      acquire()
      pointee.statistics.spansTaken &+= 1
      pointee.spanBytes &+= span.pointee.byteCount
      pointee.spans.insert(span)
    }
  }

  private func popChain() -> Chain {
    pointee.chainCount &-= 1
    pointee.fewestChains = Swift.min(pointee.fewestChains, pointee.chainCount)
    pointee.statistics.chainsOut &+= 1
    return Chain(head: pointee.chains[Int(pointee.chainCount)], count: Int(pointee.facts.batch))
  }

  private func takeFromSpans(_ count: Int) -> Chain {
    var chain = Chain.empty
    // A run stays alone, however short: nothing can be linked to objects that have no links yet.
    while chain.count < count, !chain.isRun, let span = pointee.spans.first {
      if let first = span.pointee.freed {
        var last = first
        var taken = 1
        while chain.count &+ taken < count, let next = last.link {
          last = next
          taken &+= 1
        }
        span.pointee.freed = last.link
        last.link = chain.head
        chain.head = first
        chain.count &+= taken
        span.pointee.live &+= Int32(truncatingIfNeeded: taken)
      } else if chain.count == 0 {
        chain = takeRun(span, count)
      } else {
        break
      }
      if span.pointee.isExhausted { pointee.spans.remove(span) }
    }
    pointee.statistics.objectsOut &+= chain.count
    return chain
  }

  private func takeRun(_ span: SpanRef, _ count: Int) -> Chain {
    let carved = Int(span.pointee.carved)
    let taken = Swift.min(count, Int(span.pointee.capacity) &- carved)
    span.pointee.carved &+= Int32(truncatingIfNeeded: taken)
    span.pointee.live &+= Int32(truncatingIfNeeded: taken)
    return Chain(
      head: span.pointee.address + carved &* Int(pointee.facts.objectSize), count: taken, isRun: true)
  }

  // MARK: From threads

  /// Takes back a chain (no run) of 1 or more objects. O(1) for a whole batch while there is room, else O(count).
  ///
  /// - Parameter keepsChain: false puts its objects into their spans at once.
  func take(_ chain: Chain, keepsChain: Bool = true) {
    acquire()
    let isBatch = keepsChain && chain.count == Int(pointee.facts.batch)
    if isBatch, pointee.chainCount < chainLimit {
      pointee.chains[Int(pointee.chainCount)] = chain.head
      pointee.chainCount &+= 1
      pointee.statistics.chainsIn &+= 1
      release()
      return
    }
    if isBatch { noteSpill() }
    var empty = putIntoSpans(chain, nil)
    // The limit may have shrunk: two older chains with each new one, until it is met.
    var extra = 2
    while extra > 0, pointee.chainCount > chainLimit {
      empty = putIntoSpans(popChain(), empty)
      extra &-= 1
    }
    release()
    if let empty { pointee.pageHeap.freeSmall(empty) }
  }

  /// Puts all whole chains into their spans.
  func flush() {
    acquire()
    var empty: SpanRef?
    while pointee.chainCount > 0 { empty = putIntoSpans(popChain(), empty) }
    release()
    if let empty { pointee.pageHeap.freeSmall(empty) }
  }

  /// Ends a window (see `DiscardPolicy`): puts the chains that nobody needed in it into their spans, one at a time with
  /// the lock.
  func flushIdle() {
    acquire()
    var left = pointee.fewestChains
    while left > 0, pointee.chainCount > 0 {
      left &-= 1
      let empty = putIntoSpans(popChain(), nil)
      release()
      if let empty { pointee.pageHeap.freeSmall(empty) }
      acquire()
    }
    pointee.fewestChains = pointee.chainCount
    release()
  }

  /// Chains that the class may hold now: as many as threads lately missed, within a sixteenth of the class's memory or
  /// 64 KiB. So they never are much of a heap, and hardly any are left to pin the spans of one that drains.
  /// (gperftools: up to 1 MiB for each class.)
  var chainLimit: Int32 {
    let bytes = Swift.max(pointee.spanBytes &>> 4, CentralList.leastChainBytes)
    return Swift.min(Int32(truncatingIfNeeded: bytes / pointee.batchBytes), pointee.wantedChains)
  }

  /// Counts a batch that found no room. Twice as many as the chains wanted, and no thread has asked for one: fewer
  /// are wanted.
  private func noteSpill() {
    pointee.spilled &+= 1
    guard pointee.spilled > pointee.wantedChains &* 2 else { return }
    pointee.spilled = 0
    pointee.wantedChains &>>= 1
  }

  /// Puts objects back one by one. - Returns: `empty` with those spans in front that now hold none.
  private func putIntoSpans(_ chain: Chain, _ empty: SpanRef?) -> SpanRef? {
    var empty = empty
    var object = chain.head
    // Neighbours in a chain often are of one span: its bounds spare the look-up.
    var span: SpanRef?
    var start = 0
    var length = 0
    while let current = object {
      object = current.link
      if UInt(bitPattern: Int(bitPattern: current) &- start) >= UInt(bitPattern: length) {
        guard let found = pointee.pageHeap.pointee.map.span(at: Page.index(of: current)) else {
          pb_fail_pointer("a pointer that was freed is not of this heap", current)
        }
        span = found
        start = Int(bitPattern: found.pointee.address)
        length = found.pointee.byteCount
      }
      let owner = span.unsafelyUnwrapped
      if owner.pointee.isExhausted { pointee.spans.insert(owner) }
      current.link = owner.pointee.freed
      owner.pointee.freed = current
      owner.pointee.live &-= 1
      if owner.pointee.live == 0 {
        pointee.spans.remove(owner)
        owner.pointee.next = empty
        empty = owner
        pointee.statistics.spansReturned &+= 1
        pointee.spanBytes &-= owner.pointee.byteCount
        length = 0
      } else if owner.pointee.live < 0 {
        pb_fail_pointer("an object was freed twice", current)
      }
    }
    pointee.statistics.objectsIn &+= chain.count
    return empty
  }
}
