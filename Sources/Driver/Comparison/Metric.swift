public import Workload

/// What is compared, as `--threshold` names it. Of every one less is better.
public enum Metric: String, CaseIterable, Sendable {
  /// Wall-clock time of a nominal operation.
  case throughput
  /// Percentiles of the durations of allocate and of free, which are two cells.
  case p50, p90, p99, p999
  /// Peak resident bytes.
  case rss
  /// Resident bytes once every object has been freed.
  case drained
  /// Instructions of a nominal operation, where the system counts them.
  case instructions

  /// The pass that measures it.
  public var pass: Pass {
    switch self {
    case .throughput, .instructions: .throughput
    case .p50, .p90, .p99, .p999: .latency
    case .rss, .drained: .memory
    }
  }

  /// What a threshold on it covers.
  public var quantities: [Quantity] {
    pass == .latency
      ? [OperationKind.allocate, .free].map { Quantity(self, of: $0) } : [Quantity(self)]
  }
}

/// One figure of a cell that can be compared.
public struct Quantity: Hashable, Sendable {
  public var metric: Metric
  /// The kind of operation of a percentile; nil for all else.
  public var kind: OperationKind?

  public init(_ metric: Metric, of kind: OperationKind? = nil) {
    self.metric = metric
    self.kind = kind
  }

  /// `p99 free`.
  public var name: String {
    let stem = metric == .rss ? "peak RSS" : metric.rawValue
    return kind.map { "\(stem) \($0.rawValue)" } ?? stem
  }

  /// Of the column of the long form that holds it, or would.
  public var column: String {
    switch metric {
    case .throughput: "gross_ns_per_op"
    case .p50, .p90, .p99, .p999: "\(kind?.rawValue ?? "")_\(metric.rawValue)_ns"
    case .rss: RecordKey.peakResident.rawValue
    case .drained: RecordKey.drainedResident.rawValue
    case .instructions: "instructions_per_op"
    }
  }

  /// As a table shows a value of it.
  public func text(_ value: Double) -> String {
    switch metric {
    case .throughput: Units.number(value) + " ns"
    case .p50, .p90, .p99, .p999: Units.latency(value)
    case .rss, .drained: Units.bytes(value)
    case .instructions: Units.number(value)
    }
  }

  /// The percentile in a set of them; nil for what is no percentile.
  var percentile: KeyPath<LatencyFigures, Double>? {
    switch metric {
    case .p50: \.p50
    case .p90: \.p90
    case .p99: \.p99
    case .p999: \.p999
    case .throughput, .rss, .drained, .instructions: nil
    }
  }
}

extension RunResult {
  /// What this run measured of a quantity of its pass; nil if it did not.
  func value(of quantity: Quantity) -> Double? {
    switch quantity.metric {
    case .throughput: return grossNanoseconds
    case .p50, .p90, .p99, .p999:
      guard let kind = quantity.kind, let percentile = quantity.percentile else { return nil }
      return latency?.figures[kind]?[keyPath: percentile]
    case .rss: return number(.peakResident)
    case .drained: return number(.drainedResident)
    case .instructions:
      guard let count = number(.instructions), let ops = number(.ops), ops > 0 else { return nil }
      return count / ops
    }
  }
}
