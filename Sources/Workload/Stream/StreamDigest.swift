/// Order-sensitive 64-bit digest of a stream's words: equal streams have equal digests.
///
/// Not cryptographic; one xor, multiply and shift a word (the step of a multiplicative hash with 2⁶⁴/φ).
public struct StreamDigest: Equatable, Sendable {
  @usableFromInline var state: UInt64 = 0x243F_6A88_85A3_08D3

  public init() {}

  public var value: UInt64 { state }

  @inlinable
  public mutating func combine(_ word: UInt64) {
    let product = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
    state = product ^ (product >> 29)
  }
}
