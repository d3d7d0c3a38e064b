import Workload

/// What stands below one workload's table: how its adapted rows were served, and what workers remarked.
struct Footnotes {
  var workload: WorkloadResult
  var marks: RowMarks

  func lines(width: Int, paint: Paint) -> [String] {
    Legend.lines(items, width: width, paint: paint)
  }

  private var items: [Legend.Item] {
    marks.adapted.map { entry in
      let how = entry.adaptations.map(\.explanation).joined(separator: "; ")
      return Legend.Item(entry.sign, "adapted: \(how); not ranked with native subjects")
    } + warnings
  }

  /// Notes that workers left beside figures, each once: what differs in numbers alone, such as addresses, is one note.
  private var warnings: [Legend.Item] {
    var seen: Set<String> = []
    return workload.cells.filter { $0.status.kind == .ok }.flatMap { cell in
      cell.runs.map(\.status.note).filter { !$0.isEmpty && seen.insert($0.filter { !$0.isHexDigit }).inserted }.map {
        Legend.Item("!", "\(cell.subject.name): \($0)")
      }
    }
  }
}
