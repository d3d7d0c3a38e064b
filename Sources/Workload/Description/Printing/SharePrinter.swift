/// Prints weights the way a person would write them: as percentages where they add to 100.
struct SharePrinter {
  /// How far from 100 percentages may add, in points.
  static let tolerance = 0.1

  private let sign: String

  init(_ weights: [Double]) {
    sign = weights.allSatisfy { $0 <= 100 } && abs(weights.reduce(0, +) - 100) <= Self.tolerance ? "%" : ""
  }

  func text(_ weight: Double) -> String { Decimal.text(weight) + sign }

  /// A share of 0...1 as a percentage.
  static func percentage(_ share: Double) -> String { Decimal.text(share, shift: 2) + "%" }
}
