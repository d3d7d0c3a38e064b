import Driver
import Foundation
import Workload

/// One comparison of a subject with itself under a shape of noise, judged as `poolbench compare` judges.
struct SimulatedComparison: Sendable {
  enum Design: Sendable {
    /// Pairs of one interleaved run, which stops by the rule.
    case pairs
    /// Two files of so many blocks each.
    case files(Int)
  }

  /// Tolerated change.
  static let threshold = 0.02

  var blocks: Int
  /// Whether the 95 % interval holds the truth.
  var isCovered: Bool
  /// Whether the verdict is `regressed`.
  var isRegressed: Bool

  init(_ design: Design, _ shape: NoiseShape, median: Double, seed: UInt64, trial: Int) {
    var random = SplitMix64(seed: seed, trial: trial)
    switch design {
    case .pairs:
      var logarithms: [Double] = []
      var estimate: RatioEstimate?
      for look in StoppingRule.looks {
        while logarithms.count < look { logarithms.append(shape.draw(&random)) }
        estimate = Bootstrap.ratio(paired: logarithms, seed: random.next())
        if let estimate, StoppingRule.suffices(estimate) { break }
      }
      // Under a shape that leans to a side the median isn't 0: then no change is what the median says.
      self.init(estimate, truth: exp(median)) {
        SignedRank.greater(logarithms.map { $0 - median - log1p(Self.threshold) })
      }
    case .files(let count):
      let base = (0..<count).map { _ in exp(shape.draw(&random)) }
      let new = (0..<count).map { _ in exp(shape.draw(&random)) }
      self.init(Bootstrap.ratio(base: base, new: new, seed: random.next()), truth: 1) {
        MannWhitney.greater(new, than: base.map { $0 * (1 + Self.threshold) })
      }
    }
  }

  /// - Parameter significance: p of the rank test of "worse than the threshold".
  private init(_ estimate: RatioEstimate?, truth: Double, significance: () -> Double) {
    guard let estimate else { preconditionFailure("no estimate of \(StoppingRule.looks[0]) blocks") }
    blocks = estimate.blocks
    isCovered = estimate.interval.contains(truth)
    isRegressed = estimate.interval.lowerBound > truth * (1 + Self.threshold) && significance() <= 0.05
  }
}
