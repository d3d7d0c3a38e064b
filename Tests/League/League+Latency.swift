import Driver
import Foundation
import Workload

extension League {
  /// A percentile of one kind of operation on one workload.
  struct Percentile {
    var workload: WorkloadResult
    var kind: OperationKind
    var title: String
    var path: KeyPath<LatencyFigures, Double>

    static var judged: [(title: String, path: KeyPath<LatencyFigures, Double>)] { [("p99", \.p99), ("p99.9", \.p999)] }

    /// Over all runs of a subject together, in nanoseconds.
    func value(of subject: Subject) -> Double? {
      guard let cell = workload.cell(subject) else { return nil }
      return LatencySummary(merging: cell.measured(.latency).compactMap(\.latency))?.figures[kind]?[keyPath: path]
    }

    /// Whether it is under twice what the clock alone shows there.
    func isBelowClock(_ subject: Subject) -> Bool {
      guard let own = value(of: subject), let clock = value(of: Subject(.null)) else { return false }
      return own < 2 * clock
    }

    /// What the clock counts in, in nanoseconds: the smallest step that a run has seen.
    var step: Double {
      let runs = workload.cells.flatMap { $0.measured(.latency) }
      return runs.compactMap { $0.record?[.clockStepNanoseconds].flatMap { Double($0) } }.min() ?? 0
    }
  }

  func percentiles(_ title: String, _ path: KeyPath<LatencyFigures, Double>) -> [Percentile] {
    workloads("latency").flatMap { workload in
      [OperationKind.allocate, .free].map { Percentile(workload: workload, kind: $0, title: title, path: path) }
    }
  }

  var latency: [Line] {
    let against = "the best of the four"
    let judged = Percentile.judged.map { title, path in
      line(
        Self.threadCache, against, "churn, kv-store: allocate, free",
        "\(title) at most 1.0× where the clock resolves it", .atMost(1),
        percentiles(title, path).compactMap(cell))
    }
    let longest = percentiles("longest", \.maximum)
    let worst = longest.compactMap { $0.value(of: Self.threadCache) }.max()
    let control = longest.compactMap { $0.value(of: Subject(.null)) }.max()
    var text = "–"
    if let worst, let control { text = "\(Units.latency(worst)) (null: \(Units.latency(control)))" }
    return judged + [
      Line(
        subject: Self.threadCache.name, against: against, workloads: "churn, kv-store: allocate, free",
        target: "the longest pause is never a page-heap walk", measured: text,
        verdict: .unknown(worst == nil ? "not measured" : "no verdict: the scheduler's pauses are among them"))
    ]
  }

  /// Against the best rival. What differs by no more than a step of the clock is as good, the width of the histogram's
  /// buckets set aside, 1/64 of either.
  private func cell(_ percentile: Percentile) -> Cell? {
    let workload = percentile.workload
    guard let own = percentile.value(of: Self.threadCache),
      let best = workload.least(Self.rivals, percentile.value), let other = percentile.value(of: best)
    else { return nil }
    let name = "\(workload.name) \(percentile.kind.rawValue)"
    if percentile.isBelowClock(Self.threadCache) {
      return Cell(name: name, rival: best.name, ratio: own / other, caveat: "below what the clock can tell")
    }
    if abs(own - other) <= percentile.step + max(own, other) / 64 {
      return Cell(name: name, rival: best.name, ratio: 1, interval: 1...1)
    }
    let logarithms = workload.logarithms(.latency, of: Self.threadCache, against: best) { run in
      run.latency?.figures[percentile.kind]?[keyPath: percentile.path]
    }
    return Cell(name: name, rival: best.name, logarithms: logarithms)
  }
}
