import CPlatform
import Workload

/// Linux's kmalloc as a pool: a cache for each of 13 object sizes from 8 bytes to 8 KiB, each cut from slabs of a few
/// pages, over the buddy system, which also serves what is larger, up to 4 MiB.
///
/// ```
/// lane         front (ClassicFront | SheafFront)            no lock
/// cache        slabs with free objects (SlabCache)          a lock each
/// lane         page lists (PageCache)                       no lock
/// zone         blocks of 2^k pages (BuddyZone)              one lock
/// ```
/// A lane stands for a CPU. A free may be of any lane's object: the object's page names the slab, the slab its cache.
/// Sources: Linux's `mm/slub.c`, `mm/slab_common.c`, `include/linux/slab.h`; J. Bonwick, "The Slab Allocator", 1994.
/// Floors: see the fronts.
///
/// What differs from the original: no hardening of the links, no randomised order, no debugging, no accounting, one
/// type of memory, one NUMA node; a resize is `krealloc`, which stays in place while the object fits, however little of
/// it is left.
struct SlabPool<Front: SlabFront>: Pool, ~Copyable {
  let zone: BuddyZone
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let laneCount: Int

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let zone = try BuddyZone()
    let lanes = configuration.lanes
    let byteCount = Self.sharedOffset(lanes: lanes) + Front.sharedBytes(lanes: lanes)
    guard let memory = pb_reserve(byteCount) else {
      zone.destroy()
      throw .outOfMemory(bytes: byteCount)
    }
    self.zone = zone
    self.memory = memory
    self.byteCount = byteCount
    laneCount = lanes
    for index in 0..<SlabSizes.count {
      _ = SlabCache.create(at: memory + index * SlabCache.stride, index: index, lanes: lanes)
    }
    let shared = memory + Self.sharedOffset(lanes: lanes)
    Front.initializeShared(shared, lanes: lanes)
    for number in 0..<lanes {
      lane(number).initialize(zone: zone, caches: memory)
      for offset in Self.frontOffsets { Front.initialize(lane(number), offset, number: number, shared) }
    }
  }

  deinit {
    pb_unmap(memory, byteCount)
    zone.destroy()
  }

  private static var frontOffsets: StrideTo<Int> {
    stride(from: 0, to: SlabSizes.count << SlabLaneRef.frontShift, by: 1 << SlabLaneRef.frontShift)
  }
  private static var lanesOffset: Int { SlabSizes.count * SlabCache.stride }
  private static func sharedOffset(lanes: Int) -> Int { lanesOffset + lanes * SlabLaneRef.stride }

  private borrowing func lane(_ number: Int) -> SlabLaneRef {
    SlabLaneRef(raw: memory + (Self.lanesOffset + number * SlabLaneRef.stride))
  }

  borrowing func makeLane(_ index: Int) -> SlabLane<Front> { SlabLane(lane: lane(index), map: zone.map) }

  /// The cache of objects of at least `size` bytes.
  borrowing func cache(fitting size: Int) -> SlabCacheRef {
    lane(0).cache(SlabSizes.index(fitting: size) << SlabLaneRef.frontShift)
  }

  /// Empties the lanes' fronts and page lists, discards all slabs without an object, and gives the free blocks' memory
  /// back. O(free objects of the fronts + partial slabs + free blocks).
  borrowing func purge() {
    for number in 0..<laneCount {
      for offset in Self.frontOffsets.dropFirst() { Front.flush(lane(number), offset) }
    }
    for offset in Self.frontOffsets.dropFirst() {
      Front.flushShared(lane(0), offset)
      lane(0).cache(offset).shrink(lane(0).pages)
    }
    for number in 0..<laneCount { lane(number).pages.drain() }
    zone.discard()
  }

  borrowing func list(into counts: inout PoolCounts) {
    var sum = SlabStatistics()
    var (refills, drains, direct) = (0, 0, 0)
    for number in 0..<laneCount {
      sum += lane(number).statistics.pointee
      refills &+= lane(number).pages.refills
      drains &+= lane(number).pages.drains
      direct &+= lane(number).pages.directTakes
    }
    var (waits, discarded) = (0, 0)
    for offset in Self.frontOffsets.dropFirst() {
      waits &+= lane(0).cache(offset).pointee.lockWaits
      discarded &+= lane(0).cache(offset).pointee.discarded
    }
    counts.add("lane.misses", sum.misses &+ sum.large)
    counts.add("lane.slow-frees", sum.slowFrees)
    Front.list(sum, into: &counts)
    counts.add("cache.new-slabs", sum.newSlabs)
    counts.add("cache.discarded-slabs", discarded)
    counts.add("cache.lock-waits", waits)
    counts.add("page-list.requests", sum.newSlabs &+ sum.large)
    counts.add("page-list.misses", refills &+ direct)
    counts.add("page-list.drains", drains)
    zone.list(into: &counts, requests: refills &+ direct)
  }
}

/// What a lane has in front of the caches. Offsets are those of the cache's front in the lane, see `SlabLaneRef`.
protocol SlabFront {
  /// Before a lane first uses a cache.
  static func initialize(_ lane: SlabLaneRef, _ offset: Int, number: Int, _ shared: UnsafeMutableRawPointer)
  static func allocate(_ lane: SlabLaneRef, _ offset: Int) -> UnsafeMutableRawPointer?
  static func free(_ lane: SlabLaneRef, _ object: UnsafeMutableRawPointer, _ slab: PageFrame)
  /// Gives what the lane has in front of a cache to the cache.
  static func flush(_ lane: SlabLaneRef, _ offset: Int)

  /// What lies between the lanes and a cache: its bytes, its beginning, and giving what it has to the cache.
  static func sharedBytes(lanes: Int) -> Int
  static func initializeShared(_ memory: UnsafeMutableRawPointer, lanes: Int)
  static func flushShared(_ lane: SlabLaneRef, _ offset: Int)

  /// Lists the counts of the tiers that it is made of.
  static func list(_ sum: SlabStatistics, into counts: inout PoolCounts)
}
