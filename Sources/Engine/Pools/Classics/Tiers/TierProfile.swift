/// Three tiers as two of their sources have them, beside the pool of this repository that is derived from them
/// (`ThreadCachePool`): what is common is in this folder, what differs in the two profiles.
///
/// ```
/// user ⇄ thread's lists, one a class ⇄ central lists: transfer slots, spans ⇄ page heap ⇄ system
///        TierCacheRef, no lock          TierCentralRef, a lock a class        TierPagesRef, one lock
///                                                    ▲
///                    free: address ─► TierPageMap ─► span ─► class
/// ```
/// - *class*: objects of like size; 0 stands for whole pages. *Span*: a run of pages of 8 KiB, of one class, one large
///   object, or free. *Batch*: objects that move between a thread and the central list at once.
/// - *Slow start*: a list's `maxLength` begins at 1 and grows by one with each miss up to the batch, so that a class
///   that is used once holds little.
///
/// Floor, counted from the description, for gperf: allocate 5L 3–4S, sized free 6L 4S, and 2–3 dependent loads more
/// where the size is not given, as here; without byte counts and low-water marks, as in the tutorial: 3L 2S and 3L 3S.
/// As compiled for x86-64, the thread-local, the class of a size and the span of an address apart: 6L 3–4S and 6L 4S for
/// gperf (the object size is kept in the list), 3L 2S and 3L 3S for the tutorial; one load for a class in gperf's table,
/// behind one of the table's address, and four for the class of an address.
///
/// Both thread a new span eagerly, all its objects, as both sources do.
protocol TierProfile {
  /// Classes, the unused 0 among them: no more than that.
  static var classLimit: Int { get }
  /// What addresses of at least 16 bytes are multiples of.
  static var alignment: Int { get }
  /// Bytes of the table that `sizeClass(of:table:)` reads; may be 0.
  static var tableBytes: Int { get }
  /// Lays out the classes from 1 on in rising order of size and writes the table. - Returns: how many, with the 0.
  static func layOut(_ classes: UnsafeMutablePointer<TierClass>, table: UnsafeMutablePointer<UInt8>) -> Int
  /// The class of `size`, 0 … ``Tiers/largestSmall``.
  static func sizeClass(of size: Int, table: UnsafePointer<UInt8>) -> Int

  /// Whether a thread counts the bytes that it caches, within a budget, and marks how far each list went down.
  static var keepsBudget: Bool { get }
  /// Whether central lists keep whole batches in slots.
  static var hasTransferSlots: Bool { get }
  /// A list that is too long gives back as many objects as it may hold, all that it has; else one batch.
  static var returnsWholeList: Bool { get }
  /// Pages that neighbours may be merged to; what is longer comes straight from the system and goes back to it.
  /// Nil: no limit.
  static var largestSpan: Int? { get }
  /// Whether free spans are given back to the system little by little.
  static var releasesSpans: Bool { get }
}

/// Constants that both profiles share.
enum Tiers {
  /// Largest small object in bytes: `kMaxSize` of gperftools, `MAX_BYTES` of the tutorial.
  static var largestSmall: Int { 256 << 10 }
  /// Larger requests are refused: a tebibyte, since the system would grant addresses that it has no memory for.
  static var largestRequest: Int { 1 << 40 }
  /// Lengths in pages that have lists of their own (`kMaxPages`, `NPAGES`); also what the heap grows by at least:
  /// 1 MiB (`kMinSystemAlloc`; the tutorial asks for its longest span, which is as much).
  static var listedPages: Int { 128 }
}

/// What the slow paths know of a class.
struct TierClass {
  var objectSize: Int32 = 0
  var batch: Int32 = 0
  /// Of a span.
  var pages: Int32 = 0

  /// Objects of a span.
  var capacity: Int { Int(pages) * Page.size / Int(objectSize) }
}
