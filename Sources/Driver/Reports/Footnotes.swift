import Workload

/// What the signs and headings of a workload's table mean: only those that stand in it.
struct Footnotes {
  var workload: WorkloadResult
  var summaries: [CellSummary]
  var marks: RowMarks
  var reference: Subject
  var passes: [Pass]
  var paint: Paint

  /// Columns that the signs take.
  private static let margin = 5

  func lines(width: Int) -> [String] {
    items.flatMap { sign, text in
      wrap(text, width: max(16, min(width, Terminal.defaultWidth) - Self.margin)).enumerated().map { index, line in
        paint(padded(index == 0 ? sign : "", to: Self.margin) + line, .faint)
      }
    }
  }

  private var items: [(sign: String, text: String)] {
    var items: [(String, String)] = []
    let ranked = workload.cells.filter { $0.fit == .native && $0.status.kind == .ok && $0.subject.base != .null }
    if !paint.isColoured, ranked.count > 1 { items.append(("*", "best of its column among the native subjects")) }
    for (adaptations, sign) in marks.adapted {
      let how = adaptations.map(\.explanation).joined(separator: "; ")
      items.append((sign, "adapted: \(how). Not ranked with native subjects"))
    }
    if workload.cells.contains(where: { RowMarks.isInlined($0.subject) && $0.status.kind == .ok }) {
      items.append((RowMarks.inlineSign, "inlined into the replay loop; the others are called as malloc is"))
    }
    if passes.contains(.throughput) { items += throughput }
    if passes.contains(.latency) { items += latency }
    if passes.contains(.memory) { items += memory }
    for (sign, text) in warnings { items.append((sign, text)) }
    return items
  }

  private var throughput: [(String, String)] {
    var items: [(String, String)] = []
    let counts = Set(workload.cells.map { $0.measured(.throughput).count }).subtracting([0])
    let most = counts.max() ?? 0
    if most > 1 {
      items.append(("±", "half the range of \(most) repetitions; every figure is their median"))
    } else if most == 1 {
      items.append(("±", "one repetition only: no spread is known and no difference proven"))
    }
    let control = workload.cell(Subject(.null, options: [.bulk])) == nil ? "null" : "null, or null[bulk],"
    items.append(("net", "less the time of \(control) in the same block; ≈0 where its range reaches 0"))
    items.append(("×", "the time of \(reference.name) ÷ the row's, both gross: above 1 is faster"))
    if workload.lanes > 1 {
      items.append(("ns", "wall time ÷ operations of all \(workload.lanes) lanes together"))
    }
    return items
  }

  private var latency: [(String, String)] {
    let paths: [KeyPath<LatencyFigures, Double>] = [\.p50, \.p99, \.p999, \.maximum]
    let isShown = summaries.contains { summary in
      paths.contains { summary.isBelowClock(.allocate, $0) || summary.isBelowClock(.free, $0) }
    }
    return isShown
      ? [("≤", "under twice what the clock alone shows there (null's same percentile): no verdict")] : []
  }

  private var memory: [(String, String)] {
    var items: [(String, String)] = []
    if summaries.contains(where: { $0.overhead != nil && $0.isSmallHeap }) {
      items.append(("~", "peak live is under 64 MiB: the ratio means little and is not ranked"))
    }
    items.append(
      (
        "RSS",
        "anonymous and shared memory without the harness's own; drained: once all objects are freed; purged: once the "
          + "subject was asked to give memory back"
      ))
    return items
  }

  /// Notes that workers left beside figures.
  private var warnings: [(String, String)] {
    var seen: [(String, String)] = []
    for cell in workload.cells where !cell.status.isFailure && cell.status.kind != .skipped {
      for note in cell.runs.map(\.status.note) where !note.isEmpty {
        if !seen.contains(where: { $0.1 == note }) { seen.append(("!", "\(cell.subject.name): \(note)")) }
      }
    }
    var texts = Set<String>()
    return seen.filter { texts.insert($0.1).inserted }
  }
}
