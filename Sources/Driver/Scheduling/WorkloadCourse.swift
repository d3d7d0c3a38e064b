import Workload

/// Runs the blocks of one workload.
struct WorkloadCourse {
  private let plan: RunPlan
  private let workload: PreparedWorkload
  private let launcher: any Launcher
  private let isInterrupted: () -> Bool
  private let available: () -> UInt64
  /// Index of its result.
  let place: Int
  /// Cells of each pass, as planned.
  private let lines: [Pass: [Int]]
  /// Where turns are taken; nil to leave it to the system.
  private let turnProcessor: Int?
  /// Blocks of the throughput pass, as far as is known, and whether a look may add some.
  var target = 0
  var mayGrow = false

  /// What starts together: a worker alone, or several that take turns.
  private struct Unit {
    /// By index.
    var cells: [Int]
    /// Of each worker, in bytes.
    var memoryLimit: UInt64
    /// Why it does not take turns, where it should.
    var remark = ""

    var takesTurns: Bool { cells.count > 1 }
  }

  init(
    plan: RunPlan, workload: PreparedWorkload, place: Int, cells: [CellResult], launcher: any Launcher,
    isInterrupted: @escaping () -> Bool, available: @escaping () -> UInt64
  ) {
    self.plan = plan
    self.workload = workload
    self.place = place
    self.launcher = launcher
    self.isInterrupted = isInterrupted
    self.available = available
    lines = Dictionary(uniqueKeysWithValues: plan.passes.map { ($0, plan.lineUp($0, of: cells)) })
    turnProcessor = plan.processors.last ?? ProcessorSet.own?.preferred
  }

  func line(_ pass: Pass) -> [Int] { lines[pass] ?? [] }

  /// Runs what a block still lacks and files it in `results`.
  func run(
    _ block: Block, _ results: inout ResultSet, _ pace: inout Pace, _ observer: any RunnerObserver
  ) throws(OutputError) {
    let cells = results.workloads[place].cells
    let running = line(block.pass).filter { cells[$0].status.kind == .ok }
    pace.begin(block.pass, runs: line(block.pass).count - running.count)
    var random = Schedule.random(of: block, seed: workload.description.seed)
    let units = units(running, block.pass, of: cells)
    for unit in Schedule.shuffled(units.count, &random).map({ units[$0] }) {
      if isInterrupted() { return }
      let seed = random.next()
      let number = pace.number + 1
      pace.begin(block.pass, runs: unit.cells.count)
      if unit.cells.allSatisfy({ cells[$0].has(block) }) { continue }
      observer.willRun(
        Step(
          number: number, total: pace.total, workload: workload.description.name,
          subjects: unit.cells.map { cells[$0].subject }, pass: block.pass, repetition: block.repetition,
          repetitions: block.pass == .throughput ? target : plan.repetitions(of: block.pass),
          mayGrow: block.pass == .throughput && mayGrow,
          remaining: pace.remaining(with: block.pass, runs: unit.cells.count)))
      let elapsed = run(unit, block, seed: seed, &results.workloads[place])
      pace.took(elapsed, block.pass, runs: unit.cells.count)
      try observer.didRun(results)
    }
  }

  private func units(_ running: [Int], _ pass: Pass, of cells: [CellResult]) -> [Unit] {
    func alone(_ index: Int, _ remark: String = "") -> Unit {
      Unit(cells: [index], memoryLimit: plan.memoryLimit, remark: remark)
    }
    guard plan.takesTurns(pass, workload.description) else { return running.map { alone($0) } }
    let memory = TurnMemory(workload.description, available: available())
    return plan.groups(running, of: cells).flatMap { group in
      if group.count < 2 { return group.map { alone($0) } }
      guard let limit = memory.limit(workers: group.count) else {
        return group.map { alone($0, memory.refusal(workers: group.count)) }
      }
      return [Unit(cells: group, memoryLimit: min(plan.memoryLimit, limit))]
    }
  }

  /// Runs workers and files what they said. A block of turns that was interrupted leaves nothing: its runs are worth
  /// something only together.
  ///
  /// - Returns: the time it took.
  private func run(_ unit: Unit, _ block: Block, seed: UInt64, _ result: inout WorkloadResult) -> Duration {
    let launches = unit.cells.map { launch(result.cells[$0], block, unit) }
    let outcomes = unit.takesTurns ? launcher.runTurns(launches, seed: seed) : launches.map(launcher.run)
    let elapsed = outcomes.reduce(.zero) { $0 + $1.elapsed }
    if outcomes.contains(where: { $0.ending == .interrupted }) { return elapsed }
    for (index, outcome) in zip(unit.cells, outcomes) { file(outcome, unit, block, index, &result) }
    return elapsed
  }

  private func file(
    _ outcome: LaunchOutcome, _ unit: Unit, _ block: Block, _ index: Int, _ result: inout WorkloadResult
  ) {
    let subject = result.cells[index].subject
    let seed = plan.seed(of: block.repetition, from: result.seed)
    var (status, record) = RecordJudge(
      subject: subject, pass: block.pass, preload: plan.preloads[subject.preloadName],
      streamDigest: result.streamDigests[seed]
    ).judge(outcome)
    if status.kind == .skipped {
      result.cells[index].fit = .skipped(status.note)
      return
    }
    if let record, status.kind == .ok {
      if result.streamDigests[seed] == nil { result.streamDigests[seed] = record[.streamDigest] }
      if let version = record[.libraryVersion] { result.cells[index].version = version }
      status.note = [unit.remark, status.note].filter { !$0.isEmpty }.joined(separator: "; ")
    }
    // Of a block of turns that some runs are missing of, all are taken anew.
    result.cells[index].runs.removeAll { $0.pass == block.pass && $0.repetition == block.repetition }
    result.cells[index].runs.append(
      RunResult(
        pass: block.pass, repetition: block.repetition, seed: seed, tookTurns: unit.takesTurns, status: status,
        record: record, elapsed: outcome.elapsed))
  }

  private func launch(_ cell: CellResult, _ block: Block, _ unit: Unit) -> Launch {
    var request = WorkerRequest(
      subject: cell.subject, pass: block.pass, workloadName: workload.fileName, directory: workload.directory,
      overrides: workload.overrides, adaptations: cell.fit.adaptations, isCold: plan.isCold, settles: plan.settles,
      steps: unit.takesTurns, processors: unit.takesTurns ? turnProcessor.map { [$0] } ?? [] : plan.processors)
    if plan.seeds > 1 {
      request.overrides.seed = plan.seed(of: block.repetition, from: workload.description.seed)
    }
    var environment: [Subject.EnvironmentVariable] = []
    if let library = plan.preloads[cell.subject.preloadName] {
      environment.append(Subject.EnvironmentVariable(name: "LD_PRELOAD", value: library))
    }
    return Launch(
      program: cell.subject.base.workerName, folder: plan.builds[cell.subject.build], arguments: request.arguments,
      environment: environment + cell.subject.environment, input: workload.text,
      timeout: plan.timeout ?? TimeEstimate(workload.description).timeout, memoryLimit: unit.memoryLimit,
      processors: request.processors, isControl: cell.subject.base == .null)
  }
}

extension CellResult {
  /// Whether the block's run is there, whatever came of it.
  fileprivate func has(_ block: Block) -> Bool {
    runs.contains { $0.pass == block.pass && $0.repetition == block.repetition && $0.status.kind != .interrupted }
  }
}
