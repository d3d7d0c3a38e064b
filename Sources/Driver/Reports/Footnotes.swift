import Workload

/// What stands below one workload's table: how its adapted rows were served, what to do about noise, how rates were
/// kept, and what workers remarked.
struct Footnotes {
  var workload: WorkloadResult
  var marks: RowMarks
  /// Of the cells, in order.
  var summaries: [CellSummary]

  /// Blocks that are worth asking for.
  private static let mostBlocks = 200

  func lines(width: Int, paint: Paint) -> [String] {
    Legend.lines(items, width: width, paint: paint)
  }

  private var items: [Legend.Item] {
    marks.adapted.map { entry in
      let how = entry.adaptations.map(\.explanation).joined(separator: "; ")
      return Legend.Item(entry.sign, "adapted: \(how); not ranked with native subjects")
    } + noise + outliers + rates + warnings
  }

  /// Rows that have figures, with their summaries.
  private var measured: [(name: String, summary: CellSummary)] {
    zip(workload.cells, summaries).filter { $0.0.status.kind == .ok && !$0.0.runs.isEmpty }
      .map { ($0.0.subject.name, $0.1) }
  }

  private var noise: [Legend.Item] {
    let noisy = measured.filter(\.summary.isNoisy)
    guard let worst = noisy.max(by: { ($0.summary.spread ?? 0) < ($1.summary.spread ?? 0) })?.summary else { return [] }
    // An interval narrows with the square root of the number of blocks.
    let excess = (worst.spread ?? 0) / CellSummary.noisySpread
    let needed = (Double(max(worst.blocks, StoppingRule.fewestForVerdict)) * excess * excess).rounded(.up)
    let more =
      needed <= Double(Self.mostBlocks)
      ? "some \(Int(needed)) blocks (--blocks \(Int(needed))) would narrow it on a machine as it was"
      : "more blocks alone will hardly narrow it"
    return [
      Legend.Item(
        "±",
        "noisy: \(noisy.map(\.name).joined(separator: ", ")): its ± is above "
          + "\(Units.short(CellSummary.noisySpread)) %. Close other programs, see what 'poolbench doctor' says; \(more)"
      )
    ]
  }

  private var outliers: [Legend.Item] {
    let rows = measured.filter { $0.summary.outliers > 0 }
    if rows.isEmpty { return [] }
    let list = rows.map { "\($0.summary.outliers) of \($0.name)" }.joined(separator: ", ")
    return [Legend.Item("±", "blocks far outside the others: \(list); they count like any other")]
  }

  private var rates: [Legend.Item] {
    let rated = measured.compactMap { row in row.summary.openLoop.map { (row.name, $0) } }
    guard let asked = rated.first?.1.asked else { return [] }
    let list = rated.map { name, figures in
      let late = figures.latest.map { ", up to \(Units.nanoseconds($0)) late" } ?? ""
      return "\(name) \(Units.count(figures.achieved))\(figures.isOverloaded ? " (overloaded\(late))" : "")"
    }
    return [
      Legend.Item(
        "rate",
        "\(Units.count(asked)) allocations a second and lane were asked for, latency counted from when each was due; "
          + "reached: \(list.joined(separator: ", "))")
    ]
  }

  /// Notes that workers left beside figures, each once: what differs in numbers alone, such as addresses, is one note.
  private var warnings: [Legend.Item] {
    func gist(_ note: String) -> String { note.filter { !$0.isHexDigit } }
    let cells = workload.cells.filter { $0.status.kind == .ok && !$0.runs.isEmpty }
    let notes = cells.map { cell in cell.runs.map(\.status.note).filter { !$0.isEmpty } }
    let gists = notes.map { Set($0.map(gist)) }
    var seen: Set<String> = []
    return zip(cells, notes).flatMap { cell, own in
      own.filter { seen.insert(gist($0)).inserted }.map { note in
        let isOfAll = cells.count > 1 && gists.allSatisfy { $0.contains(gist(note)) }
        return Legend.Item("!", isOfAll ? note : "\(cell.subject.name): \(note)")
      }
    }
  }
}
