import CPlatform

/// A thread's own part: its cache of chunks by size, glibc's tcache, and the arena that it is attached to. A handle.
///
/// ```
///    0  first object × 64       of 24, 40, … 1,032 bytes; next in the object's first word, a key in its second
///  512  UInt16 × 64             objects in each list, at most 16
///  640  arena                   nil while the thread is detached
///  648  register                address
///  656  ArenaThreadStatistics
/// ```
/// Alloc from the cache: 3 loads (first, next, count), 3 stores (first, count, the key's end). Free into it: 4 loads
/// (size, key, count, first), 4 stores (next, key, first, count). No lock.
///
/// Links are stored exclusive-or'd with their own address's page, glibc's safe-linking (2.32). The key says that an
/// object is in some cache: a free that finds it looks through the list.
struct ArenaThread {
  let raw: UnsafeMutableRawPointer

  static var stride: Int { 768 }
  static var listCount: Int { 64 }
  /// Of the snapshot described (2.42.9000); older releases had 7, and fast bins beside.
  static var mostObjects: Int { 16 }
  /// Largest request that the cache serves.
  static var largest: Int { 1032 }
  /// glibc draws one at random for each process.
  private static var key: UInt { 0x9E37_79B9_7F4A_7C15 }

  /// The list of requests of `size` bytes, at most `largest`.
  @inline(__always)
  private static func list(_ size: Int) -> Int { (max(size, 24) &- 9) &>> 4 }
  /// The list of chunks of `bytes`; `listCount` or more if there is none.
  @inline(__always)
  private static func list(ofChunk bytes: Int) -> Int { (bytes &- ArenaChunk.leastBytes) &>> 4 }

  @inline(__always)
  private func count(_ list: Int) -> UnsafeMutablePointer<UInt16> {
    (raw + 512).assumingMemoryBound(to: UInt16.self) + list
  }
  @inline(__always)
  private func first(_ list: Int) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    raw.assumingMemoryBound(to: UnsafeMutableRawPointer?.self) + list
  }
  /// The stored form of a link at `object`, and back.
  @inline(__always)
  private static func masked(_ link: UInt, at object: UnsafeMutableRawPointer) -> UInt {
    link ^ UInt(bitPattern: object) &>> 12
  }

  // MARK: The cache

  /// (`tcache_get`) - Precondition: `size` is at most `largest`.
  @inline(__always)
  func take(_ size: Int) -> UnsafeMutableRawPointer? {
    let list = Self.list(size)
    guard let object = first(list).pointee else { return nil }
    return take(object, list)
  }

  @inline(__always)
  private func take(_ object: UnsafeMutableRawPointer, _ list: Int) -> UnsafeMutableRawPointer {
    first(list).pointee = UnsafeMutableRawPointer(bitPattern: Self.masked(object.load(as: UInt.self), at: object))
    count(list).pointee &-= 1
    object.storeBytes(of: 0, toByteOffset: 8, as: UInt.self)
    return object
  }

  /// Puts an object into the cache; false if it has no room, or no list of that size. (`tcache_put`)
  @inline(__always)
  func put(_ object: UnsafeMutableRawPointer, bytes: Int) -> Bool {
    let list = Self.list(ofChunk: bytes)
    guard UInt(bitPattern: list) < UInt(Self.listCount) else { return false }
    if object.load(fromByteOffset: 8, as: UInt.self) == Self.key { checkNotCached(object, list) }
    guard count(list).pointee < UInt16(Self.mostObjects) else { return false }
    push(object, list)
    return true
  }

  @inline(__always)
  private func push(_ object: UnsafeMutableRawPointer, _ list: Int) {
    let next = UInt(bitPattern: first(list).pointee)
    object.storeBytes(of: Self.masked(next, at: object), as: UInt.self)
    object.storeBytes(of: Self.key, toByteOffset: 8, as: UInt.self)
    first(list).pointee = object
    count(list).pointee &+= 1
  }

  /// An object that holds the key may be in the cache already, or hold it by chance.
  @inline(never)
  private func checkNotCached(_ object: UnsafeMutableRawPointer, _ list: Int) {
    var other = first(list).pointee
    while let cached = other {
      if cached == object { pb_fail_pointer("an object was freed twice: it is in the thread's cache", object) }
      other = UnsafeMutableRawPointer(bitPattern: Self.masked(cached.load(as: UInt.self), at: cached))
    }
  }

  /// Whether the cache takes another chunk of `bytes`.
  func hasRoom(_ bytes: Int) -> Bool {
    let list = Self.list(ofChunk: bytes)
    return list < Self.listCount && count(list).pointee < UInt16(Self.mostObjects)
  }

  /// Puts in a chunk for which there is room.
  func put(_ chunk: ArenaChunk) { push(chunk.object, Self.list(ofChunk: chunk.size)) }

  /// Empties the cache. (`tcache_thread_shutdown`)
  func flush(_ body: (UnsafeMutableRawPointer) -> Void) {
    for list in 0..<Self.listCount {
      while let object = first(list).pointee { body(take(object, list)) }
    }
  }

  func cachedObjects(_ size: Int) -> Int { Int(count(Self.list(size)).pointee) }

  // MARK: The rest

  var arena: Arena? {
    get { raw.load(fromByteOffset: 640, as: UnsafeMutableRawPointer?.self).map(Arena.init(raw:)) }
    nonmutating set { raw.storeBytes(of: newValue?.raw, toByteOffset: 640, as: UnsafeMutableRawPointer?.self) }
  }
  var register: ArenaRegister {
    get { ArenaRegister(raw: raw.load(fromByteOffset: 648, as: UnsafeMutableRawPointer.self)) }
    nonmutating set { raw.storeBytes(of: newValue.raw, toByteOffset: 648, as: UnsafeMutableRawPointer.self) }
  }
  var statistics: UnsafeMutablePointer<ArenaThreadStatistics> {
    (raw + 656).assumingMemoryBound(to: ArenaThreadStatistics.self)
  }
}

/// Counts of one thread's slow paths, or a sum.
struct ArenaThreadStatistics {
  /// Allocations and frees that the cache could not serve.
  var misses = 0
  var overflows = 0
  /// Of the frees: into an arena that is not the thread's.
  var foreignFrees = 0
  /// Requests that another arena had to serve.
  var retries = 0

  static func += (sum: inout ArenaThreadStatistics, other: ArenaThreadStatistics) {
    sum.misses += other.misses
    sum.overflows += other.overflows
    sum.foreignFrees += other.foreignFrees
    sum.retries += other.retries
  }
}
