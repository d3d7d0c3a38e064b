/// Percentile bootstrap of a median ratio. Skeleton.
public enum Bootstrap {
  public static let resamples = 10_000

  /// Of pairs, one a block: the median of `logarithms` of new ÷ base.
  public static func ratio(paired logarithms: [Double], seed: UInt64) -> RatioEstimate? { fatalError("skeleton") }

  /// Of two independent samples of positive values: median(new) ÷ median(base).
  public static func ratio(base: [Double], new: [Double], seed: UInt64) -> RatioEstimate? { fatalError("skeleton") }

  /// 95 % interval of the median of plain values; nil under two values.
  public static func median(_ values: [Double], seed: UInt64) -> ClosedRange<Double>? { fatalError("skeleton") }
}
