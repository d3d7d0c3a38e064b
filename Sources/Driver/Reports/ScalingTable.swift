import Workload

/// One workload at several settings side by side: subjects in rows, settings in columns, a table for each quantity.
struct ScalingTable {
  /// The same workload at each setting, in order.
  var settings: [WorkloadResult]
  var reference: Subject
  var passes: [Pass]

  private struct Quantity {
    var title: String
    var ranking: Table.Ranking
    /// Value, and its text.
    var value: (CellSummary) -> (rank: Double, text: String)?
  }

  /// - Parameter width: nil for one table, however wide.
  func lines(width: Int?, paint: Paint) -> [String] {
    guard let first = settings.first else { return [] }
    let marks = RowMarks(settings.flatMap(\.cells))
    let subjects = settings.reduce(into: [Subject]()) { list, setting in
      for cell in setting.cells where !list.contains(cell.subject) { list.append(cell.subject) }
    }
    let summaries = settings.map { setting in
      Dictionary(
        uniqueKeysWithValues: setting.cells.map {
          ($0.subject, CellSummary($0, of: setting, reference: reference))
        })
    }
    let name = first.setting.map(\.name).joined(separator: ", ")
    var lines: [String] = []
    for (index, quantity) in quantities.enumerated() {
      let columns = settings.map {
        Table.Column(section: quantity.title, title: Self.title(of: $0), ranking: quantity.ranking)
      }
      let rows = subjects.map { subject in
        row(subject, quantity, summaries: summaries, marks: marks, isFirst: index == 0)
      }
      if index > 0 { lines.append("") }
      lines += Table(columns: columns, rows: rows.compactMap { $0 }).lines(width: width, paint: paint)
    }
    return lines + [""] + notes(marks, name, width: width ?? Terminal.defaultWidth, paint: paint)
  }

  /// The value, or where several vary each with its name.
  static func title(of setting: WorkloadResult) -> String {
    if setting.setting.count == 1 { return setting.setting[0].value }
    return setting.setting.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
  }

  private func row(
    _ subject: Subject, _ quantity: Quantity, summaries: [[Subject: CellSummary]], marks: RowMarks, isFirst: Bool
  ) -> Table.Row? {
    let cells = settings.compactMap { $0.cell(subject) }
    guard let first = cells.first else { return nil }
    if cells.allSatisfy({ $0.status.kind == .skipped }) {
      let words = "skipped: \(first.status.note)"
      return isFirst
        ? Table.Row(name: marks.name(of: cells), emphasis: .faint, content: .words(words, .faint)) : nil
    }
    let fields = zip(settings, summaries).map { setting, known -> Table.Field in
      guard let cell = setting.cell(subject) else { return .empty }
      if cell.status.isFailure { return Table.Field(text: cell.status.kind.rawValue, emphasis: .failure) }
      if cell.status.kind == .skipped { return Table.Field(text: "skipped", emphasis: .faint) }
      guard let shown = known[subject].flatMap(quantity.value) else { return .empty }
      return Table.Field(
        text: shown.text, rank: cell.isRanked ? shown.rank : nil, isDecided: !shown.text.hasPrefix("≤"))
    }
    return Table.Row(
      name: marks.name(of: cells), emphasis: subject.base == .null ? .faint : .plain, content: .fields(fields))
  }

  private var quantities: [Quantity] {
    let passes = passes.filter { pass in settings.contains { $0.hasFigures(of: pass) } }
    var list: [Quantity] = []
    if passes.contains(.throughput) {
      list.append(
        Quantity(title: "Mops/s", ranking: .higherIsBetter) { summary in
          summary.megaops.map { figure in
            let spread = figure.spread.map { " ±\(Units.fixed($0, 0))%" } ?? ""
            return (figure.median, Units.number(figure.median) + spread)
          }
        })
      list.append(
        Quantity(title: "ns/op", ranking: .lowerIsBetter) { summary in
          summary.gross.map { ($0.median, Units.number($0.median)) }
        })
      list.append(
        Quantity(title: "× \(reference.name)", ranking: .higherIsBetter) { summary in
          summary.ratio.map { ($0.median, Units.number($0.median)) }
        })
    }
    if passes.contains(.latency) {
      list.append(
        Quantity(title: "allocate p99", ranking: .lowerIsBetter) { summary in
          summary.latency[.allocate].map { latency in
            let sign = summary.isBelowClock(.allocate, \.p99) ? "≤ " : ""
            return (latency.p99, sign + Units.latency(latency.p99))
          }
        })
    }
    if passes.contains(.memory) {
      list.append(
        Quantity(title: "peak RSS", ranking: .lowerIsBetter) { summary in
          summary.memory[.peakResident].map { ($0, Units.bytes($0)) }
        })
    }
    return list
  }

  /// Why cells have no figures.
  private var failures: [String] {
    settings.flatMap { setting in
      setting.cells.filter(\.status.isFailure).map { cell in
        "\(cell.subject.name) at \(Self.title(of: setting)): \(cell.status.sentence)"
      }
    }
  }

  private func notes(_ marks: RowMarks, _ name: String, width: Int, paint: Paint) -> [String] {
    var items = ["columns: \(name); every figure with its repetitions stands in --csv and --json"]
    for (adaptations, sign) in marks.adapted {
      items.append("\(sign) adapted: \(adaptations.map(\.explanation).joined(separator: "; ")); not ranked")
    }
    items += failures
    return items.flatMap { wrap($0, width: max(16, width)) }.map { paint($0, .faint) }
  }
}
