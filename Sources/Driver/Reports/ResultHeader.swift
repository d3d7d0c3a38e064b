import Workload

/// What stands above the tables: the tool, the machine, the libraries, and for each workload what was replayed.
struct ResultHeader {
  var results: ResultSet
  var paint: Paint

  /// Of the whole result set.
  func lines(width: Int) -> [String] {
    let machine = results.machine
    var facts = [
      "\(machine.processor), \(machine.cores) \(machine.cores == 1 ? "core" : "cores")",
      "\(Units.bytes(Double(machine.memoryBytes))) of memory", machine.kernel, machine.libc,
      "THP \(machine.hugePages)", "governor \(machine.governor)", "ASLR \(machine.addressRandomisation)",
      "load \(machine.load)",
    ]
    facts += machine.groupLimits
    let title = paint("poolbench \(results.tool.words)", .heading) + paint("  \(results.date)", .faint)
    return [title] + joined(facts, width: width)
  }

  /// Of one workload.
  func lines(_ workload: WorkloadResult, width: Int) -> [String] {
    let setting = workload.setting.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    let name = setting.isEmpty ? workload.name : "\(workload.name), \(setting)"
    var lines = [paint(name, .heading)]
    if let summary = workload.summary { lines += wrap(summary, width: width) }
    return lines + joined(replayed(workload), width: width) + versions(workload, width: width)
  }

  /// Lanes, seed, stream and operations.
  func replayed(_ workload: WorkloadResult) -> [String] {
    var facts = ["\(workload.lanes) \(workload.lanes == 1 ? "lane" : "lanes")", seeds(workload)]
    if let digest = workload.streamDigest { facts.append("stream \(digest)") }
    let operations = workload.cells.lazy.flatMap(\.runs).compactMap { $0.number(.ops) }.first
    if let operations { facts.append("\(Units.count(operations)) operations") }
    return facts + blocks(workload)
  }

  private func seeds(_ workload: WorkloadResult) -> String {
    let seeds = Set(workload.cells.lazy.flatMap(\.runs).map(\.seed))
    guard seeds.count > 1, let least = seeds.min(), let most = seeds.max() else { return "seed \(workload.seed)" }
    return "seeds \(least) to \(most)"
  }

  /// How often and in what way throughput was measured.
  private func blocks(_ workload: WorkloadResult) -> [String] {
    let runs = workload.cells.flatMap { $0.measured(.throughput) }
    guard let most = runs.map(\.repetition).max() else { return [] }
    let way = runs.contains(where: \.tookTurns) ? "workers took turns on one processor" : "workers ran one by one"
    return ["\(most) \(most == 1 ? "block" : "blocks")", way]
  }

  /// What each library says it is, where that says more than the subject's name.
  private func versions(_ workload: WorkloadResult, width: Int) -> [String] {
    var seen: [String] = []
    for cell in workload.cells where cell.subject.base.isMalloc && !cell.version.isEmpty {
      let stem = cell.subject.base == .preloaded ? cell.subject.preloadName : cell.subject.base.rawValue
      let text = cell.version.hasPrefix(stem) ? cell.version : "\(stem) is \(cell.version)"
      if !seen.contains(text) { seen.append(text) }
    }
    return seen.isEmpty ? [] : joined(seen, width: width)
  }

  /// Facts with dots between them, whole facts to a line.
  private func joined(_ facts: [String], width: Int) -> [String] {
    var lines: [String] = []
    for fact in facts {
      if let last = lines.last, last.count + 3 + fact.count <= width {
        lines[lines.count - 1] = last + " · " + fact
      } else {
        lines.append(fact)
      }
    }
    return lines.map { paint($0, .faint) }
  }
}
