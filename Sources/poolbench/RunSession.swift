import Driver
import Workload

/// What the user sees of a run while it goes on: progress between cells, each table when it is complete, files.
final class RunSession: RunnerObserver {
  private let plan: RunPlan
  private let options: OutputOptions
  private let files: ResultFiles
  private let workloads: [PreparedWorkload]
  private let progress: ProgressLine?
  /// Workloads, from the first on, that will not change any more, and those whose tables are printed.
  private var finished = 0
  private var printed = 0

  init(plan: RunPlan, options: OutputOptions, files: ResultFiles, total workloads: [PreparedWorkload]) {
    self.plan = plan
    self.options = options
    self.files = files
    self.workloads = workloads
    progress =
      Console.errors.isTerminal
      ? ProgressLine(
        width: Console.errors.width, paint: Console.errors.paint, write: { OutputFile.writeToStandardError($0) }) : nil
  }

  /// - Parameter isNew: nothing is measured yet, and a result file starts empty.
  func begin(_ results: ResultSet, isNew: Bool = true) throws(OutputError) {
    if isNew { try files.begin(results, plan: plan, workloads: workloads) }
    if options.takesStandardOutput { return }
    try Console.print(report(results).head(width: Console.output.width, paint: Console.output.paint))
  }

  func willRun(_ step: Step) { progress?.show(step) }

  func didRun(_ results: ResultSet) throws(OutputError) {
    progress?.clear()
    try files.update(results)
  }

  func didFinishWorkload(_ results: ResultSet) throws(OutputError) {
    progress?.clear()
    try files.finishWorkload(results)
    finished += 1
    let count = finished
    // The settings of a sweep share a table: it is due when the next one is of another workload.
    let isSweeping =
      count < workloads.count && !workloads[count].setting.isEmpty
      && workloads[count].fileName == workloads[count - 1].fileName
      && workloads[count].directory == workloads[count - 1].directory
    if !isSweeping { try printTables(results, count: count) }
  }

  /// The last words, also after an interruption.
  func end(_ results: ResultSet, isComplete: Bool) throws(OutputError) {
    progress?.clear()
    if options.takesStandardOutput {
      // Without a table the reasons for missing figures stand here.
      for workload in results.workloads {
        for cell in workload.cells where cell.status.isFailure {
          Console.error("error: \(workload.name), \(cell.subject.name): \(cell.status.sentence)")
        }
      }
    }
    try printTables(results, count: results.workloads.count)
    if !options.takesStandardOutput {
      try Console.print(report(results).legend(width: Console.output.width, paint: Console.output.paint))
    }
    try files.close(results, isComplete: isComplete)
  }

  /// Of the first `count` workloads; those behind may be of an earlier command and still grow.
  private func printTables(_ results: ResultSet, count: Int) throws(OutputError) {
    if options.takesStandardOutput || printed >= count { return }
    var ready = results
    ready.workloads.removeSubrange(count...)
    try Console.print(
      report(ready).body(
        from: printed, width: Console.output.width, isWide: options.wide, paint: Console.output.paint))
    printed = count
  }

  private func report(_ results: ResultSet) -> ResultReport {
    ResultReport(results, reference: plan.reference, passes: plan.passes, showsStatistics: options.stats)
  }
}
