import CPlatform

/// An array of free objects that moves between a lane and the barn as a whole. A handle of raw memory.
///
/// ```
///  0  size | 8  link in the barn | 32  objects, filled upwards, up to 60, 28, 12 or 4
/// ```
struct Sheaf: Equatable {
  let raw: UnsafeMutableRawPointer

  private static var headerBytes: Int { 32 }

  /// Objects in a sheaf of that many bytes.
  static func capacity(bytes: Int) -> Int { (bytes - headerBytes) / MemoryLayout<UnsafeRawPointer>.stride }

  @inline(__always)
  var size: Int {
    get { raw.load(as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, as: Int.self) }
  }
  var link: Sheaf? {
    get { raw.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self).map(Sheaf.init(raw:)) }
    nonmutating set { raw.storeBytes(of: newValue?.raw, toByteOffset: 8, as: UnsafeMutableRawPointer?.self) }
  }
  @inline(__always)
  subscript(index: Int) -> UnsafeMutableRawPointer {
    get { raw.load(fromByteOffset: Self.headerBytes &+ index &<< 3, as: UnsafeMutableRawPointer.self) }
    nonmutating set {
      raw.storeBytes(of: newValue, toByteOffset: Self.headerBytes &+ index &<< 3, as: UnsafeMutableRawPointer.self)
    }
  }
}

typealias BarnRef = UnsafeMutablePointer<Barn>

/// The sheaves of a cache that no lane has: full ones, empty ones. Lives behind its lock, see `PrefixLock`.
///
/// All sheaves that the lanes and the barn can need at once stand in one run of memory, untouched until first used: two
/// a lane, and ten full ones. So an empty sheaf is always to be had. (Linux takes them from kmalloc.)
struct Barn {
  /// Changed under the lock, as all but the constants.
  var fullCount = 0
  var full: Sheaf?
  var empty: Sheaf?
  /// The next sheaf that has never been used.
  var fresh: UnsafeMutableRawPointer
  var lockWaits = 0
  let sheafBytes: Int

  /// `MAX_FULL_SHEAVES`
  static var mostFull: Int { 10 }
  /// With the lock, in lines of its own.
  static var stride: Int { 128 }

  /// The sheaves of a cache.
  static func sheafCount(lanes: Int) -> Int { 2 * lanes + mostFull }
}

extension BarnRef {
  private func locked<Result>(_ body: () -> Result) -> Result {
    if PrefixLock.acquire(before: self) { pointee.lockWaits &+= 1 }
    defer { PrefixLock.release(before: self) }
    return body()
  }

  private func takeEmptyLocked() -> Sheaf {
    if let sheaf = pointee.empty {
      pointee.empty = sheaf.link
      return sheaf
    }
    defer { pointee.fresh += pointee.sheafBytes }
    return Sheaf(raw: pointee.fresh)
  }

  func takeEmpty() -> Sheaf { locked { takeEmptyLocked() } }

  func putEmpty(_ sheaf: Sheaf) {
    locked {
      sheaf.link = pointee.empty
      pointee.empty = sheaf
    }
  }

  /// A full sheaf, for which the barn takes the empty one; nil when it has none.
  func exchangeEmpty(_ sheaf: Sheaf) -> Sheaf? {
    locked {
      guard let full = pointee.full else { return nil }
      pointee.full = full.link
      pointee.fullCount &-= 1
      sheaf.link = pointee.empty
      pointee.empty = sheaf
      return full
    }
  }

  /// An empty sheaf, for which the barn takes the full one; nil when it has enough of those.
  func exchangeFull(_ sheaf: Sheaf) -> Sheaf? {
    locked {
      if pointee.fullCount >= Barn.mostFull { return nil }
      sheaf.link = pointee.full
      pointee.full = sheaf
      pointee.fullCount &+= 1
      return takeEmptyLocked()
    }
  }

  func takeFull() -> Sheaf? {
    locked {
      guard let full = pointee.full else { return nil }
      pointee.full = full.link
      pointee.fullCount &-= 1
      return full
    }
  }
}
