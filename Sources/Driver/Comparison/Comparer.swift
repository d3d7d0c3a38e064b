import Workload

/// Compares result sets.
public struct Comparer: Sendable {
  public var thresholds: Thresholds
  /// Names of subjects and workloads to look at; empty for all.
  public var subjects: [String]
  public var workloads: [String]
  /// Whether differences of machines, seeds and workloads are only warned of.
  public var isForced: Bool
  var inference = Inference.standard

  public init(
    thresholds: Thresholds = Thresholds(), subjects: [String] = [], workloads: [String] = [], isForced: Bool = false
  ) {
    self.thresholds = thresholds
    self.subjects = subjects
    self.workloads = workloads
    self.isForced = isForced
  }

  /// Two files, which share no block.
  ///
  /// - Throws: `.different` unless forced, `.nothing` if the filters leave nothing, `.empty` if there are no figures.
  public func compare(_ base: ComparedFile, _ new: ComparedFile) throws(ComparisonRefusal) -> Comparison {
    let matching = try matching(in: [base.results, new.results])
    let matches = matching.pairs(base.results, new.results)
    let differences = Compatibility.differences(base, new, matches)
    if !differences.isEmpty, !isForced { throw .different(differences) }
    return try judged(
      matches, isPaired: false, base: base.side(), new: new.side(), machine: new.results.machine,
      warnings: differences.map { "different: \($0)" } + faults([base, new]))
  }

  /// Two subjects, or two builds, of one file, block by block.
  ///
  /// - Throws: `.nothing` if the filters leave nothing, `.empty` if there are no figures.
  public func compare(_ file: ComparedFile, between sides: ComparedSides) throws(ComparisonRefusal) -> Comparison {
    let matches = try matching(in: [file.results]).pairs(within: file.results, sides)
    let names = sides.names
    return try judged(
      matches, isPaired: true, base: file.side(names.base), new: file.side(names.new), machine: file.results.machine,
      warnings: faults([file]))
  }

  /// Blocks of every pass without which no verdict over so many cells can be given: each subject is judged by each
  /// quantity, for worse and for better.
  public static func fewestBlocks(_ plan: RunPlan, _ workloads: [PreparedWorkload], _ thresholds: Thresholds) -> Int {
    let quantities = thresholds.quantities.count { plan.passes.contains($0.metric.pass) }
    // Both sides of a subject are cells of the plan, and each quantity has two tests.
    let cells = workloads.reduce(0) { sum, workload in
      let cells = plan.cells(for: workload.description)
      return sum + plan.lineUp(.throughput, of: cells).count { cells[$0].subject.base != .null }
    }
    return BlocksToDecide.fewest(tests: cells * quantities)
  }

  private func matching(in results: [ResultSet]) throws(ComparisonRefusal) -> Matching {
    let matching = Matching(subjects: subjects, workloads: workloads)
    if let fault = matching.fault(in: results) { throw .nothing(fault) }
    return matching
  }

  private func faults(_ files: [ComparedFile]) -> [String] {
    files.flatMap { file in
      let cut = "interrupted, or still being measured: what is missing counts as missing"
      let faults = file.damage.map { [$0] } ?? (file.isComplete ? shortfalls(file) : [cut])
      return faults.map { "\(file.label): \($0)" }
    }
  }

  /// Where a budget ended before the blocks that every run has.
  private func shortfalls(_ file: ComparedFile) -> [String] {
    if file.plan.blocks.budget == nil { return [] }
    let wanted = Set(thresholds.quantities.map(\.metric.pass))
    return zip(file.results.distinctNames, file.results.workloads).flatMap { name, workload in
      file.plan.passes.filter(wanted.contains).compactMap { pass in
        let running = workload.cells.filter { $0.status.kind == .ok }
        guard let done = running.map({ $0.measured(pass).count }).max() else { return nil }
        let planned = file.plan.repetitions(of: pass)
        if done >= planned { return nil }
        return "\(name): the budget was spent after \(done) of \(planned) blocks of the \(pass.rawValue) pass"
      }
    }
  }

  private func judged(
    _ matches: [WorkloadMatch], isPaired: Bool, base: Comparison.Side, new: Comparison.Side, machine: Machine,
    warnings: [String]
  ) throws(ComparisonRefusal) -> Comparison {
    let judge = ComparisonJudge(thresholds: thresholds, isPaired: isPaired, inference: inference)
    let (workloads, tests) = judge.judge(matches)
    if workloads.isEmpty { throw .empty }
    // The correction lets no change of a cell through that has fewer.
    let fewest = BlocksToDecide.fewest(tests: tests, isPaired: isPaired)
    let tooFew = workloads.flatMap(\.cells).filter { $0.worse != nil }.compactMap(\.estimate?.blocks)
      .filter { $0 < fewest }
    var warnings = warnings
    if let least = tooFew.min() {
      warnings.append("\(least) blocks cannot tell a change among \(tests) tests: it takes --blocks \(fewest)")
    }
    return Comparison(
      base: base, new: new, machine: machine, isPaired: isPaired, thresholds: thresholds, workloads: workloads,
      warnings: warnings, tests: tests)
  }
}

/// Why nothing was compared.
public enum ComparisonRefusal: Error, Equatable, Sendable {
  /// Machines, seeds, workloads or ways of measuring differ; a clause for each.
  case different([String])
  /// A filter names what was not measured: one sentence.
  case nothing(String)
  /// No cell of either side has a figure that is judged.
  case empty
}
