/// How the bits of a handle are shared out, and when a block's version steps.
///
/// ```
/// | number of the pool + 1 | block of the pool | version |        most significant first
/// ```
/// Pool 0 is none, so that the null handle, 0, is out of every range.
protocol HandleProfile {
  static var poolBits: Int { get }
  static var blockBits: Int { get }
  static var versionBits: Int { get }
  /// A version steps when its block is freed too, so that odd versions are those of live objects.
  static var stepsOnFree: Bool { get }
}

extension HandleProfile {
  /// Pools that can be told apart.
  static var pools: Int { 1 << poolBits - 1 }
  static var versionMask: UInt32 { UInt32(truncatingIfNeeded: UInt64(1) &<< UInt64(versionBits) &- 1) }

  @inline(__always)
  static func handle(pool: Int, block: UInt32, version: UInt32) -> UInt {
    UInt(bitPattern: pool) &<< UInt(blockBits &+ versionBits) | UInt(block) &<< UInt(versionBits) | UInt(version)
  }

  /// The pool's number, as many as the bits can say whatever is passed.
  @inline(__always)
  static func pool(_ handle: UInt) -> Int {
    Int(bitPattern: handle &>> UInt(blockBits &+ versionBits) & (1 &<< UInt(poolBits) &- 1))
  }

  @inline(__always)
  static func block(_ handle: UInt) -> UInt32 {
    UInt32(truncatingIfNeeded: handle &>> UInt(versionBits) & (1 &<< UInt(blockBits) &- 1))
  }

  @inline(__always)
  static func version(_ handle: UInt) -> UInt32 { UInt32(truncatingIfNeeded: handle) & versionMask }
}

/// 4, 16 and 12 bits: 15 pools of up to 65,536 blocks.
enum Handle32: HandleProfile {
  static var poolBits: Int { 4 }
  static var blockBits: Int { 16 }
  static var versionBits: Int { 12 }
  static var stepsOnFree: Bool { true }
}

/// 8, 24 and 32 bits: up to 16 million blocks a pool.
enum Handle64: HandleProfile {
  static var poolBits: Int { 8 }
  static var blockBits: Int { 24 }
  static var versionBits: Int { 32 }
  static var stepsOnFree: Bool { true }
}

/// The scheme as it is often told: the version steps with each allocation alone.
enum Handle32Literal: HandleProfile {
  static var poolBits: Int { 4 }
  static var blockBits: Int { 16 }
  static var versionBits: Int { 12 }
  static var stepsOnFree: Bool { false }
}

/// As `Handle32Literal`, of 64 bits.
enum Handle64Literal: HandleProfile {
  static var poolBits: Int { 8 }
  static var blockBits: Int { 24 }
  static var versionBits: Int { 32 }
  static var stepsOnFree: Bool { false }
}
