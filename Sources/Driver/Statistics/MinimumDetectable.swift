import Foundation

/// What a comparison could have shown.
public enum MinimumDetectable {
  /// The smallest true change that a comparison with this standard error would have called with a probability of 95 %,
  /// when its whole 95 % interval must lie beyond the threshold: log(1 + change) = log(1 + threshold) +
  /// (1.960 + 1.645) × standard error.
  ///
  /// - Parameters:
  ///   - standardError: of the logarithm of the ratio.
  ///   - threshold: tolerated change, such as 0.02.
  /// - Returns: the change, such as 0.05.
  public static func change(standardError: Double, threshold: Double) -> Double {
    change(standardError: standardError, threshold: threshold, reach: Normal.twoSided95)
  }

  /// The same of an estimate, whose 95 % interval reaches the farther the fewer blocks it has (see ``Bootstrap``). Of two
  /// independent samples, whose interval doesn't, this is a little more than was needed.
  public static func change(_ estimate: RatioEstimate, threshold: Double) -> Double {
    let reach = Bootstrap.reach(count: max(estimate.blocks, 2))
    return change(standardError: estimate.standardError, threshold: threshold, reach: reach)
  }

  private static func change(standardError: Double, threshold: Double, reach: Double) -> Double {
    expm1(log1p(threshold) + (reach + Normal.oneSided95) * standardError)
  }
}
