/// A yes-or-no draw with a fixed share of yes.
public struct Chance: Equatable, Sendable, BitwiseCopyable {
  /// A draw below it means yes; `UInt64.max` stands for always, 0 for never, and neither draws.
  public let threshold: UInt64

  /// - Parameter share: 0...1; values outside are clamped.
  public init(_ share: Double) {
    if share >= 1 {
      threshold = .max
    } else if share <= 0 {
      threshold = 0
    } else {
      threshold = UInt64(share * 0x1p64)
    }
  }

  /// Takes one number from `random`, unless the answer is certain.
  @inlinable
  public func hit(_ random: inout Xoshiro256) -> Bool {
    if threshold == 0 { return false }
    if threshold == .max { return true }
    return random.next() < threshold
  }
}
