import Foundation

/// How many blocks it takes to decide.
enum BlocksToDecide {
  /// Normal quantiles of a two-sided interval of 95 % and of deciding 95 times in 100.
  private static let quantiles = Normal.twoSided95 + Normal.oneSided95

  /// Blocks after which an unchanged quantity is called the same 95 times in 100, by the spread seen so far: the
  /// standard error shrinks with the root of their number. At least what the correction over `tests` tests needs.
  ///
  /// - Returns: nil if a threshold of 0 can never be met, or if it takes more than ``most``.
  static func count(_ estimate: RatioEstimate, threshold: Double, tests: Int) -> Int? {
    guard threshold > 0 else { return nil }
    let factor = quantiles * estimate.standardError / log(1 + threshold)
    let wanted = Double(estimate.blocks) * factor * factor
    guard wanted <= Double(most) else { return nil }
    return max(Int(wanted.rounded(.up)), estimate.blocks, fewest(tests: tests))
  }

  /// Pairs from which on the smallest p that a signed-rank test can give, 2⁻ⁿ, survives the first step of Holm's
  /// correction over so many tests.
  static func fewest(tests: Int) -> Int {
    let pairs = log2(Double(max(1, tests)) / Inference.significance)
    return max(StoppingRule.fewestForVerdict, Int(pairs.rounded(.up)))
  }

  /// The most that `--blocks` takes.
  static let most = 1000
}
