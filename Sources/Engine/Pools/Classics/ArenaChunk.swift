import CPlatform

/// A chunk of an arena: a handle of its header. Objects have their sizes at both ends of what lies before and in them,
/// so that a free finds its neighbours (boundary tags: Knuth, TAOCP 1, 2.5; D. Lea, "A Memory Allocator").
///
/// ```
///        in use                               free
///  chunk  0 | (end of the object before)     | size of the chunk before, if that is free
///         8 | size | flags                   | size | flags
/// object 16 | the user's …                   | forward    in the bin's list
///        24 |                                | backward
///        32 |                                | forward    in the list of different sizes, in large bins
///        40 |                                | backward
///   next  0 | … up to here                   | size
/// ```
/// A size is a multiple of 16, at least 32; of the flags only two are needed here: 1, the chunk before is in use; 2,
/// the object has a mapping of its own. Size and flags are read without a lock by whoever frees the object while the
/// flag may change under the arena's; hence both as relaxed atomics, which are plain moves.
struct ArenaChunk: Equatable {
  let raw: UnsafeMutableRawPointer

  init(raw: UnsafeMutableRawPointer) { self.raw = raw }
  @inline(__always)
  init(object: UnsafeMutableRawPointer) { raw = object - Self.headerBytes }

  static var headerBytes: Int { 16 }
  /// `MINSIZE`: header and the two links of a free chunk.
  static var leastBytes: Int { 32 }
  static var beforeInUse: Int { 1 }
  static var mappedFlag: Int { 2 }
  private static var flags: Int { 7 }

  /// Bytes of the chunk for a request: with 8 for the size, as a multiple of 16. (`request2size`)
  @inline(__always)
  static func bytes(for request: Int) -> Int { (max(request, 24) &+ 23) & ~15 }

  @inline(__always)
  var object: UnsafeMutableRawPointer { raw + Self.headerBytes }
  /// Size and flags.
  @inline(__always)
  var field: Int {
    get { pb_load_relaxed((raw + 8).assumingMemoryBound(to: Int.self)) }
    nonmutating set { pb_store_relaxed((raw + 8).assumingMemoryBound(to: Int.self), newValue) }
  }
  @inline(__always)
  var size: Int { field & ~Self.flags }
  var isBeforeInUse: Bool { field & Self.beforeInUse != 0 }
  /// The size of the chunk before; meaningful only if that is free.
  var sizeBefore: Int {
    get { raw.load(as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, as: Int.self) }
  }
  var next: ArenaChunk { ArenaChunk(raw: raw + size) }
  var before: ArenaChunk { ArenaChunk(raw: raw - sizeBefore) }
  /// The chunk `bytes` further on.
  func advanced(_ bytes: Int) -> ArenaChunk { ArenaChunk(raw: raw + bytes) }
  /// As the chunk behind it says; not for the top chunk.
  var isInUse: Bool { next.isBeforeInUse }

  /// Makes the chunk one of `size` bytes and keeps its flags.
  func resize(_ size: Int) { field = size | field & Self.flags }
  /// Notes in the chunk behind that this one is in use.
  func markInUse() { next.field |= Self.beforeInUse }
  /// Makes the chunk a free one of `size` bytes, the chunk before it in use, as both ends and the chunk behind say.
  func markFree(_ size: Int) {
    field = size | Self.beforeInUse
    let behind = advanced(size)
    behind.sizeBefore = size
    behind.field &= ~Self.beforeInUse
  }

  // MARK: Lists

  var forward: ArenaChunk {
    get { link(16) }
    nonmutating set { setLink(16, newValue) }
  }
  var backward: ArenaChunk {
    get { link(24) }
    nonmutating set { setLink(24, newValue) }
  }
  /// The next smaller size in a large bin, in the first chunk of each size; nil in the others.
  var smaller: ArenaChunk? {
    get { raw.load(fromByteOffset: 32, as: UnsafeMutableRawPointer?.self).map(ArenaChunk.init(raw:)) }
    nonmutating set { raw.storeBytes(of: newValue?.raw, toByteOffset: 32, as: UnsafeMutableRawPointer?.self) }
  }
  var larger: ArenaChunk {
    get { link(40) }
    nonmutating set { setLink(40, newValue) }
  }

  private func link(_ offset: Int) -> ArenaChunk {
    ArenaChunk(raw: raw.load(fromByteOffset: offset, as: UnsafeMutableRawPointer.self))
  }
  private func setLink(_ offset: Int, _ chunk: ArenaChunk) {
    raw.storeBytes(of: chunk.raw, toByteOffset: offset, as: UnsafeMutableRawPointer.self)
  }
}

/// The bins of an arena, by chunk size (`bin_at` and `largebin_index_64` of glibc's `malloc.c`).
///
/// 1: unsorted. 2 … 63: one size each, 32 to 1,008 bytes. 64 … 126: sizes in steps of 64 bytes, 512, 4 KiB, 32 KiB and
/// 256 KiB, sorted, the last without an end.
enum ArenaBins {
  static var count: Int { 127 }
  static var unsorted: Int { 1 }
  /// From here on chunks are large.
  static var leastLarge: Int { 1024 }

  static func index(_ size: Int) -> Int {
    if size < leastLarge { return size >> 4 }
    if size >> 6 <= 48 { return 48 + size >> 6 }
    if size >> 9 <= 20 { return 91 + size >> 9 }
    if size >> 12 <= 10 { return 110 + size >> 12 }
    if size >> 15 <= 4 { return 119 + size >> 15 }
    if size >> 18 <= 2 { return 124 + size >> 18 }
    return 126
  }
}
