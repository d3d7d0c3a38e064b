import Workload

/// The figures of one result set in the formats that dashboards of benchmarks read: medians with their intervals.
public enum DashboardExport: String, CaseIterable, Sendable {
  /// Bencher Metric Format: benchmark, measure, value with its bounds.
  case bencher
  /// `customSmallerIsBetter` of github-action-benchmark.
  case benchmarkAction = "benchmark-action"

  public func text(_ results: ResultSet) -> String {
    switch self {
    case .bencher: bencher(results)
    case .benchmarkAction: benchmarkAction(results)
    }
  }

  /// One figure of one cell.
  private struct Entry {
    var workload: String
    var cell: CellResult
    var quantity: Quantity
    var values: [Double]

    var median: Double { Sample(values)?.median ?? 0 }
    /// 95 % of the median; nil of a single value.
    var interval: ClosedRange<Double>? { Bootstrap.median(values, seed: 1) }
  }

  private static let quantities = [Metric.throughput, .p50, .p99, .rss].flatMap(\.quantities)

  /// Cells that failed or were skipped have no figures; the harness's own cost is no benchmark.
  private func cells(_ results: ResultSet) -> [(name: String, entries: [Entry])] {
    zip(results.distinctNames, results.workloads).flatMap { name, workload in
      workload.cells.filter { $0.subject.base != .null && $0.status.kind == .ok }.compactMap { cell in
        let entries = Self.quantities.compactMap { quantity -> Entry? in
          let values = cell.measured(quantity.metric.pass).compactMap { $0.value(of: quantity) }
          if values.isEmpty { return nil }
          return Entry(workload: name, cell: cell, quantity: quantity, values: values)
        }
        return entries.isEmpty ? nil : ("\(name)/\(cell.subject.name)", entries)
      }
    }
  }

  private func bencher(_ results: ResultSet) -> String {
    JSONValue.object(
      cells(results).map { name, entries in
        let measures = entries.map { entry -> (name: String, value: JSONValue) in
          var members: [(name: String, value: JSONValue)] = [("value", .number(entry.median))]
          if let interval = entry.interval {
            members.append(("lower_value", .number(interval.lowerBound)))
            members.append(("upper_value", .number(interval.upperBound)))
          }
          return (Self.measure(entry.quantity), .object(members))
        }
        return (name, .object(measures))
      }
    ).text() + "\n"
  }

  /// The slug of a measure. Each is in nanoseconds or bytes and better when it is less.
  private static func measure(_ quantity: Quantity) -> String {
    quantity.column.replacing("_", with: "-")
  }

  private func benchmarkAction(_ results: ResultSet) -> String {
    JSONValue.list(
      cells(results).flatMap(\.entries).map { entry in
        var members: [(name: String, value: JSONValue)] = [
          ("name", .text("\(entry.workload) · \(entry.cell.subject.name) · \(entry.quantity.name)")),
          ("unit", .text(unit(entry.quantity))), ("value", .number(entry.median)),
        ]
        if let interval = entry.interval, entry.median > 0 {
          let half = (interval.upperBound - interval.lowerBound) / 2 / entry.median * 100
          members.append(("range", .text("± \(Units.fixed(half, 1)) %")))
        }
        let version = entry.cell.version.isEmpty ? "" : ", \(entry.cell.version)"
        let blocks = entry.values.count
        members.append(("extra", .text("median of \(blocks) \(blocks == 1 ? "block" : "blocks")\(version)")))
        return .object(members)
      }
    ).text() + "\n"
  }

  private func unit(_ quantity: Quantity) -> String {
    switch quantity.metric {
    case .throughput: "ns/op"
    case .p50, .p90, .p99, .p999: "ns"
    case .rss, .drained: "bytes"
    case .instructions: "instructions/op"
    }
  }
}
