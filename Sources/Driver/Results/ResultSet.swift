public import Workload

/// Everything that one command measured, with the machine it was measured on.
public struct ResultSet: Equatable, Sendable {
  public var machine: Machine
  public var tool: ToolVersion
  /// ISO 8601, UTC.
  public var date: String
  /// The command's arguments.
  public var arguments: [String]
  public var workloads: [WorkloadResult]

  public init(machine: Machine, tool: ToolVersion, date: String, arguments: [String], workloads: [WorkloadResult]) {
    self.machine = machine
    self.tool = tool
    self.date = date
    self.arguments = arguments
    self.workloads = workloads
  }

  /// Every cell of every workload.
  public var cells: [CellResult] { workloads.flatMap(\.cells) }
}

/// One workload at one setting of its threads and parameters.
public struct WorkloadResult: Equatable, Sendable {
  public var name: String
  public var summary: String?
  /// The description's text as read.
  public var text: String
  /// What the command line changed in it.
  public var overrides: WorkloadOverrides
  /// What tells this setting from the others of a sweep, as `threads=4`; empty without a sweep.
  public var setting: [Parameter]
  public var lanes: Int
  public var seed: UInt64
  /// Of the streams of all lanes by seed, from the first record; every other run of that seed must have the same.
  public var streamDigests: [UInt64: String] = [:]
  /// In the order in which they are shown.
  public var cells: [CellResult]

  /// Of the workload's own seed.
  public var streamDigest: String? { streamDigests[seed] }

  public init(
    name: String, summary: String?, text: String, overrides: WorkloadOverrides, setting: [Parameter], lanes: Int,
    seed: UInt64, cells: [CellResult]
  ) {
    self.name = name
    self.summary = summary
    self.text = text
    self.overrides = overrides
    self.setting = setting
    self.lanes = lanes
    self.seed = seed
    self.cells = cells
  }

  public func cell(_ subject: Subject) -> CellResult? { cells.first { $0.subject == subject } }

  /// Files a run with the cell at `index`: in the place of an earlier one of the same pass and repetition, else as the
  /// last. A record that is sound names the library's version and, the first of its seed, the stream.
  public mutating func file(_ run: RunResult, at index: Int) {
    if let record = run.record, run.status.kind == .ok {
      if let digest = record[.streamDigest], streamDigests[run.seed] == nil { streamDigests[run.seed] = digest }
      if let version = record[.libraryVersion] { cells[index].version = version }
    }
    let place = cells[index].runs.lastIndex { $0.pass == run.pass && $0.repetition == run.repetition }
    if let place { cells[index].runs[place] = run } else { cells[index].runs.append(run) }
  }
}

/// One subject on one workload.
public struct CellResult: Equatable, Sendable {
  public var subject: Subject
  public var fit: Fit
  /// Of the library, as the record names it.
  public var version: String
  public var runs: [RunResult]

  public init(subject: Subject, fit: Fit, version: String = "", runs: [RunResult] = []) {
    self.subject = subject
    self.fit = fit
    self.version = version
    self.runs = runs
  }

  /// Skipped, else the first failure of a run, else ok.
  public var status: RunStatus {
    if case .skipped(let reason) = fit { return RunStatus(.skipped, note: reason) }
    return runs.first { $0.status.isFailure }?.status ?? .ok
  }

  /// The runs of a pass that have figures, in order of repetition.
  public func measured(_ pass: Pass) -> [RunResult] {
    runs.filter { $0.pass == pass && $0.status.kind == .ok && $0.record != nil }
  }

  /// The measured run of one repetition.
  public func run(_ pass: Pass, repetition: Int) -> RunResult? {
    runs.first { $0.pass == pass && $0.repetition == repetition && $0.status.kind == .ok }
  }
}

/// What one worker run gave: the raw record and how it ended.
public struct RunResult: Equatable, Sendable {
  public var pass: Pass
  /// From 1.
  public var repetition: Int
  /// Of the stream.
  public var seed: UInt64
  /// Whether the worker took turns with the others of its block on one processor.
  public var tookTurns: Bool
  public var status: RunStatus
  /// Nil if the worker left none.
  public var record: RunRecord?
  /// From the worker's start to its end; of one that took turns what it was busy for.
  public var elapsed: Duration
  /// Read from the record's histograms once.
  public var latency: LatencySummary?

  public init(
    pass: Pass, repetition: Int, seed: UInt64 = 1, tookTurns: Bool = false, status: RunStatus,
    record: RunRecord? = nil, elapsed: Duration = .zero
  ) {
    self.pass = pass
    self.repetition = repetition
    self.seed = seed
    self.tookTurns = tookTurns
    self.status = status
    self.record = record
    self.elapsed = elapsed
    latency = pass == .latency ? record.flatMap { LatencySummary($0) } : nil
  }
}
