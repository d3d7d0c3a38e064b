/// A size class of small objects: an index from 1, rising with the size; 0 stands for "not small".
///
/// ```
/// bytes   8 | 16 32 48 … 512 | 544 576 … 1024 | 1152 1280 … 2 Ki | 2304 … 4 Ki | … | 144 Ki … 256 Ki
/// class   1 |  2  3  4 …  33 |  34  35 …   49 |   50   51 …   57 |   58 …   65 | … |    106 …    113
/// step      |       16       |       32       |       128        |     256     | … |     16 Ki
/// ```
/// Above 1 KiB there are eight classes a doubling, so an object wastes less than an eighth of its block; up to there, where
/// most of a heap's objects are, half as much or less than 16 bytes. All are multiples of 16 but the first, and each power
/// of two has a class of its own.
struct SizeClass: Equatable {
  var index: Int

  /// Indices in use, with the 0 of "not small".
  static var count: Int { 114 }
  /// Largest small object in bytes; the limit of gperftools 2.10 (`kMaxSize`).
  static var largestSize: Int { 256 << 10 }
  /// Up to here a table with a byte for each size gives the class: one load, and no arithmetic before it.
  static var largestTableSize: Int { 1024 }

  init(index: Int) { self.index = index }

  /// The smallest class for `size` ≤ ``largestSize``. O(1).
  init(fitting size: Int) {
    if size <= 8 {
      index = 1
    } else if size <= 512 {
      index = (size &+ 15) &>> 4 &+ 1
    } else if size <= Self.largestTableSize {
      index = (size &+ 31) &>> 5 &+ 17
    } else {
      index = Self.indexAboveTable(size)
    }
  }

  /// The class of a size above ``largestTableSize`` up to ``largestSize``: its power of two and the three bits below the
  /// leading one.
  @inline(__always)
  static func indexAboveTable(_ size: Int) -> Int {
    let last = size &- 1
    let power = 63 &- last.leadingZeroBitCount
    return power &<< 3 &+ last &>> (power &- 3) &- 38
  }

  /// Bytes of an object's block.
  var objectSize: Int {
    if index <= 1 { return 8 }
    if index <= 33 { return (index &- 1) &<< 4 }
    if index <= 49 { return (index &- 17) &<< 5 }
    let step = index &- 50
    return (9 &+ step & 7) &<< (7 &+ step &>> 3)
  }

  /// Objects that move between a thread and the central list at once, and half of what a thread keeps at most: 64 KiB,
  /// as in gperftools, which moves clamp(64 KiB ÷ size, 2, 32), but 1 … 64 objects, since a trip costs little more with
  /// more of them; gperftools lets a thread hold 8192.
  var batch: Int { min(max((64 << 10) / objectSize, 1), 64) }

  /// Full batches that the central list holds whole at most: 512 KiB of objects, but 2 … 256 batches.
  var largestBatchCount: Int { min(max((512 << 10) / (batch * objectSize), 2), 256) }

  /// 40 KiB: spans of a page or two have more metadata, by 0.7 MiB in a heap of 217, and hardly ever are free of survivors
  /// all the same. No power of two, so that the spans of different classes don't begin in the same sets of a cache.
  static var leastSpanPages: Int { 5 }

  /// Pages of one span: the fewest that hold half a batch and leave little unused at the end, a thirty-second (gperftools:
  /// an eighth). Never under ``leastSpanPages``.
  var spanPages: Int {
    let size = objectSize
    var pages = Self.leastSpanPages
    while pages * Page.size / size < max(batch / 2, 1) || pages * Page.size % size > pages * Page.size / 32 {
      pages += 1
    }
    return pages
  }
}

/// The unit of spans: 8 KiB as in gperftools, whatever the system's page; addresses of up to 48 bits.
enum Page {
  static var shift: Int { 13 }
  static var size: Int { 1 << shift }
  static var addressBits: Int { 48 }

  /// Pages that hold `bytes`, which is at most 2⁶² .
  @inline(__always)
  static func count(of bytes: Int) -> Int { (bytes &+ (size &- 1)) &>> shift }
  @inline(__always)
  static func index(of address: UnsafeRawPointer) -> Int { Int(bitPattern: UInt(bitPattern: address) &>> UInt(shift)) }
  @inline(__always)
  static func address(of page: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: page &<< shift).unsafelyUnwrapped
  }
}

/// What the slow paths look up of a class, in a table of the heap.
struct SizeClassFacts {
  var objectSize: Int32
  var batch: Int32
  var spanPages: Int32
  /// Objects of one span.
  var capacity: Int32
  var largestBatchCount: Int32
  /// ⌈2³² ÷ objectSize⌉: times an offset k × objectSize it is k × 2³² and less than k × objectSize more, so that its upper
  /// half is k, whatever the size, in spans of less than 2³² bytes.
  var reciprocal: UInt32

  init(_ sizeClass: SizeClass) {
    objectSize = Int32(sizeClass.objectSize)
    batch = Int32(sizeClass.batch)
    spanPages = Int32(sizeClass.spanPages)
    capacity = Int32(sizeClass.spanPages * Page.size / sizeClass.objectSize)
    largestBatchCount = Int32(sizeClass.largestBatchCount)
    reciprocal = UInt32(((1 << 32) + sizeClass.objectSize - 1) / sizeClass.objectSize)
  }
}
