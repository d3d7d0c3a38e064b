/// SplitMix64 (Steele, Lea, Flood 2014; constants of Vigna's public-domain `splitmix64.c`): seeds the others.
public struct SplitMix64: Sendable {
  public var state: UInt64

  public init(state: UInt64) { self.state = state }

  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// xoshiro256** 1.0 (Blackman and Vigna, public domain).
public struct Xoshiro256: Sendable {
  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64

  /// The generator of one attribute of one lane: four numbers of a SplitMix64 whose state hashes all three.
  public init(seed: UInt64, lane: Int, attribute: RandomAttribute) {
    var mixer = SplitMix64(state: seed)
    mixer = SplitMix64(state: mixer.next() ^ UInt64(lane))
    mixer = SplitMix64(state: mixer.next() ^ UInt64(attribute.rawValue))
    s0 = mixer.next()
    s1 = mixer.next()
    s2 = mixer.next()
    s3 = mixer.next()
  }

  @inlinable
  public mutating func next() -> UInt64 {
    let scrambled = s1 &* 5
    let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// ⌊u × bound / 2⁶⁴⌋ for one fresh u: uniform in `0 ..< bound` up to a bias below bound / 2⁶⁴.
  @inlinable
  public mutating func next(below bound: UInt64) -> UInt64 {
    next().multipliedFullWidth(by: bound).high
  }
}

/// What a lane's random streams are for. Raw values are part of the stream's definition.
public enum RandomAttribute: UInt8, CaseIterable, Sendable {
  case objectClass = 1
  case size = 2
  case lifetime = 3
  case call = 4
  case resize = 5
  case freedBy = 6
  case accessTarget = 7
  case accessWrite = 8
  case scopeLength = 9
}
