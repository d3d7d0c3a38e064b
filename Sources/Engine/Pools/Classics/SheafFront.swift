import CPlatform

/// SLUB's CPU layer of 2026: each lane has two arrays of pointers to free objects, and a cache's barn has more.
///
/// ```
/// lane     main: [◻ ◻ ◻ ◻ ·  ·  ·]    spare: [◻ ◻ ◻ ◻ ◻ ◻ ◻] or empty
/// barn     full: ▣ ► ▣ ► …  (≤ 10)     empty: ▢ ► ▢                     under its lock
/// cache    ◇ ⇄ ◇ ⇄ ◇                   slabs with free objects            under its lock
/// ```
/// Alloc: 3 loads (main, its size, the object's address) and 1 store, the object itself untouched. Free: the object's
/// slab, which names the cache, then 3 loads and 2 stores. No exchange, no lock. A sheaf that runs out or is full is
/// swapped with the spare, else exchanged with the barn; only where the barn has no full one (or ten) do objects come
/// from slabs (or go to them), a sheaf at a time under the cache's lock.
///
/// What differs from the original: slabs are changed under the cache's lock alone, in place of exchanges of 128 bits
/// beside it, for objects reach them a sheaf at a time; no NUMA nodes, no RCU sheaves, no locks against interrupts.
struct SheafFront: BitwiseCopyable, SlabFront {
  var main: UnsafeMutableRawPointer
  var spare: UnsafeMutableRawPointer?
  /// 0 until the lane first uses the cache: `main` is then both empty and full.
  var capacity: Int
  let barn: BarnRef

  @inline(__always)
  static func allocate(_ lane: SlabLaneRef, _ offset: Int) -> UnsafeMutableRawPointer? {
    let front = lane.front(offset, as: Self.self)
    let main = Sheaf(raw: front.pointee.main)
    let size = main.size
    if size == 0 { return allocateSlowly(lane, offset) }
    main.size = size &- 1
    return main[size &- 1]
  }

  @inline(__always)
  static func free(_ lane: SlabLaneRef, _ object: UnsafeMutableRawPointer, _ slab: PageFrame) {
    let front = lane.front(slab.frontOffset, as: Self.self)
    let main = Sheaf(raw: front.pointee.main)
    let size = main.size
    if size == front.pointee.capacity { return freeSlowly(lane, object, slab) }
    main[size] = object
    main.size = size &+ 1
  }

  // MARK: Slow paths

  /// The lane's first use of the cache: an empty sheaf.
  private static func begin(_ front: UnsafeMutablePointer<Self>) {
    let barn = front.pointee.barn
    front.pointee.main = barn.takeEmpty().raw
    front.pointee.capacity = Sheaf.capacity(bytes: barn.pointee.sheafBytes)
  }

  /// (`__pcs_replace_empty_main`)
  @inline(never)
  private static func allocateSlowly(_ lane: SlabLaneRef, _ offset: Int) -> UnsafeMutableRawPointer? {
    if offset == 0 { return SlabLaneRef.sentinel }
    let front = lane.front(offset, as: Self.self)
    lane.statistics.pointee.misses &+= 1
    if front.pointee.capacity == 0 { begin(front) }
    let main = Sheaf(raw: front.pointee.main)
    if let raw = front.pointee.spare, Sheaf(raw: raw).size > 0 {
      lane.statistics.pointee.swaps &+= 1
      front.pointee.spare = main.raw
      front.pointee.main = raw
    } else if let full = front.pointee.barn.exchangeEmpty(main) {
      lane.statistics.pointee.exchanges &+= 1
      front.pointee.main = full.raw
    } else {
      lane.statistics.pointee.fills &+= 1
      fill(lane, offset, main, front.pointee.capacity)
    }
    let filled = Sheaf(raw: front.pointee.main)
    if filled.size == 0 { return nil }
    filled.size &-= 1
    return filled[filled.size]
  }

  /// (`__pcs_replace_full_main`)
  @inline(never)
  private static func freeSlowly(_ lane: SlabLaneRef, _ object: UnsafeMutableRawPointer, _ slab: PageFrame) {
    let offset = slab.frontOffset
    let front = lane.front(offset, as: Self.self)
    let barn = front.pointee.barn
    lane.statistics.pointee.slowFrees &+= 1
    if front.pointee.capacity == 0 {
      begin(front)
    } else {
      let full = front.pointee.main
      let spare = front.pointee.spare.map(Sheaf.init(raw:)) ?? barn.takeEmpty()
      if spare.size < front.pointee.capacity {
        lane.statistics.pointee.swaps &+= 1
        front.pointee.main = spare.raw
        front.pointee.spare = full
      } else if let empty = barn.exchangeFull(Sheaf(raw: full)) {
        lane.statistics.pointee.exchanges &+= 1
        front.pointee.main = empty.raw
      } else {
        // The older of the two.
        lane.statistics.pointee.flushes &+= 1
        empty(lane, offset, spare)
        front.pointee.main = spare.raw
        front.pointee.spare = full
      }
    }
    let main = Sheaf(raw: front.pointee.main)
    main[main.size] = object
    main.size &+= 1
  }

