/// The rules of gperftools, as its `common.cc`, `thread_cache.cc`, `central_freelist.cc` and `page_heap.cc` have them.
///
/// ```
/// bytes   8 | 16 32 48 … 128 | 144 160 … 256 | 288 … | … | 256 Ki       classes whose spans would hold as many
/// class   1 |  2  3  4 …     |  …                                       objects as the one before are left out
/// ```
/// - Classes: steps of 16 up to 128 and of an eighth of the power of two below from there on; a span is as many pages
///   as leave at most an eighth over and hold a quarter of a batch. A class in whose spans no more objects have room
///   than in those of the next is left out, so that up to a fifth of a block may be lost inside: 85 classes remain.
/// - Batch: clamp(64 KiB ÷ size, 2, 32). Slow start goes on beyond it, a batch at each miss, to at most 8192 objects.
/// - A list that grows beyond `maxLength` gives back one batch; the fourth time in a row that this happens above the
///   batch, `maxLength` shrinks by one.
/// - A thread that caches more than its budget drops half of each list's low-water mark, then claims 64 KiB more.
/// - A central list has 16 to 64 slots for whole batches, at most 1 MiB in all, and takes them from other classes.
/// - Free spans merge without limit; what is free for long goes back to the system, some pages with each free span.
enum GperfProfile: TierProfile {
  static var classLimit: Int { 128 }
  static var alignment: Int { 16 }
  static var keepsBudget: Bool { true }
  static var hasTransferSlots: Bool { true }
  static var returnsWholeList: Bool { false }
  static var largestSpan: Int? { nil }
  static var releasesSpans: Bool { true }

  /// `kMaxDynamicFreeListLength` and `kMaxOverages`.
  static var longestList: Int32 { 8192 }
  static var mostOverages: Int32 { 3 }

  /// A byte for every 8 bytes of size up to here, for every 128 beyond.
  private static var fineLimit: Int { 1024 }
  static var tableBytes: Int { entry(Tiers.largestSmall) + 1 }

  @inline(__always)
  private static func entry(_ size: Int) -> Int {
    size <= fineLimit ? (size &+ 7) &>> 3 : (size &+ 127 &+ (120 &<< 7)) &>> 7
  }

  @inline(__always)
  static func sizeClass(of size: Int, table: UnsafePointer<UInt8>) -> Int { Int(table[entry(size)]) }

  static func batch(_ size: Int) -> Int { min(max((64 << 10) / size, 2), 32) }

  /// Bytes between sizes that may be classes, at `size`.
  private static func step(at size: Int) -> Int {
    if size < 16 { return 8 }
    if size < 128 { return 16 }
    return min(1 << (Int.bitWidth - 4 - size.leadingZeroBitCount), Page.size)
  }

  private static func spanPages(_ size: Int) -> Int {
    var bytes = 0
    repeat {
      bytes += Page.size
      while bytes % size > bytes >> 3 { bytes += Page.size }
    } while bytes / size < batch(size) / 4
    return bytes >> Page.shift
  }

  static func layOut(_ classes: UnsafeMutablePointer<TierClass>, table: UnsafeMutablePointer<UInt8>) -> Int {
    var count = 1
    var size = 8
    while size <= Tiers.largestSmall {
      let candidate = TierClass(
        objectSize: Int32(size), batch: Int32(batch(size)), pages: Int32(spanPages(size)))
      let before = classes[count - 1]
      if count > 1, before.pages == candidate.pages, before.capacity == candidate.capacity {
        // As many in as long a span: the one before would save nothing.
        count -= 1
      }
      classes[count] = candidate
      count += 1
      size += step(at: size)
    }
    var sizeClass = 1
    for size in stride(from: 0, through: Tiers.largestSmall, by: 8) {
      while classes[sizeClass].objectSize < size { sizeClass += 1 }
      // The last size of an entry decides, and is the last to be written.
      table[entry(size)] = UInt8(sizeClass)
    }
    return count
  }
}
