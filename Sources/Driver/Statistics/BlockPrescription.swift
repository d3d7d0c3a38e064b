import Foundation
import Workload

/// How many blocks find a change of one figure on a machine, from its noise: comparisons of one cell are simulated with
/// the blocks of an A/A measurement, and judged as real ones are. Of many cells the correction over their tests asks for
/// more.
///
/// A few dozen measured values show the middle of the noise but little of its tail, and the middle itself only so well.
/// So the simulation errs on the careful side in four ways:
/// - Values are put around a median of 0 and each is drawn with either sign. That is fair to an A/A measurement, in which
///   nothing tells the two sides apart, and lets every outlier seen hit from both.
/// - They are stretched by 1 + 1.16/√n: the relative standard error of the scale that n values show by their median
///   absolute deviation (efficiency 37 %: 1/√(2 × 0.37 × n)).
/// - A share 3/n of the blocks (the rule of three: what n blocks without one rule out at 95 %) are outliers of 20 %, or
///   of the greatest magnitude seen if that is more, again of either sign.
/// - The change has to be found in 97 % of the comparisons for 95 % to be claimed.
public struct BlockPrescription: Sendable {
  /// Numbers of blocks that are prescribed.
  public static let ladder = [10, 12, 14, 16, 20, 24, 30, 40, 60, 80]
  /// Measured values under which nothing is prescribed.
  public static let fewestValues = 10
  /// Share of the comparisons in which the change has to be found.
  public static let leastFound = 0.97
  /// Share of the comparisons without a change that may be called one, either way.
  public static let mostFalse = 0.005
  /// Logarithm of the ratio of a block when the machine is stolen.
  private static let outlier = log(1.2)
  private static let comparisons = 1000
  private static let resamples = 1000

  /// The change to find, such as 0.05.
  public var change: Double
  /// The tolerated change, such as 0.02.
  public var threshold: Double

  public init(change: Double = 0.05, threshold: Double = 0.02) {
    self.change = change
    self.threshold = threshold
  }

  /// The fewest blocks of the ladder with which the change is found and none is invented.
  ///
  /// - Parameter noise: logarithms of the ratios of an A/A measurement's blocks.
  /// - Returns: nil if no number of the ladder suffices, or of too few values or one that isn't finite.
  /// - Complexity: a million resampled medians are looked at for each rung that nearly suffices, far fewer below it.
  public func blocks(noise: [Double], seed: UInt64) -> Int? {
    guard noise.count >= Self.fewestValues, noise.allSatisfy(\.isFinite), let sample = Sample(noise) else { return nil }
    let stretch = 1 + 1.16 / Double(noise.count).squareRoot()
    let magnitudes = noise.map { abs($0 - sample.median) * stretch }
    return Self.ladder.first { suffices($0, magnitudes, seed: seed) }
  }

  /// Simulates until it is certain that too many comparisons miss the change or invent one.
  private func suffices(_ blocks: Int, _ magnitudes: [Double], seed: UInt64) -> Bool {
    var random = SplitMix64(state: seed)
    let drawn = MedianResamples(values: blocks, resamples: Self.resamples, random: &random)
    // An end of the interval lies between the resampled median of this rank and the next.
    let end = Int(Bootstrap.expandedTail(count: blocks) * Double(Self.resamples - 1))
    let (shift, tolerated) = (log1p(change), log1p(threshold))
    let outlier = max(Self.outlier, magnitudes.max() ?? 0)
    let outlierShare = 3 / Double(magnitudes.count)
    var (missed, invented) = (0, 0)
    for _ in 0..<Self.comparisons {
      let values = (0..<blocks).map { _ in
        let magnitude = random.unit() < outlierShare ? outlier : magnitudes[random.index(below: magnitudes.count)]
        return random.unit() < 0.5 ? magnitude : -magnitude
      }.sorted()
      // A shift moves the interval by as much, so the same medians serve both questions.
      let medians = drawn.medians(of: values)
      let isBeyond = medians.count { $0 + shift <= tolerated } <= end
      if !isBeyond || !isSignificant(values.map { $0 + shift - tolerated }) { missed += 1 }
      // The rank test could only take from these.
      if medians.count(where: { $0 <= tolerated }) <= end || medians.count(where: { $0 >= -tolerated }) <= end {
        invented += 1
      }
      if Double(missed) > (1 - Self.leastFound) * Double(Self.comparisons)
        || Double(invented) > Self.mostFalse * Double(Self.comparisons)
      {
        return false
      }
    }
    return true
  }

  /// One figure has two tests, for worse and for better, of which Holm's correction doubles the smaller p.
  private func isSignificant(_ differences: [Double]) -> Bool {
    2 * SignedRank.greater(differences) <= Inference.significance
  }
}

extension SplitMix64 {
  /// Uniform in 0 ..< 1, in steps of 2⁻⁵³.
  fileprivate mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  fileprivate mutating func index(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
