/// What a noise floor means for the number of blocks to measure.
struct NoiseFindings {
  var floor: NoiseFloor

  var all: [Finding] { [turns, whole] }

  private static let most = BlockPrescription.ladder.last ?? 0
  private static let percent = "\(Units.short(NoiseFloor.change * 100)) %"

  var turns: Finding {
    let name = "turns"
    guard let blocks = floor.turns.blocks else {
      return Finding(
        .noise, name, found: Self.spread(floor.turns), .misleading,
        why: "no number of blocks up to \(Self.most) finds a change of \(Self.percent) here: "
          + "find out what else runs, or measure on another machine",
        remedy: "top -b -n 1 -o %CPU | head -n 15")
    }
    return Finding(
      .noise, name, found: Self.spread(floor.turns), .fine,
      why: "throughput on one lane: --blocks \(blocks) finds a change of \(Self.percent) in one cell")
  }

  /// Needed where workers cannot take turns. A change that is too small for it ends as inconclusive and misleads nobody.
  var whole: Finding {
    let name = "whole runs"
    guard let blocks = floor.whole.blocks else {
      return Finding(
        .noise, name, found: Self.spread(floor.whole), .notable,
        why: "several lanes and latency: no number of blocks up to \(Self.most) finds a change of "
          + Self.percent)
    }
    return Finding(
      .noise, name, found: Self.spread(floor.whole), .fine,
      why: "several lanes and latency: --blocks \(blocks) finds a change of \(Self.percent) in one cell")
  }

  /// `A/A 1.003 (0.99 to 1.01), SD 1.8 %, robust 0.9 %, 24 pairs, 1 outlier`.
  static func spread(_ mode: NoiseFloor.Mode) -> String {
    var text = ""
    if let estimate = mode.estimate {
      let (low, high) = (estimate.interval.lowerBound, estimate.interval.upperBound)
      text = "A/A \(Units.fixed(estimate.ratio, 3)) (\(Units.fixed(low, 3)) to \(Units.fixed(high, 3))), "
    }
    text += "SD \(percent(mode.deviation)), robust \(percent(mode.robustDeviation)), \(mode.logarithms.count) pairs"
    switch mode.estimate?.outliers ?? 0 {
    case 0: return text
    case 1: return text + ", 1 outlier"
    case let count: return text + ", \(count) outliers"
    }
  }

  private static func percent(_ share: Double) -> String { Units.fixed(share * 100, 1) + " %" }
}
