public import Workload

/// One result set on one side of a comparison.
public struct ComparedFile: Equatable, Sendable {
  /// As the user named it.
  public var label: String
  public var results: ResultSet
  public var plan: RunPlan
  /// What of the file could not be read; nil if it is whole.
  public var damage: String?
  /// Whether the command that wrote it came to its end.
  public var isComplete: Bool

  public init(label: String, results: ResultSet, plan: RunPlan, damage: String? = nil, isComplete: Bool = true) {
    self.label = label
    self.results = results
    self.plan = plan
    self.damage = damage
    self.isComplete = isComplete
  }

  func side(_ name: String? = nil) -> Comparison.Side {
    Comparison.Side(label: name ?? label, tool: results.tool, date: results.date)
  }
}

extension WorkloadResult {
  /// The name with what tells this setting from the others of a sweep: `churn threads=4`.
  var nameWithSetting: String { ([name] + setting.map { "\($0.name)=\($0.value)" }).joined(separator: " ") }
}

extension ResultSet {
  /// A name with its setting for each workload. Files of different folders may share one: the second of a name is
  /// `churn (2)`.
  var distinctNames: [String] {
    var seen: Set<String> = []
    return workloads.map { workload in
      var (name, number) = (workload.nameWithSetting, 1)
      while !seen.insert(name).inserted {
        number += 1
        name = "\(workload.nameWithSetting) (\(number))"
      }
      return name
    }
  }
}

/// One cell on both sides; nil where a side has none.
struct CellMatch {
  struct Place {
    var workload: WorkloadResult
    var cell: CellResult

    var way: CellComparison.Way { CellComparison.Way(subject: cell.subject, fit: cell.fit) }
  }
  var subject: String
  var base: Place?
  var new: Place?
}

/// One workload on both sides, with its cells.
struct WorkloadMatch {
  var name: String
  var base: WorkloadResult?
  var new: WorkloadResult?
  var cells: [CellMatch]
}

/// Finds what is to be held against what.
struct Matching {
  /// Names of subjects and workloads to look at; empty for all.
  var subjects: [String] = []
  var workloads: [String] = []

  /// Equal workloads and subjects of two files. The harness's own cost is no subject here.
  func pairs(_ base: ResultSet, _ new: ResultSet) -> [WorkloadMatch] {
    let (baseNames, newNames) = (base.distinctNames, new.distinctNames)
    let names = baseNames + newNames.filter { !baseNames.contains($0) }
    return names.compactMap { name in
      let left = baseNames.firstIndex(of: name).map { base.workloads[$0] }
      let right = newNames.firstIndex(of: name).map { new.workloads[$0] }
      guard isWanted(workload: left ?? right) else { return nil }
      var subjects: [Subject] = []
      for cell in (left?.cells ?? []) + (right?.cells ?? []) where cell.subject.base != .null {
        if !subjects.contains(cell.subject) { subjects.append(cell.subject) }
      }
      let cells = subjects.filter { isWanted(subject: $0.name) }.map { subject in
        CellMatch(subject: subject.name, base: left?.place(subject), new: right?.place(subject))
      }
      return WorkloadMatch(name: name, base: left, new: right, cells: cells)
    }
  }

  /// Two subjects of one file over all its workloads, or every subject of one build against the same of another.
  func pairs(within results: ResultSet, _ sides: ComparedSides) -> [WorkloadMatch] {
    zip(results.distinctNames, results.workloads).filter { isWanted(workload: $0.1) }.map { name, workload in
      let cells: [CellMatch]
      switch sides {
      case .subjects(let base, let new):
        cells = [CellMatch(subject: new.name, base: workload.place(base), new: workload.place(new))]
      case .builds(let base, let new):
        var names: [String] = []
        for cell in workload.cells where [base, new].contains(cell.subject.build) && cell.subject.base != .null {
          if !names.contains(cell.subject.nameInWorker) { names.append(cell.subject.nameInWorker) }
        }
        cells = names.filter { isWanted(subject: $0) }.map { name in
          func place(_ build: String) -> CellMatch.Place? {
            workload.cells.first { $0.subject.build == build && $0.subject.nameInWorker == name }
              .map { CellMatch.Place(workload: workload, cell: $0) }
          }
          return CellMatch(subject: name, base: place(base), new: place(new))
        }
      }
      return WorkloadMatch(name: name, base: workload, new: workload, cells: cells)
    }
  }

  private func isWanted(subject: String) -> Bool { subjects.isEmpty || subjects.contains(subject) }

  private func isWanted(workload: WorkloadResult?) -> Bool {
    guard let workload, !workloads.isEmpty else { return true }
    return workloads.contains(workload.name) || workloads.contains(workload.nameWithSetting)
  }

  /// A sentence about the first filter that nothing passes; nil if each names something.
  func fault(in results: [ResultSet]) -> String? {
    func unknown(_ wanted: [String], _ known: [String], _ what: String) -> String? {
      guard let name = wanted.first(where: { !known.contains($0) }) else { return nil }
      var seen: [String] = []
      for other in known where !seen.contains(other) { seen.append(other) }
      let hint = nearest(to: name, in: seen).map { "; did you mean '\($0)'?" } ?? ""
      return "no \(what) '\(name)' was measured\(hint) (measured: \(seen.joined(separator: ", ")))"
    }
    let all = results.flatMap(\.workloads)
    let measured = all.flatMap(\.cells).map(\.subject).filter { $0.base != .null }
    let names = measured.map(\.name) + measured.filter { !$0.build.isEmpty }.map(\.nameInWorker)
    return unknown(workloads, all.map(\.name) + all.map(\.nameWithSetting), "workload")
      ?? unknown(subjects, names, "subject")
  }
}

/// The two sides of a comparison within one file.
public enum ComparedSides: Equatable, Sendable {
  case subjects(base: Subject, new: Subject)
  case builds(base: String, new: String)

  /// What `--between A,B` names: two builds of the file, else two of its subjects.
  ///
  /// - Throws: `SubjectError` with a sentence for the user.
  public init(_ base: String, _ new: String, in file: ComparedFile) throws(SubjectError) {
    if base == new { throw SubjectError("--between takes two different names, not '\(base)' twice") }
    if file.plan.builds[base] != nil, file.plan.builds[new] != nil {
      self = .builds(base: base, new: new)
      return
    }
    let measured = file.results.cells.map(\.subject)
    func subject(_ name: String) throws(SubjectError) -> Subject {
      if let found = measured.first(where: { $0.name == name }) { return found }
      var known: [String] = []
      for other in measured where !known.contains(other.name) { known.append(other.name) }
      let hint = nearest(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw SubjectError(
        "--between: no subject '\(name)' was measured\(hint) (measured: \(known.joined(separator: ", ")))")
    }
    self = .subjects(base: try subject(base), new: try subject(new))
  }

  var names: (base: String, new: String) {
    switch self {
    case .subjects(let base, let new): (base.name, new.name)
    case .builds(let base, let new): (base, new)
    }
  }
}

extension WorkloadResult {
  fileprivate func place(_ subject: Subject) -> CellMatch.Place? {
    cell(subject).map { CellMatch.Place(workload: self, cell: $0) }
  }
}
