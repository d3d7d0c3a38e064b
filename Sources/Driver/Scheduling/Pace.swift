import Workload

/// How far a command has come and how long the rest will take, judged by the runs of each pass so far.
struct Pace {
  /// Runs begun or left out.
  private(set) var number = 0
  /// Runs of each pass still to come, as far as is known.
  private var left: [Pass: Int] = [:]
  private var spent: [Pass: (time: Duration, runs: Int)] = [:]

  /// All runs, as far as is known.
  var total: Int { number + left.values.reduce(0, +) }

  /// So many more are to come; less than 0 for fewer.
  mutating func expect(_ pass: Pass, runs: Int) { left[pass, default: 0] += runs }

  /// The next runs start, or are left out.
  mutating func begin(_ pass: Pass, runs: Int = 1) {
    number += runs
    left[pass, default: 0] -= runs
  }

  mutating func took(_ time: Duration, _ pass: Pass, runs: Int = 1) {
    let before = spent[pass] ?? (.zero, 0)
    spent[pass] = (before.time + time, before.runs + runs)
  }

  /// With `runs` of `pass` that have just begun; a pass not yet seen is taken to be like the others. Nil before the
  /// first has ended.
  func remaining(with pass: Pass, runs: Int) -> Duration? {
    let all = spent.values.reduce((time: Duration.zero, runs: 0)) { ($0.time + $1.time, $0.runs + $1.runs) }
    if all.runs == 0 { return nil }
    func mean(_ pass: Pass) -> Duration { spent[pass].map { $0.time / $0.runs } ?? all.time / all.runs }
    return left.reduce(mean(pass) * runs) { sum, entry in sum + mean(entry.key) * max(0, entry.value) }
  }
}
