import Workload

/// What keeps two result sets from being compared: whatever else than the subject could have changed the figures.
enum Compatibility {
  /// Every difference as one clause, in a fixed order; none if the sides can be compared. Versions of the allocators
  /// are no hindrance: they are often the point.
  static func differences(_ base: ComparedFile, _ new: ComparedFile, _ matches: [WorkloadMatch]) -> [String] {
    let machines = base.results.machine.differences(from: new.results.machine)
    return machines.map { "\($0.name): \($0.own) and \($0.other)" } + plan(base.plan, new.plan)
      + matches.flatMap(workload)
  }

  private static func plan(_ base: RunPlan, _ new: RunPlan) -> [String] {
    func warmUp(_ plan: RunPlan) -> String { plan.isCold ? "none (--cold)" : "one replay" }
    func pins(_ plan: RunPlan) -> String {
      plan.processors.isEmpty ? "any" : plan.processors.map(String.init).joined(separator: ",")
    }
    return [
      clause("warm-up", warmUp(base), warmUp(new)), clause("seeds in turn", "\(base.seeds)", "\(new.seeds)"),
      clause("processors", pins(base), pins(new)),
    ].compactMap { $0 }
  }

  private static func workload(_ match: WorkloadMatch) -> [String] {
    guard let base = match.base, let new = match.new else { return [] }
    var list = [
      clause("\(match.name): seed", "\(base.seed)", "\(new.seed)"),
      clause("\(match.name): lanes", "\(base.lanes)", "\(new.lanes)"),
      clause("\(match.name): settings", overrides(base), overrides(new)),
    ].compactMap { $0 }
    if base.text != new.text { list.append("\(match.name): the workload's text") }
    for (seed, digest) in base.streamDigests.sorted(by: { $0.key < $1.key }) {
      guard let other = new.streamDigests[seed], other != digest else { continue }
      list.append("\(match.name): stream of seed \(seed): \(digest) and \(other)")
    }
    if let turns = clause("\(match.name): throughput replayed", turns(base), turns(new)) {
      list.append(turns)
    } else if let sharers = clause("\(match.name): took turns together", sharers(base), sharers(new)) {
      list.append(sharers)
    }
    for cell in match.cells {
      if let ways = clause("\(match.name): \(cell.subject) runs", way(cell.base), way(cell.new)) { list.append(ways) }
    }
    return list
  }

  /// What the command line changed in a workload, but the seed, which is compared by itself.
  private static func overrides(_ workload: WorkloadResult) -> String {
    let changes = workload.overrides
    var list: [String] = []
    if let threads = changes.threads { list.append("threads=\(threads)") }
    if let operations = changes.operations { list.append("operations=\(operations)") }
    list += changes.parameters.map { "\($0.name)=\($0.value)" }
    return list.isEmpty ? "none" : list.joined(separator: " ")
  }

  /// Nil where nothing was timed.
  private static func turns(_ workload: WorkloadResult) -> String? {
    let ways = Set(workload.cells.flatMap { $0.measured(.throughput) }.map(\.tookTurns))
    if ways.isEmpty { return nil }
    return ways.count > 1 ? "both ways" : ways.contains(true) ? "in turns" : "as whole runs"
  }

  /// Who shared the processor, on which the length of the slices and the state of the caches depend; nil if nobody did.
  private static func sharers(_ workload: WorkloadResult) -> String? {
    let names = workload.cells.filter { cell in cell.runs.contains { $0.pass == .throughput && $0.tookTurns } }
      .map(\.subject.name)
    return names.isEmpty ? nil : names.sorted().joined(separator: ", ")
  }

  /// Nil for what does not run: that is a verdict of its own.
  private static func way(_ place: CellMatch.Place?) -> String? {
    switch place?.cell.fit {
    case .native: "native"
    case .adapted(let adaptations): "adapted (\(adaptations.map(\.explanation).joined(separator: "; ")))"
    case .skipped, nil: nil
    }
  }

  /// `kernel: Linux 6.1 and Linux 6.5`; nil if they are equal or one is not known.
  private static func clause(_ what: String, _ base: String?, _ new: String?) -> String? {
    guard let base, let new, base != new else { return nil }
    return "\(what): \(base) and \(new)"
  }
}
