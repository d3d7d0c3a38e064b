/// Frees of objects that are not of the lane's own slab, and giving slabs up.
extension ClassicFront {
  /// (`__slab_free`)
  @inline(never)
  static func freeSlowly(_ lane: SlabLaneRef, _ object: UnsafeMutableRawPointer, _ slab: PageFrame) {
    let offset = slab.frontOffset
    let cache = lane.cache(offset)
    lane.statistics.pointee.slowFrees &+= 1
    while true {
      let seen = slab.freed
      var counters = seen.counters
      counters.inUse &-= 1
      if !seen.counters.isFrozen, counters.inUse == 0, seen.list != nil {
        if freeLast(lane, cache, object, slab) { return }
        continue
      }
      // A full slab is in no list: this lane takes it.
      let takes = !seen.counters.isFrozen && seen.list == nil
      if takes { counters.isFrozen = true }
      cache.setLink(of: object, seen.list)
      guard slab.exchangeFreed(seen, object, counters) else { continue }
      if takes {
        lane.statistics.pointee.fullFrees &+= 1
        keepPartial(lane, offset, slab)
      } else if seen.counters.isFrozen {
        lane.statistics.pointee.frozenFrees &+= 1
      }
      return
    }
  }

  /// Frees the last object in use of a slab that is in the cache's list, and discards the slab if the cache has enough.
  /// False, and nothing done, if that is not so any more.
  private static func freeLast(
    _ lane: SlabLaneRef, _ cache: SlabCacheRef, _ object: UnsafeMutableRawPointer, _ slab: PageFrame
  ) -> Bool {
    let outcome: (isDone: Bool, isDiscarded: Bool) = cache.locked {
      let seen = slab.freed
      var counters = seen.counters
      guard !counters.isFrozen, counters.inUse == 1, seen.list != nil else { return (false, false) }
      counters.inUse = 0
      cache.setLink(of: object, seen.list)
      guard slab.exchangeFreed(seen, object, counters) else { return (false, false) }
      if !cache.keepsEnough { return (true, false) }
      cache.removePartial(slab)
      return (true, true)
    }
    if outcome.isDiscarded { cache.discard(slab, lane.pages) }
    return outcome.isDone
  }

  /// Adds a frozen slab to the lane's partial ones; if they are enough, those go to the cache first.
  /// (`put_cpu_partial`)
  private static func keepPartial(_ lane: SlabLaneRef, _ offset: Int, _ slab: PageFrame) {
    let front = lane.front(offset, as: Self.self)
    if Int(front.pointee.partialCount) >= lane.cache(offset).pointee.lanePartialSlabs {
      lane.statistics.pointee.spills &+= 1
      releasePartials(lane, offset)
    }
    slab.nextPartial = front.pointee.partial
    front.pointee.partial = slab.raw
    front.pointee.partialCount &+= 1
  }

  /// Gives the lane's partial slabs to the cache; those without an object that are too many to the page lists.
  /// (`unfreeze_partials`)
  private static func releasePartials(_ lane: SlabLaneRef, _ offset: Int) {
    let front = lane.front(offset, as: Self.self)
    var slab = front.pointee.partial
    front.pointee.partial = nil
    front.pointee.partialCount = 0
    while let raw = slab {
      slab = PageFrame(raw: raw).nextPartial
      release(lane, offset, PageFrame(raw: raw), returning: nil)
    }
  }

  /// Ends a slab's being frozen and puts back the lane's list of its objects. (`deactivate_slab`)
  private static func release(
    _ lane: SlabLaneRef, _ offset: Int, _ slab: PageFrame, returning list: UnsafeMutableRawPointer?
  ) {
    let cache = lane.cache(offset)
    var (count, last) = (0, list)
    if let list {
      count = 1
      var object = list
      while let next = cache.link(of: object) {
        object = next
        count &+= 1
      }
      last = object
    }
    let isDiscarded = cache.locked {
      while true {
        let seen = slab.freed
        var counters = seen.counters
        counters.isFrozen = false
        counters.inUse &-= count
        if let last { cache.setLink(of: last, seen.list) }
        guard slab.exchangeFreed(seen, list ?? seen.list, counters) else { continue }
        if counters.inUse == 0, cache.keepsEnough { return true }
        if list ?? seen.list != nil { cache.insertPartial(slab, atEnd: list == nil) }
        return false
      }
    }
    if isDiscarded { cache.discard(slab, lane.pages) }
  }

  static func flush(_ lane: SlabLaneRef, _ offset: Int) {
    let front = lane.front(offset, as: Self.self)
    if let raw = front.pointee.slab {
      let list = front.pointee.list
      front.pointee.list = nil
      front.pointee.slab = nil
      front.pointee.number &+= numberStep
      release(lane, offset, PageFrame(raw: raw), returning: list)
    }
    releasePartials(lane, offset)
  }
}
