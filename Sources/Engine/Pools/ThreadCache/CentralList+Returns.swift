import CPlatform

/// How objects come back from threads.
extension CentralListRef {
  /// Takes back a batch as it is, if there is room: O(1). Else puts it into its spans, where other threads may be waiting;
  /// or only `count` objects of `other`, which it takes off it. - Returns: whether it took the batch.
  func takeWhole(
    _ batch: UnsafeMutableRawPointer?, orFrom other: inout UnsafeMutableRawPointer?, _ count: Int
  ) -> Bool {
    acquire()
    if pointee.chainCount < chainLimit {
      pointee.chains[Int(pointee.chainCount)] = batch
      pointee.chainCount &+= 1
      pointee.statistics.chainsIn &+= 1
      release()
      return true
    }
    if pointee.isWanted {
      pointee.isWanted = false
      noteSpill(Int(pointee.facts.batch))
      var rest = batch
      putAndRelease(&rest, Int(pointee.facts.batch))
      return true
    }
    noteSpill(count)
    putAndRelease(&other, count)
    return false
  }

  /// Puts the first `count` objects of a chain into their spans, and takes them off it: O(count).
  func take(_ head: inout UnsafeMutableRawPointer?, _ count: Int) {
    acquire()
    putAndRelease(&head, count)
  }

  private func putAndRelease(_ head: inout UnsafeMutableRawPointer?, _ count: Int) {
    let empty = putIntoSpans(&head, count, nil)
    release()
    if let empty { pointee.pageHeap.freeSmall(empty) }
  }

  /// Puts all whole chains into their spans.
  func flush() {
    acquire()
    var empty: SpanRef?
    while pointee.chainCount > 0 { empty = putChainIntoSpans(empty) }
    release()
    if let empty { pointee.pageHeap.freeSmall(empty) }
  }

  /// Ends a window (see `DiscardPolicy`): puts the chains that nobody needed in it into their spans, and those beyond the
  /// limit, which shrinks with the class. One at a time with the lock.
  func flushIdle() {
    acquire()
    var left = Swift.max(pointee.fewestChains, pointee.chainCount &- chainLimit)
    while left > 0, pointee.chainCount > 0 {
      left &-= 1
      let empty = putChainIntoSpans(nil)
      release()
      if let empty { pointee.pageHeap.freeSmall(empty) }
      acquire()
    }
    pointee.fewestChains = pointee.chainCount
    release()
  }

  private func putChainIntoSpans(_ empty: SpanRef?) -> SpanRef? {
    let chain = popChain()
    var head = chain.head
    return putIntoSpans(&head, chain.count, empty)
  }

  /// Chains that the class may hold now: as many as threads lately missed, within a sixteenth of the class's memory or
  /// ``CentralList/leastChainBytes``. So they never are much of a heap, and hardly any are left to pin the spans of one that
  /// drains. (gperftools: up to 1 MiB for each class.)
  var chainLimit: Int32 { Swift.min(pointee.allowedChains, pointee.wantedChains) }

  /// Counts memory that the class has got, or given back if negative, and what follows for its chains.
  func addBytes(_ bytes: Int) {
    pointee.spanBytes &+= bytes
    let most = Swift.max(pointee.spanBytes &>> 4, CentralList.leastChainBytes)
    pointee.allowedChains = Int32(truncatingIfNeeded: most / pointee.batchBytes)
  }

  /// Counts the objects that are spilled for want of room. Twice as many as there are in the chains wanted, and no thread
  /// has asked for one: fewer are wanted.
  private func noteSpill(_ count: Int) {
    pointee.spilled &+= Int32(truncatingIfNeeded: count)
    guard pointee.spilled > pointee.wantedChains &* pointee.facts.batch &* 2 else { return }
    pointee.spilled = 0
    pointee.wantedChains &>>= 1
  }

  /// Brings the spans of a chain's first objects near, all at the same time.
  private func prefetchSpans(_ head: UnsafeMutableRawPointer, _ count: Int) {
    let map = pointee.pageHeap.pointee.map
    var object = head
    for _ in 1..<count {
      pb_prefetch(map.span(at: Page.index(of: object)))
      guard let next = object.link else { return }
      object = next
    }
    pb_prefetch(map.span(at: Page.index(of: object)))
  }

  /// Puts the first `count` objects of a chain, which has as many, back, and takes them off it.
  /// - Returns: `empty` with those spans in front that now hold none.
  private func putIntoSpans(_ head: inout UnsafeMutableRawPointer?, _ count: Int, _ empty: SpanRef?) -> SpanRef? {
    var empty = empty
    var left = count
    // How many are looked ahead at: their spans are as far off as the objects are from each other.
    let stride = 8
    while left > 0, let first = head {
      if left & (stride &- 1) == 0 { prefetchSpans(first, stride) }
      guard let owner = pointee.pageHeap.pointee.map.span(at: Page.index(of: first)) else {
        pb_fail_pointer("a pointer that was freed is not of this heap", first)
      }
      // Neighbours in a chain often are of one span: they stay linked, and in their order, in which a processor that takes
      // them finds the next one before it is asked for.
      let start = Int(bitPattern: owner.pointee.address)
      let length = UInt(bitPattern: owner.pointee.byteCount)
      var last = first
      var taken = 1
      head = first.link
      while taken < left, let next = head, UInt(bitPattern: Int(bitPattern: next) &- start) < length {
        last = next
        taken &+= 1
        head = next.link
      }
      left &-= taken
      if owner.pointee.isExhausted { pointee.spans.insert(owner) }
      last.link = owner.pointee.freed
      owner.pointee.freed = first
      owner.pointee.live &-= Int32(truncatingIfNeeded: taken)
      if owner.pointee.live == 0 {
        pointee.spans.remove(owner)
        owner.pointee.next = empty
        empty = owner
        pointee.statistics.spansReturned &+= 1
        addBytes(-owner.pointee.byteCount)
      } else if owner.pointee.live < 0 {
        pb_fail_pointer("an object was freed twice", first)
      }
    }
    pointee.statistics.objectsIn &+= count
    return empty
  }
}
