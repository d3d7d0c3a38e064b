import CPlatform

/// SLUB's CPU layer up to 2025: each lane has one slab for itself, whose free objects it has taken as a list, and some
/// partial slabs behind it.
///
/// ```
/// lane     list ──► ◻ ──► ◻           slab ──► ◇ (frozen; what others free lies in its own list)
///          partial ──► ◇ ──► ◇        frozen, at most `lanePartialSlabs`
/// cache    ◇ ⇄ ◇ ⇄ ◇                  under its lock
/// ```
/// Alloc: pop from `list`; 3 loads (list, number, the object's link) and the offset of the link, and one exchange of
/// list and **number** (Linux's `tid`, which makes each state of the pair another one). Free of an object of the lane's
/// own slab: the same the other way, plus finding the slab. Any other free pushes onto the slab's own list by an
/// exchange of 128 bits that all processors respect; only a slab that was full, or becomes empty, needs more.
///
/// In Linux a task may be moved to another CPU in the middle, hence the exchange and the number; a lane never is, so
/// that the exchange always succeeds here. It is kept for what it costs: cmpxchg16b without a lock prefix.
struct ClassicFront: BitwiseCopyable, SlabFront {
  var list: UnsafeMutableRawPointer?
  var number: UInt
  /// The lane's slab; nil when it has none.
  var slab: UnsafeMutableRawPointer?
  var partial: UnsafeMutableRawPointer?
  var partialCount: Int32
  var linkOffset: Int32

  /// Further apart than lanes could be, so that no two lanes' numbers meet: `TID_STEP`.
  static var numberStep: UInt { 1024 }

  static func initialize(_ lane: SlabLaneRef, _ offset: Int, number: Int, _ shared: UnsafeMutableRawPointer) {
    let linkOffset = Int32(truncatingIfNeeded: lane.cache(offset).pointee.linkOffset)
    lane.front(offset, as: Self.self).initialize(
      to: ClassicFront(number: UInt(bitPattern: number), partialCount: 0, linkOffset: linkOffset))
  }

  @inline(__always)
  private static func exchange(
    _ front: UnsafeMutablePointer<Self>, _ list: UnsafeMutableRawPointer?, _ next: UnsafeMutableRawPointer?
  ) -> Bool {
    let number = front.pointee.number
    return pb_exchange_own_pair(
      front, UInt64(UInt(bitPattern: list)), UInt64(number), UInt64(UInt(bitPattern: next)),
      UInt64(number &+ numberStep))
  }

  @inline(__always)
  static func allocate(_ lane: SlabLaneRef, _ offset: Int) -> UnsafeMutableRawPointer? {
    let front = lane.front(offset, as: Self.self)
    guard let object = front.pointee.list else { return allocateSlowly(lane, offset) }
    let next = object.load(fromByteOffset: Int(front.pointee.linkOffset), as: UnsafeMutableRawPointer?.self)
    return exchange(front, object, next) ? object : allocateSlowly(lane, offset)
  }

  @inline(__always)
  static func free(_ lane: SlabLaneRef, _ object: UnsafeMutableRawPointer, _ slab: PageFrame) {
    let front = lane.front(slab.frontOffset, as: Self.self)
    if front.pointee.slab == slab.raw {
      let list = front.pointee.list
      object.storeBytes(of: list, toByteOffset: Int(front.pointee.linkOffset), as: UnsafeMutableRawPointer?.self)
      if exchange(front, list, object) { return }
    }
    freeSlowly(lane, object, slab)
  }

  // MARK: Slow allocation

