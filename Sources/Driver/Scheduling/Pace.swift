import Workload

/// How far a command has come and how long the rest will take, judged by the runs of each pass so far.
struct Pace {
  private(set) var number = 0
  let total: Int
  /// Runs of each pass still to come.
  private var left: [Pass: Int] = [:]
  private var spent: [Pass: (time: Duration, runs: Int)] = [:]

  init(_ passes: [Pass]) {
    total = passes.count
    for pass in passes { left[pass, default: 0] += 1 }
  }

  /// The next run starts, or is left out.
  mutating func begin(_ pass: Pass) {
    number += 1
    left[pass, default: 0] -= 1
  }

  mutating func took(_ time: Duration, _ pass: Pass) {
    let before = spent[pass] ?? (.zero, 0)
    spent[pass] = (before.time + time, before.runs + 1)
  }

  /// With the run that has just begun; a pass not yet seen is taken to be like the others. Nil before the first run.
  var remaining: Duration? {
    let all = spent.values.reduce((time: Duration.zero, runs: 0)) { ($0.time + $1.time, $0.runs + $1.runs) }
    if all.runs == 0 { return nil }
    let others = all.time / all.runs
    return left.reduce(others) { sum, entry in
      let mean = spent[entry.key].map { $0.time / $0.runs } ?? others
      return sum + mean * max(0, entry.value)
    }
  }
}