  /// Fills an empty sheaf from slabs, as far as there is memory. (`refill_sheaf`)
  private static func fill(_ lane: SlabLaneRef, _ offset: Int, _ sheaf: Sheaf, _ capacity: Int) {
    let cache = lane.cache(offset)
    while true {
      cache.locked {
        while sheaf.size < capacity, cache.pointee.partialCount > 0 {
          takeObjects(cache, cache.pointee.partial.next, sheaf, capacity)
        }
      }
      if sheaf.size == capacity { return }
      guard let made = cache.makeSlab(lane.pages) else { return }
      lane.statistics.pointee.newSlabs &+= 1
      made.slab.setFreed(made.first, SlabCounters(inUse: 0, objects: made.count, frozen: false))
      cache.locked { cache.insertPartial(made.slab, atEnd: false) }
    }
  }

  /// Moves objects from a slab of the list into the sheaf; a slab left without one leaves the list.
  private static func takeObjects(_ cache: SlabCacheRef, _ slab: PageFrame, _ sheaf: Sheaf, _ capacity: Int) {
    var (list, counters) = slab.freed
    var size = sheaf.size
    let before = size
    while let object = list, size < capacity {
      list = cache.link(of: object)
      sheaf[size] = object
      size &+= 1
    }
    sheaf.size = size
    counters.inUse &+= size &- before
    slab.setFreed(list, counters)
    if list == nil { cache.removePartial(slab) }
  }

  /// Puts a sheaf's objects into their slabs, from the top down, so that a sheaf filled from them has them in the same
  /// order. (`sheaf_flush_unused`)
  private static func empty(_ lane: SlabLaneRef, _ offset: Int, _ sheaf: Sheaf) {
    let cache = lane.cache(offset)
    let map = lane.zone.map
    // Slabs that go, linked through their frames.
    let gone: PageFrame? = cache.locked {
      var gone: PageFrame?
      for index in (0..<sheaf.size).reversed() {
        let object = sheaf[index]
        guard let slab = map.frame(of: object).slab else { continue }
        var (list, counters) = slab.freed
        cache.setLink(of: object, list)
        counters.inUse &-= 1
        slab.setFreed(object, counters)
        if list == nil { cache.insertPartial(slab, atEnd: true) }
        if counters.inUse == 0, cache.keepsEnough {
          cache.removePartial(slab)
          slab.next = gone ?? slab
          gone = slab
        }
      }
      return gone
    }
    sheaf.size = 0
    var slab = gone
    while let current = slab {
      slab = current.next == current ? nil : current.next
      cache.discard(current, lane.pages)
    }
  }

  static func flush(_ lane: SlabLaneRef, _ offset: Int) {
    let front = lane.front(offset, as: Self.self)
    if front.pointee.capacity == 0 { return }
    let barn = front.pointee.barn
    giveUp(lane, offset, Sheaf(raw: front.pointee.main), barn)
    if let spare = front.pointee.spare { giveUp(lane, offset, Sheaf(raw: spare), barn) }
    front.initialize(to: SheafFront(before: barn, at: front))
  }

  static func flushShared(_ lane: SlabLaneRef, _ offset: Int) {
    let barn = lane.front(offset, as: Self.self).pointee.barn
    while let full = barn.takeFull() { giveUp(lane, offset, full, barn) }
  }

  private static func giveUp(_ lane: SlabLaneRef, _ offset: Int, _ sheaf: Sheaf, _ barn: BarnRef) {
    empty(lane, offset, sheaf)
    barn.putEmpty(sheaf)
  }

  // MARK: What the lanes share

  /// A front before the lane uses the cache. Its own capacity, 0, stands for an empty sheaf's size.
  private init(before barn: BarnRef, at front: UnsafeMutablePointer<Self>) {
    main = UnsafeMutableRawPointer(front) + 16
    capacity = 0
    self.barn = barn
  }

  static func initialize(_ lane: SlabLaneRef, _ offset: Int, number: Int, _ shared: UnsafeMutableRawPointer) {
    let front = lane.front(offset, as: Self.self)
    front.initialize(to: SheafFront(before: barn(offset >> SlabLaneRef.frontShift, shared), at: front))
  }

  private static func barn(_ index: Int, _ shared: UnsafeMutableRawPointer) -> BarnRef {
    (shared + (index * Barn.stride + PrefixLock.byteCount)).assumingMemoryBound(to: Barn.self)
  }

  /// The barns, then all sheaves, cache by cache.
  static func sharedBytes(lanes: Int) -> Int {
    var bytes = SlabSizes.count * Barn.stride
    for index in 1..<SlabSizes.count {
      bytes += Barn.sheafCount(lanes: lanes) * SlabSizes.sheafBytes(SlabSizes.objectSize(index))
    }
    return bytes
  }

  static func initializeShared(_ memory: UnsafeMutableRawPointer, lanes: Int) {
    var fresh = memory + SlabSizes.count * Barn.stride
    for index in 0..<SlabSizes.count {
      let bytes = index == 0 ? 0 : SlabSizes.sheafBytes(SlabSizes.objectSize(index))
      barn(index, memory).initialize(to: Barn(fresh: fresh, sheafBytes: bytes))
      fresh += Barn.sheafCount(lanes: lanes) * bytes
    }
  }

  static func list(_ sum: SlabStatistics, into counts: inout PoolCounts) {
    counts.add("lane.swaps", sum.swaps)
    counts.add("barn.requests", sum.misses &+ sum.slowFrees &- sum.swaps)
    counts.add("barn.misses", sum.fills &+ sum.flushes)
    counts.add("barn.exchanges", sum.exchanges)
    counts.add("cache.fills", sum.fills)
    counts.add("cache.flushes", sum.flushes)
  }
}