  /// (`___slab_alloc`)
  @inline(never)
  private static func allocateSlowly(_ lane: SlabLaneRef, _ offset: Int) -> UnsafeMutableRawPointer? {
    if offset == 0 { return SlabLaneRef.sentinel }
    let front = lane.front(offset, as: Self.self)
    let cache = lane.cache(offset)
    lane.statistics.pointee.misses &+= 1
    var wasPartial = false
    while true {
      if let raw = front.pointee.slab {
        if let list = takeReturns(PageFrame(raw: raw)) {
          if wasPartial {
            lane.statistics.pointee.lanePartials &+= 1
          } else {
            lane.statistics.pointee.ownReturns &+= 1
          }
          return take(list, front, cache)
        }
        front.pointee.slab = nil
      }
      guard let raw = front.pointee.partial else { break }
      wasPartial = true
      front.pointee.partial = PageFrame(raw: raw).nextPartial
      front.pointee.partialCount &-= 1
      front.pointee.slab = raw
    }
    if let list = takePartials(lane, front, cache) { return take(list, front, cache) }
    guard let made = cache.makeSlab(lane.pages) else { return nil }
    lane.statistics.pointee.newSlabs &+= 1
    made.slab.setFreed(nil, SlabCounters(inUse: made.count, objects: made.count, frozen: true))
    front.pointee.slab = made.slab.raw
    return take(made.first, front, cache)
  }

  /// Makes `list` the lane's and hands out its first object.
  private static func take(
    _ list: UnsafeMutableRawPointer, _ front: UnsafeMutablePointer<Self>, _ cache: SlabCacheRef
  ) -> UnsafeMutableRawPointer {
    front.pointee.list = cache.link(of: list)
    front.pointee.number &+= numberStep
    return list
  }

  /// What has been freed to the lane's slab. If nothing has, the slab is the lane's no longer: full, in no list.
  /// (`get_freelist`)
  private static func takeReturns(_ slab: PageFrame) -> UnsafeMutableRawPointer? {
    while true {
      let seen = slab.freed
      var counters = seen.counters
      counters.inUse = counters.objects
      counters.isFrozen = seen.list != nil
      if slab.exchangeFreed(seen, nil, counters) { return seen.list }
    }
  }

  /// Takes a slab from the cache, and further ones into the lane's partial slabs until half of what those may be is
  /// there; the free objects of the first. (`get_partial_node`)
  private static func takePartials(
    _ lane: SlabLaneRef, _ front: UnsafeMutablePointer<Self>, _ cache: SlabCacheRef
  ) -> UnsafeMutableRawPointer? {
    cache.locked {
      var first: UnsafeMutableRawPointer?
      while cache.pointee.partialCount > 0, Int(front.pointee.partialCount) <= cache.pointee.lanePartialSlabs / 2 {
        let slab = cache.pointee.partial.next
        cache.removePartial(slab)
        let isFirst = first == nil
        while true {
          let seen = slab.freed
          var counters = seen.counters
          counters.isFrozen = true
          if isFirst { counters.inUse = counters.objects }
          if slab.exchangeFreed(seen, isFirst ? nil : seen.list, counters) {
            if isFirst { first = seen.list }
            break
          }
        }
        if isFirst {
          lane.statistics.pointee.cachePartials &+= 1
          front.pointee.slab = slab.raw
        } else {
          slab.nextPartial = front.pointee.partial
          front.pointee.partial = slab.raw
          front.pointee.partialCount &+= 1
        }
      }
      return first
    }
  }

  static func flushShared(_ lane: SlabLaneRef, _ offset: Int) {}
  static func sharedBytes(lanes: Int) -> Int { 0 }
  static func initializeShared(_ memory: UnsafeMutableRawPointer, lanes: Int) {}

  static func list(_ sum: SlabStatistics, into counts: inout PoolCounts) {
    counts.add("lane.own-returns", sum.ownReturns)
    counts.add("lane.partials", sum.lanePartials)
    counts.add("lane.frozen-frees", sum.frozenFrees)
    counts.add("lane.full-frees", sum.fullFrees)
    counts.add("lane.spills", sum.spills)
    counts.add("cache.requests", sum.misses &- sum.ownReturns &- sum.lanePartials)
    counts.add("cache.misses", sum.newSlabs)
    counts.add("cache.partials", sum.cachePartials)
  }
}

extension PageFrame {
  /// Of a slab among a lane's partial ones: the next, in place of the links of the cache's list.
  var nextPartial: UnsafeMutableRawPointer? {
    get { raw.load(fromByteOffset: 16, as: UnsafeMutableRawPointer?.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: UnsafeMutableRawPointer?.self) }
  }
}
