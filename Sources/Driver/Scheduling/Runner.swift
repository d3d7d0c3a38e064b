import Workload

/// Runs a plan: workload by workload, block by block, one worker at a time.
public struct Runner {
  public var plan: RunPlan
  private let launcher: any Launcher
  private let isInterrupted: () -> Bool

  public init(
    plan: RunPlan, launcher: any Launcher, isInterrupted: @escaping () -> Bool = { Interruption.isRequested }
  ) {
    self.plan = plan
    self.launcher = launcher
    self.isInterrupted = isInterrupted
  }

  /// Measures all of `workloads` and adds them to `results`. A cell whose worker fails runs no further.
  ///
  /// - Returns: false if it was interrupted; what was measured until then is in `results`.
  /// - Throws: `OutputError` of the observer.
  public func run(
    _ workloads: [PreparedWorkload], into results: inout ResultSet, observer: any RunnerObserver
  ) throws(OutputError) -> Bool {
    let cells = workloads.map { plan.cells(for: $0.description) }
    let schedules = zip(workloads, cells).map { schedule($0, $1) }
    var pace = Pace(schedules.joined().map(\.pass))
    for index in workloads.indices {
      results.workloads.append(workloads[index].emptyResult(cells: cells[index]))
      for run in schedules[index] {
        if isInterrupted() { break }
        let subject = cells[index][run.subject].subject
        let isSpent = results.workloads[index].cells[run.subject].status.isFailure
        pace.begin(run.pass)
        if isSpent { continue }
        observer.willRun(
          Step(
            number: pace.number, total: pace.total, workload: workloads[index].description.name, subject: subject,
            pass: run.pass, repetition: run.repetition, repetitions: plan.repetitions(of: run.pass),
            remaining: pace.remaining))
        let elapsed = measure(run, workloads[index], &results.workloads[index])
        pace.took(elapsed, run.pass)
        try observer.didRun(results)
      }
      try observer.didFinishWorkload(results)
      if isInterrupted() { return false }
    }
    return true
  }

  private func schedule(_ workload: PreparedWorkload, _ cells: [CellResult]) -> [ScheduledRun] {
    let running = cells.indices.filter { index in
      if case .skipped = cells[index].fit { return false }
      return true
    }
    return Schedule.runs(
      subjects: running.count, passes: plan.passes, repetitions: plan.repetitions(of:),
      seed: workload.description.seed
    ).map { ScheduledRun(subject: running[$0.subject], pass: $0.pass, repetition: $0.repetition) }
      // One and the same memory for every object is what null is for, and what verification looks for.
      .filter { $0.pass != .verification || cells[$0.subject].subject.base != .null }
  }

  /// Runs one worker and files what it said.
  private func measure(_ run: ScheduledRun, _ workload: PreparedWorkload, _ result: inout WorkloadResult) -> Duration {
    let cell = result.cells[run.subject]
    let outcome = launcher.run(launch(cell, run, workload))
    let verdict = RecordJudge(
      subject: cell.subject, pass: run.pass, preload: plan.preloads[cell.subject.preloadName],
      streamDigest: result.streamDigest
    ).judge(outcome)
    if let record = verdict.record, verdict.status.kind == .ok {
      result.streamDigests[result.seed] = result.streamDigest ?? record[.streamDigest]
      if let version = record[.libraryVersion] { result.cells[run.subject].version = version }
    }
    if verdict.status.kind == .skipped {
      result.cells[run.subject].fit = .skipped(verdict.status.note)
    } else if verdict.status.kind != .interrupted {
      result.cells[run.subject].runs.append(
        RunResult(
          pass: run.pass, repetition: run.repetition, seed: result.seed, status: verdict.status, record: verdict.record)
      )
    }
    return outcome.elapsed
  }

  private func launch(_ cell: CellResult, _ run: ScheduledRun, _ workload: PreparedWorkload) -> Launch {
    let request = WorkerRequest(
      subject: cell.subject, pass: run.pass, workloadName: workload.fileName, directory: workload.directory,
      overrides: workload.overrides, adaptations: cell.fit.adaptations, isCold: plan.isCold, settles: plan.settles)
    var environment: [Subject.EnvironmentVariable] = []
    if let library = plan.preloads[cell.subject.preloadName] {
      environment.append(Subject.EnvironmentVariable(name: "LD_PRELOAD", value: library))
    }
    return Launch(
      program: cell.subject.base.workerName, arguments: request.arguments,
      environment: environment + cell.subject.environment, input: workload.text,
      timeout: plan.timeout ?? TimeEstimate(workload.description).timeout, memoryLimit: plan.memoryLimit)
  }
}
