/// The ratio of two quantities over blocks, new ÷ base, with what can be said of its error.
public struct RatioEstimate: Equatable, Sendable {
  /// Median of the within-block ratios, or the ratio of the medians when there are no pairs.
  public var ratio: Double
  /// 95 % interval.
  public var interval: ClosedRange<Double>
  /// 99 % interval, by which the stopping rule decides.
  public var wideInterval: ClosedRange<Double>
  /// Standard deviation of the logarithm of the ratio over the resamples.
  public var standardError: Double
  /// Pairs, or values of the smaller side.
  public var blocks: Int
  /// Values far outside the others (Tukey's outer fences); they count like any other.
  public var outliers: Int

  /// Half the 95 % interval in hundredths of the ratio.
  public var spread: Double { (interval.upperBound - interval.lowerBound) / 2 / ratio * 100 }

  public init(
    ratio: Double, interval: ClosedRange<Double>, wideInterval: ClosedRange<Double>, standardError: Double,
    blocks: Int, outliers: Int
  ) {
    self.ratio = ratio
    self.interval = interval
    self.wideInterval = wideInterval
    self.standardError = standardError
    self.blocks = blocks
    self.outliers = outliers
  }
}
