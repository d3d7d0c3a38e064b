import Workload

/// The columns of the long form: one row per cell, pass and repetition. New ones are added at the end.
public enum Columns {
  public static let names: [String] =
    [
      "workload", "subject", "version", "how", "lanes", "seed", "pass", "repetition", "status", "note", "ops",
      "wall_ns", "cpu_ns", "gross_ns_per_op", "net_ns_per_op", "mops_per_s",
    ] + timedKinds.flatMap { latencyNames($0.rawValue) } + latencyNames("control") + memoryKeys.map(\.rawValue)
    + [
      "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches", "setting", "adaptation",
      "stream_digest", "turns",
    ] + counterKeys.map(\.rawValue) + rateKeys.map(\.rawValue) + [RecordKey.lateStarts.rawValue]
    + latencyNames(OperationKind.access.rawValue) + [RecordKey.addressSpace.rawValue]

  static let timedKinds: [OperationKind] = [.allocate, .free, .resize, .scopeEnd]

  private static func latencyNames(_ prefix: String) -> [String] { LatencyFigures.names.map { "\(prefix)_\($0)_ns" } }

  private static let memoryBefore: [RecordKey] = [.baselineResident, .peakResident, .meanResident, .peakLive]
  private static let memoryAfter: [RecordKey] = [
    .waste, .drainedResident, .settledResident, .purgedResident, .exitedResident,
  ]
  private static let memoryKeys: [OrderedColumn] =
    memoryBefore.map { .key($0) } + [.overhead] + memoryAfter.map { .key($0) }

  private static let counterKeys: [RecordKey] = [
    .instructions, .cycles, .l1Misses, .cacheMisses, .tlbMisses, .mapCalls, .unmapCalls, .adviseCalls,
  ]
  private static let rateKeys: [RecordKey] = [.askedRate, .achievedRate]

  /// Columns that take a second run, of the null subject, beside their own.
  static let relativeNames: Set<String> = Set(latencyNames("control") + ["net_ns_per_op"])

  /// A column of the memory pass.
  private enum OrderedColumn {
    case key(RecordKey)
    case overhead

    var rawValue: String {
      switch self {
      case .key(let key): key.rawValue
      case .overhead: "overhead_ratio"
      }
    }
  }

  /// One value; a column that a pass doesn't fill has none.
  public enum Value: Equatable, Sendable {
    case none
    case text(String)
    case whole(Int)
    case number(Double)
  }

  /// The rows of a workload, cell by cell, each in the order in which it ran; a skipped cell has one.
  public static func rows(_ workload: WorkloadResult) -> [[Value]] {
    workload.cells.flatMap { cell in
      if case .skipped = cell.fit { return [row(workload, cell, nil)] }
      return cell.runs.map { row(workload, cell, $0) }
    }
  }

  static func row(_ workload: WorkloadResult, _ cell: CellResult, _ run: RunResult?) -> [Value] {
    let status = run?.status ?? cell.status
    func whole(_ key: RecordKey) -> Value { run?.record?.integer(key).map { .whole($0) } ?? .none }
    func number(_ value: Double?) -> Value { value.map { .number($0) } ?? .none }
    func figures(_ latency: LatencyFigures?) -> [Value] {
      latency.map { $0.all.map { .number($0) } } ?? LatencyFigures.names.map { _ in .none }
    }
    let isThroughput = run?.pass == .throughput
    var row: [Value] = [
      .text(workload.name), .text(cell.subject.name), .text(cell.version), .text(cell.fit.word),
      .whole(workload.lanes), .text(String(run?.seed ?? workload.seed)),
      run.map { .text($0.pass.rawValue) } ?? .none, run.map { .whole($0.repetition) } ?? .none,
      .text(status.words), status.note.isEmpty ? .none : .text(status.note),
      whole(.ops), whole(.wallNanoseconds), whole(.cpuNanoseconds),
      number(isThroughput ? run?.grossNanoseconds : nil),
      number(isThroughput ? run.flatMap { workload.netNanoseconds(cell.subject, $0) } : nil),
      number(isThroughput ? run?.megaopsPerSecond : nil),
    ]
    for kind in timedKinds { row += figures(run?.latency?.figures[kind]) }
    let control = run.flatMap { workload.control(of: cell.subject, $0.pass, repetition: $0.repetition) }
    // One control for all kinds: what the clock costs hardly depends on what is timed.
    row += figures(control?.latency?.figures[.allocate])
    for column in memoryKeys {
      switch column {
      case .key(let key): row.append(run?.pass == .memory ? whole(key) : .none)
      case .overhead: row.append(number(run?.pass == .memory ? run?.overhead : nil))
      }
    }
    for key in [RecordKey.minorFaults, .majorFaults, .voluntarySwitches, .involuntarySwitches] {
      row.append(whole(key))
    }
    let setting = workload.setting.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    let adaptations = cell.fit.adaptations.map(\.rawValue).joined(separator: "+")
    row.append(setting.isEmpty ? .none : .text(setting))
    row.append(adaptations.isEmpty ? .none : .text(adaptations))
    row.append(run?.record?[.streamDigest].map { .text($0) } ?? .none)
    row.append(isThroughput ? run.map { .whole($0.tookTurns ? 1 : 0) } ?? .none : .none)
    row += counterKeys.map(whole) + rateKeys.map { number(run?.number($0)) } + [whole(.lateStarts)]
    row += figures(run?.latency?.figures[.access])
    row.append(run?.pass == .memory ? whole(.addressSpace) : .none)
    return row
  }
}
