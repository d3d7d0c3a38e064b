/// When enough blocks have been measured: looked at only after a few fixed numbers of them, since stopping at the first
/// lucky moment would make intervals too short. What the rule costs the 95 % interval is simulated by
/// `scripts/coverage-study`.
public enum StoppingRule {
  /// Blocks after which the intervals are looked at; none is measured after the last.
  public static let looks = [10, 20, 40]
  /// Blocks under which there is no verdict.
  public static let fewestForVerdict = 8
  /// Half width of the 99 % interval that suffices.
  public static let tolerance = 0.02

  /// Whether an interval is narrow enough: the whole 99 % interval within ±2 % of the ratio.
  public static func suffices(_ estimate: RatioEstimate) -> Bool {
    estimate.wideInterval.lowerBound >= estimate.ratio * (1 - tolerance)
      && estimate.wideInterval.upperBound <= estimate.ratio * (1 + tolerance)
  }
}
