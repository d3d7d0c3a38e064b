import Workload

/// The signs of a comparison's rows, as the tables of a run have them, and what they mean.
struct ComparisonMarks {
  private let marks: RowMarks
  private let hasInlined: Bool

  init(_ comparison: Comparison) {
    let cells = comparison.cells.flatMap(Self.results)
    marks = RowMarks(cells)
    hasInlined = cells.contains { RowMarks.isInlined($0.subject) && $0.fit.word != "skipped" }
  }

  /// The subject with its signs; with `limit` shortened in the middle so that it and the quantity, which tells the rows
  /// of a subject apart, keep to so many characters.
  func name(_ cell: CellComparison, limit: Int = .max) -> String {
    let tail = signs(cell) + (cell.quantity.map { " · \($0.name)" } ?? "")
    let room = max(3, limit - tail.count)
    if cell.subject.count <= room { return cell.subject + tail }
    return cell.subject.prefix(room / 2) + "…" + cell.subject.suffix(room - room / 2 - 1) + tail
  }

  /// `°†`; of either side's.
  func signs(_ cell: CellComparison) -> String {
    let results = Self.results(cell)
    return results.first.map { String(marks.name(of: results).dropFirst($0.subject.name.count)) } ?? ""
  }

  /// Sign and meaning of each that stands in a row.
  var items: [Legend.Item] {
    let inlined = "inlined into the replay loop; the others are called as malloc is"
    return (hasInlined ? [Legend.Item(RowMarks.inlineSign, inlined)] : [])
      + marks.adapted.map { entry in
        Legend.Item(entry.sign, "adapted: \(entry.adaptations.map(\.explanation).joined(separator: "; "))")
      }
  }

  private static func results(_ cell: CellComparison) -> [CellResult] {
    [cell.baseWay, cell.newWay].compactMap { $0 }.map { CellResult(subject: $0.subject, fit: $0.fit) }
  }
}
