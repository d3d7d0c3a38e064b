/// A comparison for a person at a terminal: a table a workload, worst first, then what it adds up to.
struct ComparisonTable {
  private let comparison: Comparison
  private let words: ComparisonWords
  private let marks: ComparisonMarks

  init(_ comparison: Comparison) {
    self.comparison = comparison
    words = ComparisonWords(comparison)
    marks = ComparisonMarks(comparison)
  }

  func text(width: Int, paint: Paint) -> String {
    var lines = words.sides.flatMap { wrap($0, width: width) }.map { paint($0, .faint) }
    for warning in comparison.warnings { lines += indented("warning: \(warning)", .warning, width, paint) }
    for workload in comparison.workloads {
      lines += ["", paint(workload.name, .heading), ""]
      let rows = workload.cells.map { row($0, width, paint) }
      let hasFigures = rows.contains { if case .fields = $0.content { true } else { false } }
      let table = Table(columns: hasFigures ? Self.columns : Array(Self.columns.prefix(1)), rows: rows)
      lines += table.lines(width: width, paint: paint)
    }
    if !marks.items.isEmpty { lines += [""] + Legend.lines(marks.items, width: width, paint: paint) }
    lines.append("")
    let isBad = comparison.count(.regressed) + comparison.count(.failed) > 0
    lines += indented(words.summary, isBad ? .failure : .heading, width, paint)
    for sentence in words.advice { lines += indented(sentence, .plain, width, paint) }
    for sentence in words.method { lines += indented(sentence, .faint, width, paint) }
    return lines.map { $0 + "\n" }.joined()
  }

  private static let columns = [
    Table.Column(section: "", title: "verdict", isLeftAligned: true),
    Table.Column(section: "", title: "change"), Table.Column(section: "", title: "95 % interval"),
    Table.Column(section: "", title: "BASE"), Table.Column(section: "", title: "NEW"),
    Table.Column(section: "", title: "detects"), Table.Column(section: "", title: "blocks"),
  ]

  private func row(_ cell: CellComparison, _ width: Int, _ paint: Paint) -> Table.Row {
    let name = marks.name(cell, limit: Table.mostName(of: width))
    // Without colour a best field is starred, which here would say nothing.
    let emphasis = cell.verdict == .improved && !paint.isColoured ? .plain : cell.verdict.emphasis
    // Where there are figures to show, the reason stands behind them only if it changes what they say.
    guard cell.estimate != nil, cell.reason.isEmpty, let quantity = cell.quantity else {
      let reason = cell.reason.isEmpty ? "" : ": \(cell.reason)"
      let figures = cell.change.map { " (\($0))" } ?? ""
      return Table.Row(name: name, content: .words(cell.verdict.rawValue + reason + figures, emphasis))
    }
    func field(_ text: String?, _ emphasis: Emphasis = .plain) -> Table.Field {
      text.map { Table.Field(text: $0, emphasis: emphasis) } ?? .empty
    }
    let blocks =
      cell.baseBlocks == cell.newBlocks ? "\(cell.baseBlocks)" : "\(cell.baseBlocks), \(cell.newBlocks)"
    return Table.Row(
      name: name,
      content: .fields([
        field(cell.verdict.rawValue, emphasis), field(cell.change, emphasis), field(cell.interval),
        field(cell.base.map(quantity.text)), field(cell.new.map(quantity.text)),
        field(cell.detectable.map(ComparisonWords.share), .faint), field(blocks, .faint),
      ]))
  }

  private func indented(_ text: String, _ emphasis: Emphasis, _ width: Int, _ paint: Paint) -> [String] {
    wrap(text, width: width - 2).enumerated().map { ($0 == 0 ? "" : "  ") + paint($1, emphasis) }
  }
}
