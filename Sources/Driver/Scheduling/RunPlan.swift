public import Workload

/// What a `run` measures on every workload, and how.
public struct RunPlan: Equatable, Sendable {
  /// In the order of the table.
  public var subjects: [Subject]
  /// The subject that ratios are taken against; one of `subjects`.
  public var reference: Subject
  public var passes: [Pass]
  /// Repetitions of every pass; nil for ``defaultRepetitions(_:)``.
  public var repetitions: Int?
  /// Leaves out what runs only by an adaptation.
  public var nativeOnly: Bool
  public var isCold: Bool
  public var settles: Bool
  /// Of one worker run; nil to take it from the estimate.
  public var timeout: Duration?
  /// Resident bytes of a worker.
  public var memoryLimit: UInt64
  /// Library of each `--preload` name.
  public var preloads: [String: String]

  public init(
    subjects: [Subject], reference: Subject, passes: [Pass] = [.throughput, .latency, .memory],
    repetitions: Int? = nil, nativeOnly: Bool = false, isCold: Bool = false, settles: Bool = true,
    timeout: Duration? = nil, memoryLimit: UInt64 = .max, preloads: [String: String] = [:]
  ) {
    self.subjects = subjects
    self.reference = reference
    self.passes = passes
    self.repetitions = repetitions
    self.nativeOnly = nativeOnly
    self.isCold = isCold
    self.settles = settles
    self.timeout = timeout
    self.memoryLimit = memoryLimit
    self.preloads = preloads
  }

  /// Time varies most, resident memory of a fixed stream hardly.
  public static func defaultRepetitions(_ pass: Pass) -> Int {
    switch pass {
    case .throughput: 5
    case .latency: 3
    case .memory: 2
    case .verification: 1
    }
  }

  /// One verification says it all: the stream is the same every time.
  public func repetitions(of pass: Pass) -> Int {
    pass == .verification ? 1 : repetitions ?? Self.defaultRepetitions(pass)
  }

  /// Subjects of a run that names none.
  public static let defaultSubjects: [Subject] = [
    Subject(.glibc), Subject(.jemalloc), Subject(.tcmalloc), Subject(.threadCache), Subject(.fixed),
    Subject(.fixedShared), Subject(.region),
  ]

  /// The cells of a workload: the subjects with their fit, then the harness's own cost, with scopes ended in bulk
  /// also where a subject ends them so.
  public func cells(for description: WorkloadDescription) -> [CellResult] {
    var list = subjects
    if !list.contains(Subject(.null)) { list.append(Subject(.null)) }
    var cells = list.map { CellResult(subject: $0, fit: fit($0, description)) }
    let bulk = Subject(.null, options: [.bulk])
    let needsBulk = cells.contains { cell in
      if case .skipped = cell.fit { return false }
      return cell.subject.base != .null && cell.subject.capabilities.endsScopesInBulk
    }
    if needsBulk, !list.contains(bulk) { cells.append(CellResult(subject: bulk, fit: .native)) }
    return cells
  }

  private func fit(_ subject: Subject, _ description: WorkloadDescription) -> Fit {
    let fit = Fit.of(subject, description)
    guard nativeOnly, case .adapted(let adaptations) = fit else { return fit }
    let how = adaptations.map(\.explanation).joined(separator: ", ")
    return .skipped("only adapted (\(how)), and --native-only leaves that out")
  }
}
