import Foundation

/// How many blocks it takes to decide.
enum BlocksToDecide {
  /// Normal quantiles of a two-sided interval of 95 % and of deciding 95 times in 100.
  private static let quantiles = Normal.twoSided95 + Normal.oneSided95

  /// Blocks after which the ratio seen so far, were it the truth, would lie with its whole interval on one side of the
  /// nearest threshold 95 times in 100: the standard error shrinks with the root of their number. At least what the
  /// correction over `tests` tests needs, and more than have been measured, which have not decided.
  ///
  /// - Returns: nil if it takes more than ``most``, as when the ratio is on a threshold.
  static func count(_ estimate: RatioEstimate, threshold: Double, tests: Int, isPaired: Bool) -> Int? {
    let ratio = log(estimate.ratio)
    let distance = min(abs(ratio - log1p(threshold)), abs(ratio - log1p(-threshold)))
    guard distance > 0 else { return nil }
    let factor = quantiles * estimate.standardError / distance
    let wanted = Double(estimate.blocks) * factor * factor
    guard wanted <= Double(most) else { return nil }
    let count = max(Int(wanted.rounded(.up)), estimate.blocks + 1, fewest(tests: tests, isPaired: isPaired))
    return count <= most ? count : nil
  }

  /// Blocks from which on the smallest p that a rank test can give survives the first step of Holm's correction over so
  /// many tests: 2⁻ⁿ of n pairs by the signed-rank test, 1 ÷ (2n over n) of n values a side by Mann and Whitney's.
  static func fewest(tests: Int, isPaired: Bool = true) -> Int {
    let orders = Double(max(1, tests)) / Inference.significance
    if isPaired { return max(StoppingRule.fewestForVerdict, Int(log2(orders).rounded(.up))) }
    var count = 1
    var ways = 2.0
    while ways < orders {
      count += 1
      ways *= Double(2 * (2 * count - 1)) / Double(count)
    }
    return max(StoppingRule.fewestForVerdict, count)
  }

  /// The most that `--blocks` takes.
  static let most = 1000
}
