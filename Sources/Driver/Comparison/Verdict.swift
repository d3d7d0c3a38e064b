/// What the blocks say about one quantity of one cell.
public enum Verdict: String, CaseIterable, Sendable {
  /// The whole interval is worse than the threshold, or BASE has figures and NEW has failed.
  case regressed
  /// A worker failed, and BASE has no figures that would make a regression of it.
  case failed
  /// The whole interval is better than the threshold.
  case improved
  /// The whole interval lies within the threshold on both sides.
  case same
  /// The interval reaches over a threshold.
  case inconclusive
  /// Nothing can be said, for a reason that more of the same blocks would not cure.
  case noVerdict = "no verdict"
  /// Only NEW has it.
  case added = "new"

  /// What stands above what in a table.
  var rank: Int {
    switch self {
    case .regressed: 0
    case .failed: 1
    case .inconclusive: 2
    case .improved: 3
    case .same: 4
    case .added: 5
    case .noVerdict: 6
    }
  }

  var emphasis: Emphasis {
    switch self {
    case .regressed, .failed: .failure
    case .inconclusive: .warning
    case .improved: .best
    case .same: .plain
    case .noVerdict, .added: .faint
    }
  }
}
