import CPlatform

/// What a lane, standing for a CPU, has of its own: a front before each cache, and its page lists.
///
/// ```
///    0  front × 14      64 bytes each, at 64 × the cache's index: `ClassicFront` or `SheafFront`
///  896  UInt8 × 25      index of the cache for (size + 7) / 8, up to 192 bytes
///  928  BuddyZone
///  960  caches          address of cache 0
///  968  SlabStatistics
/// 1152  PageCache
/// ```
struct SlabLaneRef {
  let raw: UnsafeMutableRawPointer

  static var frontShift: Int { 6 }
  static var stride: Int { (1152 + PageCache.bytes + 127) & ~127 }

  /// Lays out zeroed memory but for the fronts.
  func initialize(zone: BuddyZone, caches: UnsafeMutableRawPointer) {
    for entry in 0..<SlabSizes.tableCount {
      let index = SlabSizes.index(fitting: entry * 8)
      raw.storeBytes(of: UInt8(truncatingIfNeeded: index), toByteOffset: 896 + entry, as: UInt8.self)
    }
    raw.storeBytes(of: zone, toByteOffset: 928, as: BuddyZone.self)
    raw.storeBytes(of: caches, toByteOffset: 960, as: UnsafeMutableRawPointer.self)
    statistics.initialize(to: SlabStatistics())
    pages.initialize()
  }

  @inline(__always)
  func front<Front>(_ offset: Int, as: Front.Type) -> UnsafeMutablePointer<Front> {
    (raw + offset).assumingMemoryBound(to: Front.self)
  }
  /// The offset of the front for a size of at most `SlabSizes.largest`.
  @inline(__always)
  func frontOffset(_ size: Int) -> Int {
    if size <= SlabSizes.largestInTable {
      return Int(raw.load(fromByteOffset: 896 &+ (size &+ 7) &>> 3, as: UInt8.self)) &<< Self.frontShift
    }
    return SlabSizes.indexAbove(size) &<< Self.frontShift
  }
  var zone: BuddyZone { raw.load(fromByteOffset: 928, as: BuddyZone.self) }
  func cache(_ frontOffset: Int) -> SlabCacheRef {
    let caches = raw.load(fromByteOffset: 960, as: UnsafeMutableRawPointer.self)
    let index = frontOffset &>> Self.frontShift
    return (caches + (index &* SlabCache.stride &+ PrefixLock.byteCount)).assumingMemoryBound(to: SlabCache.self)
  }
  var statistics: UnsafeMutablePointer<SlabStatistics> {
    (raw + 968).assumingMemoryBound(to: SlabStatistics.self)
  }
  var pages: PageCache { PageCache(raw: raw + 1152, zone: zone) }

  /// `ZERO_SIZE_PTR`: what stands for every object of 0 bytes; it and nil are freed without effect.
  static var sentinel: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 16) }
}

/// Counts of one lane's slow paths, or a sum.
struct SlabStatistics {
  /// Allocations and frees that the front could not serve at once.
  var misses = 0
  var slowFrees = 0
  /// Of the misses, classic: objects that others had freed to the lane's slab; a slab of the lane's; one of the cache's.
  var ownReturns = 0
  var lanePartials = 0
  var cachePartials = 0
  var newSlabs = 0
  /// Of the slow frees, classic: into a slab that some lane has; into a full slab, which the lane then takes.
  var frozenFrees = 0
  var fullFrees = 0
  /// Times that a lane had too many partial slabs.
  var spills = 0
  /// Sheaves: the two arrays swapped; exchanged with the barn; filled from slabs, emptied into them.
  var swaps = 0
  var exchanges = 0
  var fills = 0
  var flushes = 0
  /// Objects above 8 KiB.
  var large = 0

  static func += (sum: inout SlabStatistics, other: SlabStatistics) {
    sum.misses += other.misses
    sum.slowFrees += other.slowFrees
    sum.ownReturns += other.ownReturns
    sum.lanePartials += other.lanePartials
    sum.cachePartials += other.cachePartials
    sum.newSlabs += other.newSlabs
    sum.frozenFrees += other.frozenFrees
    sum.fullFrees += other.fullFrees
    sum.spills += other.spills
    sum.swaps += other.swaps
    sum.exchanges += other.exchanges
    sum.fills += other.fills
    sum.flushes += other.flushes
    sum.large += other.large
  }
}
