public import Workload

/// A quantity over the repetitions, as a table shows it.
public struct Figure: Equatable, Sendable {
  public var median: Double
  /// Nil of a single repetition.
  public var halfRange: Double?

  init(_ sample: Sample) {
    median = sample.median
    halfRange = sample.halfRange
  }

  init?(_ values: [Double]) {
    guard let sample = Sample(values) else { return nil }
    self.init(sample)
  }

  /// The half range in hundredths of the median.
  public var spread: Double? {
    guard let halfRange, median > 0 else { return nil }
    return halfRange / median * 100
  }
}

/// One cell's figures over all its repetitions.
public struct CellSummary: Equatable, Sendable {
  public var megaops: Figure?
  /// Nanoseconds an operation.
  public var gross: Figure?
  /// Gross less the control's gross, difference by difference within a block.
  public var net: Figure?
  /// The reference's gross ÷ the cell's, block by block: above 1 is faster than the reference.
  public var ratio: Figure?
  /// CPU time ÷ wall time.
  public var cpuShare: Figure?
  /// By kind, all repetitions merged.
  public var latency: [OperationKind: LatencyFigures] = [:]
  /// The harness's own on the same stream.
  public var control: [OperationKind: LatencyFigures] = [:]
  /// Medians of the memory pass, in bytes.
  public var memory: [RecordKey: Double] = [:]
  public var overhead: Figure?
  /// Page faults of the memory pass, else of the throughput pass.
  public var faults: Double?

  /// Peak live bytes from which on ratios of resident memory mean something.
  public static let meaningfulLive = 64.0 * 0x1p20

  /// Whether the overhead is of too small a heap to say much.
  public var isSmallHeap: Bool { (memory[.peakLive] ?? 0) < Self.meaningfulLive }

  /// Whether the net cost can't be told from nothing. A single repetition has no interval; then only 0 or less is.
  public var isNetNothing: Bool {
    guard let net else { return false }
    return net.median - (net.halfRange ?? 0) <= 0
  }

  public init(_ cell: CellResult, of workload: WorkloadResult, reference: Subject) {
    let timed = cell.measured(.throughput)
    megaops = Figure(timed.compactMap(\.megaopsPerSecond))
    gross = Figure(timed.compactMap(\.grossNanoseconds))
    net = Figure(timed.compactMap { workload.netNanoseconds(cell.subject, $0) })
    cpuShare = Figure(
      timed.compactMap { run in
        guard let cpu = run.number(.cpuNanoseconds), let wall = run.number(.wallNanoseconds) else { return nil }
        return cpu / wall
      })
    let base = workload.cell(reference)
    ratio = Figure(
      timed.compactMap { run in
        guard let own = run.grossNanoseconds, own > 0,
          let other = base?.run(.throughput, repetition: run.repetition)?.grossNanoseconds
        else { return nil }
        return other / own
      })

    latency = LatencySummary(merging: cell.measured(.latency).compactMap(\.latency))?.figures ?? [:]
    // The null subject is the clock itself and has nothing to be compared with.
    let harness = cell.subject.base == .null ? nil : workload.cell(workload.controlSubject(of: cell.subject))
    control = LatencySummary(merging: harness?.measured(.latency).compactMap(\.latency) ?? [])?.figures ?? [:]

    let observed = cell.measured(.memory)
    let keys: [RecordKey] = [
      .peakResident, .meanResident, .peakLive, .waste, .drainedResident, .settledResident, .purgedResident,
      .exitedResident,
    ]
    for key in keys { memory[key] = Sample(observed.compactMap { $0.number(key) })?.median }
    overhead = Figure(observed.compactMap(\.overhead))
    let faulting = observed.isEmpty ? timed : observed
    let counts = faulting.compactMap { run -> Double? in
      guard let minor = run.number(.minorFaults) else { return nil }
      return minor + (run.number(.majorFaults) ?? 0)
    }
    faults = Sample(counts)?.median
  }

  /// Whether a percentile can't be told from the clock's own: it is under twice the control's.
  public func isBelowClock(_ kind: OperationKind, _ percentile: KeyPath<LatencyFigures, Double>) -> Bool {
    guard let own = latency[kind]?[keyPath: percentile], let clock = control[kind]?[keyPath: percentile]
    else { return false }
    return own < 2 * clock
  }
}
