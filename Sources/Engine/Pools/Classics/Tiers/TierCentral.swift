import CPlatform

/// The middle tier, one for each class: whole batches in transfer slots, and spans with a free object. A handle of its
/// state, whose lock lies before it.
///
/// ```
/// slots:  [ batch | batch |       ] limit … 64        whole batches, last in first out, in O(1)
/// spans:  ◇ ⇄ ◇ ⇄ ◇                                   those with a free object; the others are in no list
/// ```
/// A span counts its objects that are out; when none is, it goes to the page heap.
struct TierCentralRef<Profile: TierProfile> {
  let state: UnsafeMutablePointer<TierCentralState>
  let heap: TierHeapRef<Profile>

  private var pages: TierPagesRef<Profile> { heap.pages }

  private func acquire() {
    if PrefixLock.acquire(before: state) { state.pointee.statistics.lockWaits &+= 1 }
  }
  private func release() { PrefixLock.release(before: state) }

  // MARK: To threads

  /// Up to `count` ≥ 1 objects; none when out of memory. O(1) from a slot, else O(count).
  func fetch(_ count: Int) -> Chain {
    acquire()
    if Profile.hasTransferSlots, count == Int(state.pointee.facts.batch), state.pointee.used > 0 {
      state.pointee.used &-= 1
      state.pointee.statistics.slotsOut &+= 1
      let head = state.pointee.slots[Int(state.pointee.used)]
      release()
      return Chain(head: head, count: count)
    }
    if state.pointee.spans.first == nil {
      release()
      guard let span = makeSpan() else { return .empty }
      acquire()
      state.pointee.statistics.spansTaken &+= 1
      state.pointee.spans.insert(span)
    }
    let chain = takeFromSpans(count)
    release()
    return chain
  }

  /// From one span after the other, or from one alone where there are no slots whose batches must be whole.
  private func takeFromSpans(_ count: Int) -> Chain {
    var chain = Chain.empty
    while chain.count < count, let span = state.pointee.spans.first, let first = span.pointee.freed {
      var last = first
      var taken = 1
      while chain.count &+ taken < count, let next = last.link {
        last = next
        taken &+= 1
      }
      span.pointee.freed = last.link
      span.pointee.live &+= Int32(truncatingIfNeeded: taken)
      last.link = chain.head
      chain.head = first
      chain.count &+= taken
      if span.pointee.freed == nil { state.pointee.spans.remove(span) }
      if !Profile.hasTransferSlots { break }
    }
    return chain
  }

  /// A new span, all its objects linked in order of address. Without the lock.
  private func makeSpan() -> TierSpanRef? {
    let facts = state.pointee.facts
    guard let span = pages.allocateSmall(state.pointee.sizeClass, Int(facts.pages)) else { return nil }
    span.pointee.address.linkRun(count: facts.capacity, size: Int(facts.objectSize))
    span.pointee.freed = span.pointee.address
    return span
  }

  // MARK: From threads

  /// Takes back 1 or more objects. O(1) for a batch that finds a slot, else O(count).
  func take(_ chain: Chain) {
    acquire()
    if Profile.hasTransferSlots, chain.count == Int(state.pointee.facts.batch), makeRoom() {
      state.pointee.slots[Int(state.pointee.used)] = chain.head
      state.pointee.used &+= 1
      state.pointee.statistics.slotsIn &+= 1
      release()
      return
    }
    let empty = putIntoSpans(chain.head)
    release()
    if let empty { pages.freeSmall(empty) }
  }

  /// Whether a slot is free, if need be after taking one from another class: of the next class in turn if it has an
  /// empty one, else from the one after, full or not. Lets go of the lock meanwhile.
  private func makeRoom() -> Bool {
    if state.pointee.used < state.pointee.limit { return true }
    if state.pointee.limit == state.pointee.largestLimit { return false }
    release()
    let isTaken =
      heap.takeSlot(from: state.pointee.sizeClass, evenFull: false)
      || heap.takeSlot(from: state.pointee.sizeClass, evenFull: true)
    acquire()
    // Another thread may have been quicker.
    if isTaken, state.pointee.limit < state.pointee.largestLimit {
      state.pointee.limit &+= 1
      state.pointee.statistics.slotsStolen &+= 1
    }
    return state.pointee.used < state.pointee.limit
  }

  /// Gives a slot up; false if there is none, or a full one and `evenFull` is not said.
  func giveSlot(evenFull: Bool) -> Bool {
    acquire()
    var empty: TierSpanRef?
    let isFull = state.pointee.used == state.pointee.limit
    let gives = state.pointee.limit > 0 && (evenFull || !isFull)
    if gives {
      state.pointee.limit &-= 1
      if isFull {
        state.pointee.used &-= 1
        empty = putIntoSpans(state.pointee.slots[Int(state.pointee.used)])
      }
    }
    release()
    if let empty { pages.freeSmall(empty) }
    return gives
  }

  /// Puts objects back one by one. - Returns: the spans that now hold none, linked by `next`.
  private func putIntoSpans(_ head: UnsafeMutableRawPointer?) -> TierSpanRef? {
    var empty: TierSpanRef?
    var object = head
    while let current = object {
      object = current.link
      guard let span = heap.state.pointee.map.span(at: Page.index(of: current)), span.pointee.live > 0 else {
        pb_fail_pointer("not an object of this heap, or freed twice", current)
      }
      if span.pointee.freed == nil { state.pointee.spans.insert(span) }
      current.link = span.pointee.freed
      span.pointee.freed = current
      span.pointee.live &-= 1
      if span.pointee.live == 0 {
        state.pointee.spans.remove(span)
        span.pointee.next = empty
        empty = span
        state.pointee.statistics.spansReturned &+= 1
      }
    }
    return empty
  }
}

/// What a central list keeps; see `TierCentralRef`.
struct TierCentralState {
  /// Full slots, and those that it may use now and at most.
  var used: Int32 = 0
  var limit: Int32
  let largestLimit: Int32
  let sizeClass: Int
  let facts: TierClass
  let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  var spans = TierSpanList()
  var statistics = TierStatistics.Central()

  /// `kMaxNumTransferEntries`, and how many a class begins with; what all of a class's slots may hold.
  static var mostSlots: Int { 64 }
  private static var firstSlots: Int { 16 }
  private static var mostSlotBytes: Int { 1 << 20 }

  init(sizeClass: Int, facts: TierClass, slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
    self.sizeClass = sizeClass
    self.facts = facts
    self.slots = slots
    let most = max(Self.mostSlotBytes / (Int(facts.batch) * Int(facts.objectSize)), 1)
    largestLimit = Int32(min(most, Self.mostSlots))
    limit = min(largestLimit, Int32(Self.firstSlots))
  }

  /// Whole pairs of cache lines, so that classes don't share one.
  static var stride: Int { (PrefixLock.byteCount + MemoryLayout<TierCentralState>.size + 127) & ~127 }
}
