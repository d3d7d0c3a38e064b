import Workload

/// What signs and headings mean, once for all tables of a result set, and only what stands in one of them.
struct Legend {
  struct Item: Equatable {
    var sign: String
    var text: String

    init(_ sign: String, _ text: String) {
      self.sign = sign
      self.text = text
    }
  }

  var results: ResultSet
  var reference: Subject
  var passes: [Pass]
  var paint: Paint
  var showsStatistics = false

  /// Columns that the signs take.
  private static let margin = 5

  static func lines(_ items: [Item], width: Int, paint: Paint) -> [String] {
    let room = max(16, min(width, Terminal.defaultWidth) - margin)
    return items.flatMap { item in
      wrap(item.text, width: room).enumerated().map { index, line in
        paint(padded(index == 0 ? item.sign : "", to: margin) + line, .faint)
      }
    }
  }

  func lines(width: Int) -> [String] { Self.lines(items, width: width, paint: paint) }

  private var items: [Item] {
    let measured = results.cells.filter { $0.status.kind == .ok && !$0.runs.isEmpty }
    if measured.isEmpty { return [] }
    let passes = passes.filter { pass in results.workloads.contains { $0.hasFigures(of: pass) } }
    var items: [Item] = []
    if !paint.isColoured { items.append(Item("*", "best of its column among the native subjects")) }
    if measured.contains(where: { RowMarks.isInlined($0.subject) }) {
      items.append(Item(RowMarks.inlineSign, "inlined into the replay loop; the others are called as malloc is"))
    }
    if passes.contains(.throughput) { items += throughput(measured) }
    if passes.contains(.latency) {
      items.append(
        Item("≤", "under twice what the clock alone shows there (null's same percentile): no verdict"))
    }
    if passes.contains(.memory) { items += memory(measured) }
    if showsStatistics { items += StatisticsTable.legend }
    return items
  }

  private func throughput(_ measured: [CellResult]) -> [Item] {
    let counts = measured.map { $0.measured(.throughput).count }.filter { $0 > 0 }
    guard let least = counts.min(), let most = counts.max() else { return [] }
    let bulk = measured.contains { $0.subject == Subject(.null, options: [.bulk]) } ? ", or null[bulk]," : ""
    var items = [
      Item("±", error(least, most)),
      Item("net", "less the time of null\(bulk) in the same block; ≈0 where its ± reaches 0"),
      Item("×", "the time of \(reference.name) ÷ the row's, both gross: above 1 is faster"),
    ]
    if results.workloads.contains(where: { $0.lanes > 1 }) {
      items.append(Item("ns", "of throughput: wall time ÷ operations of all lanes together"))
    }
    return items
  }

  /// What ± means, and whether anything can be concluded.
  private func error(_ least: Int, _ most: Int) -> String {
    if most == 1 { return "one block only: no spread is known and no difference proven" }
    let blocks = least == most ? "\(most) blocks" : "\(least) to \(most) blocks"
    let meaning =
      least >= Figure.fewestForInterval
      ? "half the 95 % interval of the median of \(blocks), by bootstrap; of × that of the ratio within a block"
      : "half the range of \(blocks); every figure is their median"
    let caution = least < StoppingRule.fewestForVerdict ? "; fewer than 8 allow no verdict on a difference" : ""
    return meaning + caution
  }

  private func memory(_ measured: [CellResult]) -> [Item] {
    var items: [Item] = []
    let isSmall = measured.contains { cell in
      let live = cell.measured(.memory).compactMap { $0.number(.peakLive) }.max()
      return live.map { $0 < CellSummary.meaningfulLive } ?? false
    }
    if isSmall { items.append(Item("~", "peak live is under 64 MiB: the ratio means little and is not ranked")) }
    items.append(
      Item(
        "RSS",
        "anonymous and shared memory without the harness's own; drained: once all objects are freed; purged: once the "
          + "subject was asked to give memory back"))
    return items
  }
}
