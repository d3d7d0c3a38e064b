/// What the blocks say about one quantity of one cell.
public enum Verdict: String, CaseIterable, Sendable {
  /// The whole interval is worse than the threshold, or BASE has figures and NEW has failed.
  case regressed
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
    case .inconclusive: 1
    case .improved: 2
    case .same: 3
    case .added: 4
    case .noVerdict: 5
    }
  }

  var emphasis: Emphasis {
    switch self {
    case .regressed: .failure
    case .inconclusive: .warning
    case .improved: .best
    case .same: .plain
    case .noVerdict, .added: .faint
    }
  }
}
