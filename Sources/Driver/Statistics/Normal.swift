import Foundation

/// The standard normal distribution.
enum Normal {
  /// The probability of a value above this one.
  static func above(_ value: Double) -> Double { erfc(value / 2.0.squareRoot()) / 2 }

  /// The value with 97.5 % below it: half the width of a 95 % interval, in standard errors.
  static let twoSided95 = 1.959963984540054
  /// The value with 95 % below it.
  static let oneSided95 = 1.6448536269514722
}
