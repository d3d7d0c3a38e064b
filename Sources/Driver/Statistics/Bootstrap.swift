import Foundation
import Workload

/// Percentile bootstrap of medians: 10,000 resamples, drawn from a seed.
///
/// An interval's ends are quantiles of the resamples' medians: for the 99 % interval, by which the stopping rule decides,
/// those at 0.5 % and 99.5 %. The 95 % interval of pairs, which is reported and judged, takes the wider quantiles of
/// Hesterberg's *expanded percentile interval* (What Teachers Should Know About the Bootstrap, The American Statistician
/// 69, 2015): the plain one is too short for few values, as an interval of the normal distribution is that should have
/// used t and divided by n − 1, and stopping when an interval happens to be short makes that worse. With looks at 10, 20
/// and 40 values the plain interval covers the true median in as few as 92 % of comparisons, the expanded one in 94 %
/// (`scripts/coverage-study`). For the ratio of two samples' medians the plain interval suffices: with 8 to 40 values
/// each it covers 95 to 97 %.
///
/// The values count by rank: their order doesn't matter, and which resamples are drawn depends on the seed and on how
/// many values there are alone.
public enum Bootstrap {
  public static let resamples = 10_000

  /// Of pairs, one a block: the median of `logarithms` of new ÷ base.
  ///
  /// - Returns: nil of under two values, or if one isn't finite.
  /// - Complexity: O(values × resamples).
  public static func ratio(paired logarithms: [Double], seed: UInt64) -> RatioEstimate? {
    guard let sample = usable(logarithms) else { return nil }
    var random = SplitMix64(state: seed)
    let drawn = MedianResamples(values: logarithms.count, resamples: resamples, random: &random)
    return estimate(
      center: sample.median, resampled: drawn.medians(of: sample.values),
      tail: expandedTail(count: logarithms.count), count: logarithms.count, outliers: Outliers.count(logarithms))
  }

  /// Of two independent samples of positive values: median(new) ÷ median(base).
  ///
  /// All resamples of `base` are drawn before those of `new`; the n-th of one is set beside the n-th of the other.
  ///
  /// - Returns: nil if a sample has under two values, or one that isn't finite and above 0.
  /// - Complexity: O(values × resamples).
  public static func ratio(base: [Double], new: [Double], seed: UInt64) -> RatioEstimate? {
    guard let base = usable(base), let new = usable(new), base.least > 0, new.least > 0 else { return nil }
    var random = SplitMix64(state: seed)
    let below = MedianResamples(values: base.values.count, resamples: resamples, random: &random)
    let above = MedianResamples(values: new.values.count, resamples: resamples, random: &random)
    let ratios = zip(above.medians(of: new.values), below.medians(of: base.values)).map { log($0 / $1) }
    return estimate(
      center: log(new.median / base.median), resampled: ratios, tail: 0.025,
      count: min(base.values.count, new.values.count),
      outliers: Outliers.count(base.values) + Outliers.count(new.values))
  }

  /// 95 % interval of the median of plain values, expanded as that of pairs; nil under two values, or if one isn't finite.
  public static func median(_ values: [Double], seed: UInt64) -> ClosedRange<Double>? {
    guard let sample = usable(values) else { return nil }
    var random = SplitMix64(state: seed)
    let drawn = MedianResamples(values: values.count, resamples: resamples, random: &random)
    return Quantile.range(
      leaving: expandedTail(count: values.count), ofRising: drawn.medians(of: sample.values).sorted())
  }

  /// Interval of the median ratio of pairs, expanded as that of 95 % is.
  ///
  /// - Parameters:
  ///   - logarithms: of new ÷ base, one a block.
  ///   - confidence: above 0 and below 1.
  /// - Returns: nil of under two values, or if one isn't finite.
  public static func interval(paired logarithms: [Double], confidence: Double, seed: UInt64) -> ClosedRange<Double>? {
    guard let sample = usable(logarithms) else { return nil }
    var random = SplitMix64(state: seed)
    let drawn = MedianResamples(values: logarithms.count, resamples: resamples, random: &random)
    let tail = Normal.above(reach(count: logarithms.count, confidence: confidence))
    let interval = Quantile.range(leaving: tail, ofRising: drawn.medians(of: sample.values).sorted())
    return exp(interval.lowerBound)...exp(interval.upperBound)
  }

  /// Geometric mean over several cells of their median ratios: blocks are drawn anew within each cell, for each cell on
  /// its own. The interval is as wide as that of the cell with the fewest blocks has to be.
  ///
  /// - Parameter cells: of each the logarithms of new ÷ base, one a block.
  /// - Returns: nil without cells, or if one has under two values, or one that isn't finite.
  /// - Complexity: O(values × resamples).
  public static func geometricMean(of cells: [[Double]], seed: UInt64) -> RatioEstimate? {
    let samples = cells.compactMap(usable)
    guard samples.count == cells.count, let fewest = cells.map(\.count).min() else { return nil }
    var random = SplitMix64(state: seed)
    var sums = [Double](repeating: 0, count: resamples)
    for sample in samples {
      let drawn = MedianResamples(values: sample.values.count, resamples: resamples, random: &random)
      for (index, median) in drawn.medians(of: sample.values).enumerated() { sums[index] += median }
    }
    let count = Double(cells.count)
    return estimate(
      center: samples.reduce(0) { $0 + $1.median } / count, resampled: sums.map { $0 / count },
      tail: expandedTail(count: fewest), count: fewest, outliers: cells.reduce(0) { $0 + Outliers.count($1) })
  }

  /// The share left out at either end of the 95 % interval of `count` values, at least 2: that of the normal
  /// distribution beyond √(n / (n − 1)) times the t distribution's 97.5 % quantile, 0.9 % for 10 values and 2.5 % for
  /// endlessly many.
  static func expandedTail(count: Int) -> Double { Normal.above(reach(count: count)) }

  /// Half the width of an interval of `count` values, at least 2, in standard errors of the resamples.
  static func reach(count: Int, confidence: Double = 0.95) -> Double {
    let degrees = count - 1
    // From here on t is the normal distribution to four digits, and its series long.
    let isNormal = degrees > 10_000 && confidence == 0.95
    let quantile = isNormal ? Normal.twoSided95 : StudentT.bound(of: confidence, degrees: min(degrees, 10_000))
    return (Double(count) / Double(degrees)).squareRoot() * quantile
  }

  private static func usable(_ values: [Double]) -> Sample? {
    values.count >= 2 && values.allSatisfy(\.isFinite) ? Sample(values) : nil
  }

  /// From logarithms of ratios.
  ///
  /// - Parameter tail: share left out at either end of the 95 % interval.
  private static func estimate(
    center: Double, resampled: [Double], tail: Double, count: Int, outliers: Int
  ) -> RatioEstimate {
    let rising = resampled.sorted()
    let interval = Quantile.range(leaving: tail, ofRising: rising)
    // Of fewer than eight values the expanded interval reaches beyond the plain one of 99 %.
    let wide = Quantile.range(leaving: min(0.005, tail), ofRising: rising)
    return RatioEstimate(
      ratio: exp(center), interval: exp(interval.lowerBound)...exp(interval.upperBound),
      wideInterval: exp(wide.lowerBound)...exp(wide.upperBound), standardError: Sample.deviation(of: rising),
      blocks: count,
      outliers: outliers)
  }
}
