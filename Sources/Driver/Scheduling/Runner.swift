import Workload

/// Runs a plan: workload by workload, block by block.
public struct Runner {
  public var plan: RunPlan
  private let launcher: any Launcher
  private let isInterrupted: () -> Bool
  /// Time since some fixed moment.
  private let now: () -> Duration
  /// Memory that can be had, in bytes.
  private let available: () -> UInt64

  public init(
    plan: RunPlan, launcher: any Launcher, isInterrupted: @escaping () -> Bool = { Interruption.isRequested }
  ) {
    let start = ContinuousClock.now
    self.init(
      plan: plan, launcher: launcher, isInterrupted: isInterrupted, now: { ContinuousClock.now - start },
      available: { SystemMemory.available })
  }

  init(
    plan: RunPlan, launcher: any Launcher, isInterrupted: @escaping () -> Bool, now: @escaping () -> Duration,
    available: @escaping () -> UInt64
  ) {
    self.plan = plan
    self.launcher = launcher
    self.isInterrupted = isInterrupted
    self.now = now
    self.available = available
  }

  /// Measures all of `workloads` and adds them to `results`. A cell whose worker fails runs no further.
  ///
  /// - Parameter results: what an earlier command has measured of the same workloads, in their order, is continued: runs
  ///   that are there are not run again, but for those of blocks of turns of which some are missing.
  /// - Returns: false if it was interrupted; what was measured until then is in `results`.
  /// - Throws: `OutputError` of the observer.
  public func run(
    _ workloads: [PreparedWorkload], into results: inout ResultSet, observer: any RunnerObserver
  ) throws(OutputError) -> Bool {
    let fresh = workloads.map { $0.emptyResult(cells: plan.cells(for: $0.description)) }
    var pace = Pace()
    for result in fresh {
      for pass in plan.passes {
        pace.expect(pass, runs: plan.repetitions(of: pass) * plan.lineUp(pass, of: result.cells).count)
      }
    }
    let start = now()
    for index in workloads.indices {
      if index < results.workloads.count {
        results.workloads[index] = fresh[index].continuing(results.workloads[index])
      } else {
        results.workloads.append(fresh[index])
      }
      // What is left of the budget is shared by the workloads that are left.
      let end = plan.blocks.budget.map { now() + (start + $0 - now()) / (workloads.count - index) }
      var course = WorkloadCourse(
        plan: plan, workload: workloads[index], place: index, cells: fresh[index].cells, launcher: launcher,
        isInterrupted: isInterrupted, available: available)
      try measure(&course, until: end, &results, &pace, observer)
      try observer.didFinishWorkload(results)
      if isInterrupted() { return false }
    }
    return true
  }

  /// Runs one workload's blocks: those that every run has, then more by the stopping rule.
  ///
  /// - Parameter end: when no further block is begun.
  private func measure(
    _ course: inout WorkloadCourse, until end: Duration?, _ results: inout ResultSet, _ pace: inout Pace,
    _ observer: any RunnerObserver
  ) throws(OutputError) {
    var blocks = Schedule.blocks(passes: plan.passes, repetitions: plan.repetitions(of:))
    var end = end
    course.target = plan.repetitions(of: .throughput)
    var looks = plan.blocks.count == nil && plan.passes.contains(.throughput) ? StoppingRule.looks : []
    looks.removeAll { $0 <= course.target }
    course.mayGrow = !looks.isEmpty
    while true {
      for (index, block) in blocks.enumerated() {
        if isInterrupted() || end.map({ now() >= $0 }) ?? false {
          for left in blocks[index...] { pace.expect(left.pass, runs: -course.line(left.pass).count) }
          return
        }
        try course.run(block, &results, &pace, observer)
      }
      if looks.isEmpty || isInterrupted() || results.workloads[course.place].isPrecise(against: plan.reference) {
        return
      }
      let reached = course.target
      course.target = looks.removeFirst()
      course.mayGrow = !looks.isEmpty
      end = end ?? now() + .seconds(BlockPolicy.extraSeconds)
      blocks = (reached + 1...course.target).map { Block(.throughput, $0) }
      pace.expect(.throughput, runs: blocks.count * course.line(.throughput).count)
    }
  }
}

extension WorkloadResult {
  /// What an earlier command has left, with the cells in this order.
  fileprivate func continuing(_ earlier: WorkloadResult) -> WorkloadResult {
    var result = earlier
    result.cells = cells.map { cell in
      var known = earlier.cell(cell.subject) ?? cell
      known.runs.removeAll { $0.status.kind == .interrupted }
      return known
    }
    return result
  }
}
