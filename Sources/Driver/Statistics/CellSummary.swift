import Foundation
public import Workload

/// A quantity over the repetitions, as a table shows it.
public struct Figure: Equatable, Sendable {
  public var median: Double
  /// 95 % interval of the median; of too few repetitions their range. Nil of a single one.
  public var interval: ClosedRange<Double>?

  /// Repetitions from which on an interval says more than the range.
  public static let fewestForInterval = 5

  /// - Parameter seed: of the bootstrap; nil to leave it at the range.
  init?(_ values: [Double], seed: UInt64? = nil) {
    guard let sample = Sample(values) else { return nil }
    median = sample.median
    if let seed, values.count >= Self.fewestForInterval {
      interval = Bootstrap.median(values, seed: seed)
    } else if values.count > 1 {
      interval = sample.least...sample.greatest
    }
  }

  /// What becomes of it by a falling function, such as a time by the one that makes a rate of it.
  func reversed(_ function: (Double) -> Double) -> Figure {
    var figure = self
    figure.median = function(median)
    figure.interval = interval.map { function($0.upperBound)...function($0.lowerBound) }
    return figure
  }

  /// Half the interval in hundredths of the median.
  public var spread: Double? {
    guard let interval, median > 0 else { return nil }
    return (interval.upperBound - interval.lowerBound) / 2 / median * 100
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
  /// Timed blocks, and those whose ratio is far outside the others'.
  public var blocks = 0
  public var outliers = 0
  /// CPU time ÷ wall time.
  public var cpuShare: Figure?
  /// By kind, all repetitions merged.
  public var latency: [OperationKind: LatencyFigures] = [:]
  /// The harness's own on the same stream.
  public var control: [OperationKind: LatencyFigures] = [:]
  /// By kind: the repetitions' own 99th percentiles.
  public var p99: [OperationKind: Figure] = [:]
  /// What the processor counted in the throughput pass, where it could.
  public var counters: CounterFigures
  public var openLoop: OpenLoopFigures?
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
    return net.interval?.lowerBound ?? net.median <= 0
  }

  /// Half the interval of the ratio, from which conclusions are drawn; for the reference that of its time. In hundredths.
  public var spread: Double?

  /// Half interval in hundredths from which on a row is called noisy.
  public static let noisySpread = 5.0

  public var isNoisy: Bool { (spread ?? 0) > Self.noisySpread }

  public init(_ cell: CellResult, of workload: WorkloadResult, reference: Subject) {
    let timed = cell.measured(.throughput)
    let seed = workload.seed
    blocks = timed.count
    gross = Figure(timed.compactMap(\.grossNanoseconds), seed: seed)
    megaops = gross?.reversed { $0 > 0 ? 1000 / $0 : .infinity }
    net = Figure(timed.compactMap { workload.netNanoseconds(cell.subject, $0) }, seed: seed)
    counters = CounterFigures(timed)
    cpuShare = Figure(
      timed.compactMap { run in
        guard let cpu = run.number(.cpuNanoseconds), let wall = run.number(.wallNanoseconds) else { return nil }
        return cpu / wall
      })
    let logarithms = workload.timeLogarithms(of: cell.subject, against: reference)
    ratio = Figure(logarithms, seed: cell.subject == reference ? nil : seed)?.reversed { exp(-$0) }
    outliers = Outliers.count(logarithms)
    spread = cell.subject == reference ? gross?.spread : ratio?.spread

    latency = LatencySummary(merging: cell.measured(.latency).compactMap(\.latency))?.figures ?? [:]
    // The null subject is the clock itself and has nothing to be compared with.
    let harness = cell.subject.base == .null ? nil : workload.cell(workload.controlSubject(of: cell.subject))
    control = LatencySummary(merging: harness?.measured(.latency).compactMap(\.latency) ?? [])?.figures ?? [:]

    for kind in latency.keys {
      p99[kind] = Figure(cell.measured(.latency).compactMap { $0.latency?.figures[kind]?.p99 }, seed: seed)
    }
    openLoop = OpenLoopFigures(cell.measured(.latency))

    let observed = cell.measured(.memory)
    let keys: [RecordKey] = [
      .peakResident, .meanResident, .peakLive, .waste, .drainedResident, .settledResident, .purgedResident,
      .exitedResident, .addressSpace,
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
