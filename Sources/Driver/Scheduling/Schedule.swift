public import Workload

/// One worker run that stands in the plan.
public struct ScheduledRun: Equatable, Sendable {
  /// Index of the subject among those that run.
  public var subject: Int
  public var pass: Pass
  /// From 1.
  public var repetition: Int

  public init(subject: Int, pass: Pass, repetition: Int) {
    self.subject = subject
    self.pass = pass
    self.repetition = repetition
  }
}

/// The order of the runs of one workload: blocks in which each subject runs once.
public enum Schedule {
  /// Repetition by repetition, in each pass by pass, so that slow changes of the machine fall on all subjects alike
  /// and an interrupted run has something of everything. The subjects' order is drawn anew for every block, by Fisher
  /// and Yates' shuffle.
  ///
  /// - Parameter subjects: their number.
  public static func runs(
    subjects: Int, passes: [Pass], repetitions: (Pass) -> Int, seed: UInt64
  ) -> [ScheduledRun] {
    var random = SplitMix64(state: seed)
    var runs: [ScheduledRun] = []
    let most = passes.map(repetitions).max() ?? 0
    for repetition in stride(from: 1, through: most, by: 1) {
      for pass in passes where repetition <= repetitions(pass) {
        var order = Array(0..<subjects)
        for last in stride(from: subjects - 1, to: 0, by: -1) {
          let chosen = Int(random.next().multipliedFullWidth(by: UInt64(last + 1)).high)
          order.swapAt(last, chosen)
        }
        runs += order.map { ScheduledRun(subject: $0, pass: pass, repetition: repetition) }
      }
    }
    return runs
  }
}
