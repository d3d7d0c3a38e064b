/// The kmalloc caches of Linux and how each cuts its slabs (`slab_common.c`, `slub.c`).
///
/// An index is Linux's own, 3 … 13 for the powers of two from 8 bytes to 8 KiB, 1 and 2 for the two odd sizes. Index 0
/// is that of requests of 0 bytes, a cache without objects.
enum SlabSizes {
  static var count: Int { 14 }
  /// `KMALLOC_MAX_CACHE_SIZE`: two pages. What is larger goes to the page lists.
  static var largest: Int { 8 << 10 }
  /// Up to here the index stands in a table, by bytes in eights; above, it is found from the highest bit.
  static var largestInTable: Int { 192 }
  static var tableCount: Int { largestInTable / 8 + 1 }

  /// - Precondition: `index` is at least 1.
  static func objectSize(_ index: Int) -> Int { index == 1 ? 96 : index == 2 ? 192 : 1 << index }

  /// The smallest cache whose objects hold `size` bytes.
  static func index(fitting size: Int) -> Int {
    switch size {
    case ...0: 0
    case ...8: 3
    case 65...96: 1
    case 129...192: 2
    default: indexAbove(size)
    }
  }

  /// As `index(fitting:)`, for more than `largestInTable` bytes.
  @inline(__always)
  static func indexAbove(_ size: Int) -> Int { Int.bitWidth &- (size &- 1).leadingZeroBitCount }

  /// Where in a free object its link lies: in the middle, away from where its neighbours' overflows would write.
  static func linkOffset(_ objectSize: Int) -> Int { objectSize / 2 & ~7 }

  // MARK: Slabs

  /// `slub_max_order`.
  static var largestOrder: Int { 3 }

  /// Pages of a slab, as a power of two: as few as hold 4 · (⌊log₂ n⌋ + 2) objects for n processors and leave at most
  /// a sixteenth of them over, else an eighth or a quarter, else fewer objects. (`calculate_order`)
  static func order(objectSize: Int, processors: Int) -> Int {
    let highestBit = Int.bitWidth - max(processors, 1).leadingZeroBitCount
    let most = (FrameMap.pageSize << largestOrder) / objectSize
    var objects = min(4 * (highestBit + 1), most)
    while objects > 1 {
      for fraction in [16, 8, 4] {
        for order in least(objects * objectSize)...max(largestOrder, least(objects * objectSize)) {
          let bytes = FrameMap.pageSize << order
          if order <= largestOrder, bytes % objectSize <= bytes / fraction { return order }
        }
      }
      objects -= 1
    }
    return least(objectSize)
  }

  /// The order that holds `bytes`.
  static func least(_ bytes: Int) -> Int { BuddyZone.order(fitting: bytes) }

  /// Slabs that a cache keeps although all their objects are free. (`set_min_partial`)
  static func leastPartial(_ objectSize: Int) -> Int {
    min(max((Int.bitWidth - 1 - objectSize.leadingZeroBitCount) / 2, 5), 10)
  }

  /// Free objects that a processor's partial slabs are meant to hold, as slabs that are half free.
  /// (`slub_set_cpu_partial`)
  static func lanePartialSlabs(_ objectSize: Int, objects: Int) -> Int {
    let free = objectSize >= 4096 ? 6 : objectSize >= 1024 ? 24 : objectSize >= 256 ? 52 : 120
    return (free * 2 + objects - 1) / objects
  }

  // MARK: Sheaves

  /// Bytes of a sheaf: a header of 32, and as many pointers as fill a kmalloc size and are at least 60, 26, 12 or 4.
  /// (`calculate_sheaf_capacity`)
  static func sheafBytes(_ objectSize: Int) -> Int {
    objectSize >= 4096 ? 64 : objectSize >= 1024 ? 128 : objectSize >= 256 ? 256 : 512
  }
}
