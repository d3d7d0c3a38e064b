import Workload

/// The table of one workload: a row for each subject, with what its marks mean below.
struct WorkloadTable {
  private let workload: WorkloadResult
  private let reference: Subject
  private let passes: [Pass]
  private let marks: RowMarks
  private let summaries: [CellSummary]

  init(_ workload: WorkloadResult, reference: Subject, passes: [Pass]) {
    self.workload = workload
    self.reference = reference
    self.passes = passes
    marks = RowMarks(workload.cells)
    summaries = workload.cells.map { CellSummary($0, of: workload, reference: reference) }
  }

  /// - Parameter width: nil for one table, however wide.
  func lines(width: Int?, paint: Paint) -> [String] {
    let table = Table(columns: columns.map(\.column), rows: rows())
    let notes = Footnotes(workload: workload, marks: marks).lines(width: width ?? Terminal.defaultWidth, paint: paint)
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
        isRanked: cell.fit == .native && cell.subject.base != .null)
    }
  }

  private struct Definition {
    var column: Table.Column
    var field: (CellResult, CellSummary) -> Table.Field
  }

  private var columns: [Definition] {
    var list: [Definition] = []
    if passes.contains(.throughput) { list += throughput }
    if passes.contains(.latency) { list += latency }
    if passes.contains(.memory) { list += memory }
    list.append(
      Definition(column: Table.Column(section: "", title: "status", isLeftAligned: true)) { cell, _ in
        Table.Field(text: cell.fit == .native ? "ok" : "adapted", emphasis: .faint)
      })
    return list
  }

  private var throughput: [Definition] {
    func column(_ title: String, _ ranking: Table.Ranking = .none) -> Table.Column {
      Table.Column(section: "throughput", title: title, ranking: ranking)
    }
    return [
      Definition(column: column("Mops/s", .higherIsBetter)) { _, summary in Self.number(summary.megaops?.median) },
      Definition(column: column("±")) { _, summary in
        summary.megaops?.spread.map { Table.Field(text: Units.fixed($0, $0 < 9.95 ? 1 : 0) + " %") } ?? .empty
      },
      Definition(column: column("ns/op", .lowerIsBetter)) { _, summary in Self.number(summary.gross?.median) },
      Definition(column: column("net")) { cell, summary in
        guard let net = summary.net else { return .empty }
        if cell.subject.base == .null { return .empty }
        return summary.isNetNothing ? Table.Field(text: "≈0") : Table.Field(text: Units.number(net.median))
      },
      Definition(column: column("× \(reference.name)", .higherIsBetter)) { _, summary in
        summary.ratio.map { Table.Field(text: Units.number($0.median), rank: $0.median) } ?? .empty
      },
      Definition(column: column("CPU")) { _, summary in
        summary.cpuShare.map { Table.Field(text: Units.fixed($0.median * 100, 0) + " %") } ?? .empty
      },
    ]
  }

  private var latency: [Definition] {
    let percentiles: [(String, KeyPath<LatencyFigures, Double>)] = [
      ("p50", \.p50), ("p99", \.p99), ("p99.9", \.p999), ("max", \.maximum),
    ]
    return [OperationKind.allocate, .free].flatMap { kind in
      percentiles.map { title, path in
        Definition(
          column: Table.Column(
            section: "latency", group: kind.rawValue, title: title, ranking: .lowerIsBetter)
        ) { _, summary in
          guard let value = summary.latency[kind]?[keyPath: path] else { return .empty }
          let text = Units.latency(value)
          let isDecided = !summary.isBelowClock(kind, path)
          return Table.Field(text: isDecided ? text : "≤ " + text, rank: value, isDecided: isDecided)
        }
      }
    }
  }

  private var memory: [Definition] {
    func bytes(_ title: String, _ key: RecordKey, _ ranking: Table.Ranking = .lowerIsBetter) -> Definition {
      Definition(column: Table.Column(section: "memory", title: title, ranking: ranking)) { _, summary in
        summary.memory[key].map { Table.Field(text: Units.bytes($0), rank: $0) } ?? .empty
      }
    }
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
    ]
  }

  private static func number(_ value: Double?) -> Table.Field {
    value.map { Table.Field(text: Units.number($0), rank: $0) } ?? .empty
  }
}
