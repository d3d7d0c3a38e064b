import Workload

/// The table of one workload: a row for each subject, with what its marks mean below.
struct WorkloadTable {
  private let workload: WorkloadResult
  private let reference: Subject
  private let passes: [Pass]
  private let marks: RowMarks
  private let summaries: [CellSummary]
  /// Whether there is room for everything.
  private let isWide: Bool

  init(_ workload: WorkloadResult, reference: Subject, passes: [Pass], isWide: Bool = false) {
    self.workload = workload
    self.reference = reference
    self.passes = passes.filter(workload.hasFigures)
    self.isWide = isWide
    marks = RowMarks(workload.cells)
    summaries = workload.cells.map { CellSummary($0, of: workload, reference: reference) }
  }

  /// - Parameter width: nil for one table, however wide.
  func lines(width: Int?, paint: Paint) -> [String] {
    let table = Table(columns: columns.map(\.column), rows: rows())
    let notes = Footnotes(workload: workload, marks: marks, summaries: summaries).lines(
      width: width ?? Terminal.defaultWidth, paint: paint)
    return table.lines(width: width, paint: paint) + (notes.isEmpty ? [] : [""] + notes)
  }

  private func rows() -> [Table.Row] {
    zip(workload.cells, summaries).map { cell, summary in
      let name = marks.name(of: cell)
      let status = cell.status
      if status.kind == .skipped {
        return Table.Row(name: name, emphasis: .faint, content: .words("skipped: \(status.note)", .faint))
      }
      if status.isFailure { return Table.Row(name: name, content: .words(status.sentence, .failure)) }
      if cell.runs.isEmpty { return Table.Row(name: name, content: .words("not measured", .faint)) }
      return Table.Row(
        name: name, emphasis: cell.subject.base == .null ? .faint : .plain,
        content: .fields(columns.map { $0.field(cell, summary) }),
        isRanked: cell.isRanked)
    }
  }

  private struct Definition {
    var column: Table.Column
    var field: (CellResult, CellSummary) -> Table.Field
  }

  private var columns: [Definition] {
    var list: [Definition] = []
    if passes.contains(.throughput) { list += throughput }
    if passes.contains(.throughput), isWide { list += CounterColumns.all.map { Definition(column: $0.0, field: $0.1) } }
    if passes.contains(.latency) { list += latency }
    if passes.contains(.memory) { list += memory }
    list.append(
      Definition(column: Table.Column(section: "", title: "status", isLeftAligned: true)) { cell, summary in
        let words = RowMarks.status(of: cell, summary)
        return Table.Field(text: words.text, emphasis: words.isWarning ? .warning : .faint)
      })
    return list
  }

  private var throughput: [Definition] {
    func column(_ title: String, _ ranking: Table.Ranking = .none) -> Table.Column {
      Table.Column(section: "throughput", title: title, ranking: ranking)
    }
    let isDecided = isBestDecided
    func ranked(_ value: Double?) -> Table.Field {
      value.map { Table.Field(text: Units.number($0), rank: $0, isDecided: isDecided) } ?? .empty
    }
    return [
      Definition(column: column("Mops/s", .higherIsBetter)) { _, summary in ranked(summary.megaops?.median) },
      Definition(column: column("±")) { _, summary in Self.spread(summary.megaops) },
      Definition(column: column("ns/op", .lowerIsBetter)) { _, summary in ranked(summary.gross?.median) },
      Definition(column: column("net")) { cell, summary in
        guard let net = summary.net else { return .empty }
        if cell.subject.base == .null { return .empty }
        return summary.isNetNothing ? Table.Field(text: "≈0") : Table.Field(text: Units.number(net.median))
      },
      Definition(column: column("× \(reference.name)", .higherIsBetter)) { _, summary in
        ranked(summary.ratio?.median)
      },
      Definition(column: column("±")) { [reference] cell, summary in
        cell.subject == reference ? .empty : Self.spread(summary.ratio)
      },
      Definition(column: column("CPU")) { _, summary in
        summary.cpuShare.map { Table.Field(text: Units.fixed($0.median * 100, 0) + " %") } ?? .empty
      },
    ]
  }

  /// Whether the fastest ranked subject's interval is apart from the next one's: else nobody is the best.
  private var isBestDecided: Bool {
    let ratios = zip(workload.cells, summaries).filter { $0.0.isRanked }.compactMap(\.1.ratio)
      .sorted { $0.median > $1.median }
    guard ratios.count > 1, let best = ratios[0].interval, let next = ratios[1].interval else { return true }
    return best.lowerBound > next.upperBound
  }

  private static func spread(_ figure: Figure?) -> Table.Field {
    guard let spread = figure?.spread else { return .empty }
    return Table.Field(
      text: Units.fixed(spread, spread < 9.95 ? 1 : 0) + " %",
      emphasis: spread > CellSummary.noisySpread ? .warning : .plain)
  }

  private var latency: [Definition] {
    let percentiles: [(String, KeyPath<LatencyFigures, Double>)] = [
      ("p50", \.p50), ("p99", \.p99), ("p99.9", \.p999), ("max", \.maximum),
    ]
    return [OperationKind.allocate, .free].flatMap { kind in
      func column(_ title: String, _ ranking: Table.Ranking = .lowerIsBetter) -> Table.Column {
        Table.Column(section: "latency", group: kind.rawValue, title: title, ranking: ranking)
      }
      return percentiles.flatMap { title, path in
        let figure = Definition(column: column(title)) { _, summary in
          guard let value = summary.latency[kind]?[keyPath: path] else { return .empty }
          let text = Units.latency(value)
          let isDecided = !summary.isBelowClock(kind, path)
          return Table.Field(text: isDecided ? text : "≤ " + text, rank: value, isDecided: isDecided)
        }
        let error = Definition(column: column("±", .none)) { _, summary in Self.spread(summary.p99[kind]) }
        return path == \.p99 && isWide ? [figure, error] : [figure]
      }
    }
  }

  private var memory: [Definition] {
    func bytes(_ title: String, _ key: RecordKey, _ ranking: Table.Ranking = .lowerIsBetter) -> Definition {
      Definition(column: Table.Column(section: "memory", title: title, ranking: ranking)) { _, summary in
        summary.memory[key].map { Table.Field(text: Units.bytes($0), rank: $0) } ?? .empty
      }
    }
    let space = isWide ? [bytes("address space", .addressSpace, .none)] : []
    return [
      bytes("peak RSS", .peakResident), bytes("mean RSS", .meanResident), bytes("peak live", .peakLive, .none),
      Definition(column: Table.Column(section: "memory", title: "overhead", ranking: .lowerIsBetter)) { cell, summary in
        guard let overhead = summary.overhead, cell.subject.base != .null else { return .empty }
        let text = Units.number(overhead.median)
        return summary.isSmallHeap
          ? Table.Field(text: "~ " + text) : Table.Field(text: text, rank: overhead.median)
      },
      bytes("waste", .waste), bytes("drained", .drainedResident), bytes("purged", .purgedResident),
      Definition(column: Table.Column(section: "memory", title: "faults", ranking: .lowerIsBetter)) { _, summary in
        summary.faults.map { Table.Field(text: Units.count($0), rank: $0) } ?? .empty
      },
    ] + space
  }
}
