/// The rules of the exercise by which tcmalloc's design is widely taught (高并发内存池).
///
/// ```
/// bytes   1 … 128 | … 1024 | … 8 Ki | … 64 Ki | … 256 Ki
/// step        8   |   16   |  128   |  1024   |   8192
/// classes    16   |   56   |   56   |   56    |    24        208 in all
/// ```
/// - Classes: computed, no table. Objects of up to 128 bytes are aligned to 8 bytes alone.
/// - Batch: clamp(256 KiB ÷ size, 2, 512); a span is batch × size ÷ 8 KiB pages, at least one.
/// - Slow start ends one above the batch, for a list's `maxLength` grows only while it is what is fetched.
/// - A list as long as its `maxLength` gives back so many objects: all. No bytes are counted, no marks kept.
/// - No transfer slots: each object that comes back goes into its span, each fetch takes from one span.
/// - Spans are of 128 pages at most, also after merging; what is longer comes from the system and goes back. Nothing
///   else ever does.
///
/// What differs from the exercise: it keeps spans without a free object in the list that it searches, here they leave
/// it; its list of a size is a circular one of nodes from `new`; it has no calloc, aligned request or realloc.
enum TutorialProfile: TierProfile {
  static var classLimit: Int { 209 }
  static var alignment: Int { 8 }
  static var tableBytes: Int { 0 }
  static var keepsBudget: Bool { false }
  static var hasTransferSlots: Bool { false }
  static var returnsWholeList: Bool { true }
  static var largestSpan: Int? { 128 }
  static var releasesSpans: Bool { false }

  /// From 1, for sizes as for classes; 0 is served as 1.
  @inline(__always)
  static func sizeClass(of size: Int, table: UnsafePointer<UInt8>) -> Int {
    if size <= 128 { return max((size &+ 7) &>> 3, 1) }
    if size <= 1 << 10 { return 16 &+ (size &- 128 &+ 15) &>> 4 }
    if size <= 8 << 10 { return 72 &+ (size &- (1 &<< 10) &+ 127) &>> 7 }
    if size <= 64 << 10 { return 128 &+ (size &- (8 &<< 10) &+ 1023) &>> 10 }
    return 184 &+ (size &- (64 &<< 10) &+ 8191) &>> 13
  }

  static func batch(_ size: Int) -> Int { min(max((256 << 10) / size, 2), 512) }

  static func layOut(_ classes: UnsafeMutablePointer<TierClass>, table: UnsafeMutablePointer<UInt8>) -> Int {
    var count = 1
    var size = 0
    for (limit, step) in [(128, 8), (1 << 10, 16), (8 << 10, 128), (64 << 10, 1024), (256 << 10, 8192)] {
      while size < limit {
        size += step
        let pages = max((batch(size) * size) >> Page.shift, 1)
        classes[count] = TierClass(objectSize: Int32(size), batch: Int32(batch(size)), pages: Int32(pages))
        count += 1
      }
    }
    return count
  }
}
