import Driver
import Workload

/// How this repository's pools stand against what a user could install: the targets, what was measured, and verdicts.
public struct League: Sendable {
  /// One target: a row of the table.
  public struct Line: Equatable, Sendable {
    public var subject: String
    public var against: String
    public var workloads: String
    public var target: String
    public var measured: String
    public var verdict: Standing
  }

  let measured: Measured

  public init(_ measured: Measured) { self.measured = measured }

  /// Of all resampling.
  static let seed: UInt64 = 2027

  static let threadCache = Subject(.threadCache)
  static let mimalloc = Subject(.preloaded, preloadName: "mimalloc")
  /// What `thread-cache` is ranked with.
  static let rivals = [Subject(.glibc), Subject(.jemalloc), Subject(.tcmalloc), mimalloc]

  /// Peak live bytes from which on ratios of resident memory are judged.
  static let meaningfulLive = CellSummary.meaningfulLive

  func workloads(_ group: String) -> [WorkloadResult] { measured.groups[group] ?? [] }

  /// All targets in order.
  public var lines: [Line] {
    dropIn("drop-in", "churn, kv-store, web-server, compiler, fleet-1, fleet-5, alloc-test, larson at 1 and 2 threads")
      + (workloads("held-back").isEmpty ? [] : dropIn("held-back", Words.list(workloads("held-back").map(\.name))))
      + foreignFrees + memory + threads + latency + fixed + shared + region
  }

  /// How many targets are missed.
  public var missed: Int {
    lines.count { line in
      if case .missed = line.verdict { return true }
      return false
    }
  }

  /// A row of one bound over all of its cells.
  func line(
    _ subject: Subject, _ against: String, _ workloads: String, _ target: String, _ bound: Bound, _ cells: [Cell]
  ) -> Line {
    Line(
      subject: subject.name, against: against, workloads: workloads, target: target, measured: Self.summary(cells),
      verdict: bound.verdict(cells))
  }

  /// The only cell, or the least and the greatest ratio with their names.
  static func summary(_ cells: [Cell]) -> String {
    guard let least = cells.min(by: { $0.ratio < $1.ratio }), let most = cells.max(by: { $0.ratio < $1.ratio }) else {
      return "–"
    }
    if cells.count == 1 { return least.figures }
    return "\(least.figures) in \(least.name) to \(most.figures) in \(most.name)"
  }
}
