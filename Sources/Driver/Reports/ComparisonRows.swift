import Workload

/// A comparison as comma-separated values: a row for each quantity of each cell.
enum ComparisonRows {
  /// New ones are added at the end.
  static let names = [
    "workload", "subject", "quantity", "verdict", "reason", "base", "new", "change_percent", "lower_percent",
    "upper_percent", "threshold_percent", "detectable_percent", "p_worse", "p_better", "base_blocks", "new_blocks",
    "outliers", "paired", "base_version", "new_version", "base_how", "new_how",
  ]

  static func text(_ comparison: Comparison) -> String {
    let header = CSVDocument.line(names.map { .text($0) })
    return header + comparison.cells.map { CSVDocument.line(row($0, comparison)) }.joined()
  }

  private static func row(_ cell: CellComparison, _ comparison: Comparison) -> [Columns.Value] {
    func text(_ text: String) -> Columns.Value { text.isEmpty ? .none : .text(text) }
    func number(_ value: Double?) -> Columns.Value { value.map { .number($0) } ?? .none }
    func percent(_ share: Double?) -> Columns.Value { number(share.map { $0 * 100 }) }
    func p(_ value: Double?) -> Columns.Value { value.map { .text(Units.fixed($0, 6)) } ?? .none }
    let estimate = cell.estimate
    return [
      .text(cell.workload), .text(cell.subject), text(cell.quantity?.column ?? ""), .text(cell.verdict.rawValue),
      text(cell.reason), number(cell.base), number(cell.new), percent(estimate.map { $0.ratio - 1 }),
      percent(estimate.map { $0.interval.lowerBound - 1 }), percent(estimate.map { $0.interval.upperBound - 1 }),
      percent(cell.threshold), percent(cell.detectable), p(cell.worse), p(cell.better), .whole(cell.baseBlocks),
      .whole(cell.newBlocks), estimate.map { .whole($0.outliers) } ?? .none,
      .text(comparison.isPaired ? "yes" : "no"), text(cell.baseVersion), text(cell.newVersion),
      text(cell.baseWay?.fit.word ?? ""), text(cell.newWay?.fit.word ?? ""),
    ]
  }
}
