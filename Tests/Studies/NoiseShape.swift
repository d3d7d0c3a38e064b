import Foundation
import Workload

/// A distribution of the logarithm of a block's ratio, or of one side's figure, when nothing has changed.
struct NoiseShape: Sendable {
  enum Kind: Sendable {
    case normal
    /// Student's t with three degrees of freedom, times the scale: its variance exists, its third moment doesn't.
    case heavyTails
    /// Normal but for a share of outliers of 5 to 20 %, as when the machine is stolen for a while; of them the share
    /// `upward` is positive.
    case outliers(share: Double, upward: Double)
  }

  var name: String
  var kind: Kind
  /// Standard deviation of the normal part, in the logarithm.
  var scale: Double

  /// As measured in turns of slices (normal with 0.6 to 1 % and a tenth of outliers), around it to either side, and as
  /// whole runs are. Scales of 1.5 to 3 % matter most to the stopping rule: there it depends on chance when it stops.
  static let measured: [NoiseShape] =
    [0.006, 0.01, 0.015, 0.02, 0.03].map { NoiseShape(name: "normal", kind: .normal, scale: $0) }
    + [0.006, 0.01].map { NoiseShape(name: "10 % outliers", kind: .outliers(share: 0.1, upward: 0.5), scale: $0) }
    + [0.006, 0.01].map { NoiseShape(name: "10 % upward", kind: .outliers(share: 0.1, upward: 1), scale: $0) }
    + [0.01].map { NoiseShape(name: "10 % mostly downward", kind: .outliers(share: 0.1, upward: 0.2), scale: $0) }
    + [0.015].map { NoiseShape(name: "20 % upward", kind: .outliers(share: 0.2, upward: 1), scale: $0) }
    + [0.006, 0.01, 0.02].map { NoiseShape(name: "t, 3 degrees", kind: .heavyTails, scale: $0) }
    + [NoiseShape(name: "whole runs", kind: .normal, scale: 0.14)]

  /// For comparisons of two files, which take place without the rule: there the scale only stretches everything, so each
  /// kind stands once.
  static let unpaired: [NoiseShape] = measured.filter { [0.01, 0.015, 0.14].contains($0.scale) && $0.name != "normal" }

  func draw(_ random: inout SplitMix64) -> Double {
    switch kind {
    case .normal: return scale * random.normal()
    case .heavyTails:
      let value = random.normal()
      let squares = (0..<3).reduce(0.0) { sum, _ in
        let part = random.normal()
        return sum + part * part
      }
      return scale * value / (squares / 3).squareRoot()
    case .outliers(let share, let upward):
      let value = scale * random.normal()
      if random.unit() >= share { return value }
      let size = log(1.05) + random.unit() * log(1.2 / 1.05)
      return value + (random.unit() < upward ? size : -size)
    }
  }

  /// The true median: 0 of a symmetric shape, else that of a million values, which is off by a thousandth of the scale.
  func median() -> Double {
    guard case .outliers(_, let upward) = kind, upward != 0.5 else { return 0 }
    var random = SplitMix64(state: 1)
    return (0...1_000_000).map { _ in draw(&random) }.sorted()[500_000]
  }
}

extension SplitMix64 {
  /// Uniform in 0 ..< 1, in steps of 2⁻⁵³.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal, by the cosine half of Box and Muller's transform.
  mutating func normal() -> Double {
    (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
  }

  /// The generator of one of many independent trials.
  init(seed: UInt64, trial: Int) {
    var mixer = SplitMix64(state: seed)
    self.init(state: mixer.next() ^ SplitMix64.scrambled(UInt64(trial)))
  }

  private static func scrambled(_ value: UInt64) -> UInt64 {
    var mixer = SplitMix64(state: value)
    return mixer.next()
  }
}
