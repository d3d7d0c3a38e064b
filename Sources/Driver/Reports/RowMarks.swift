import Workload

/// The signs behind subjects' names that lead to a footnote.
struct RowMarks {
  /// Each adaptation, or several together, that some row runs by, with its sign.
  let adapted: [(adaptations: [Adaptation], sign: String)]

  private static let signs = ["†", "‡", "§", "¶"]
  static let inlineSign = "°"

  init(_ cells: [CellResult]) {
    var seen: [[Adaptation]] = []
    for cell in cells {
      if case .adapted(let list) = cell.fit, !seen.contains(list) { seen.append(list) }
    }
    adapted = seen.enumerated().map { ($1, Self.signs[min($0, Self.signs.count - 1)]) }
  }

  func name(of cell: CellResult) -> String { name(of: [cell]) }

  /// The name of a subject's row with the signs of all its cells.
  func name(of cells: [CellResult]) -> String {
    guard let subject = cells.first?.subject else { return "" }
    let isInlined = Self.isInlined(subject) && cells.contains { $0.fit.word != "skipped" }
    let signs = adapted.filter { entry in cells.contains { $0.fit == .adapted(entry.adaptations) } }.map(\.sign)
    return subject.name + (isInlined ? Self.inlineSign : "") + signs.joined()
  }

  /// Pools that are used inlined by nature, unlike a drop-in `malloc`.
  static func isInlined(_ subject: Subject) -> Bool {
    switch subject.base {
    case .threadCache: subject.options.contains(.inline)
    case .glibc, .jemalloc, .tcmalloc, .preloaded, .null: false
    default: true
    }
  }

  /// What stands at the end of a measured row.
  static func status(of cell: CellResult, _ summary: CellSummary) -> (text: String, isWarning: Bool) {
    let isOverloaded = summary.openLoop?.isOverloaded ?? false
    var words: [String] = []
    if cell.fit != .native { words.append("adapted") }
    if !cell.measured(.verification).isEmpty { words.append("verified") }
    if summary.isNoisy { words.append("noisy") }
    if isOverloaded { words.append("overloaded") }
    if cell.hasRefused { words.append("refused some") }
    let isWarning = summary.isNoisy || isOverloaded || cell.hasRefused
    return (words.isEmpty ? "ok" : words.joined(separator: ", "), isWarning)
  }
}

extension CellResult {
  /// Whether its figures may be the best: native, for all of the work, and no measure of the harness itself.
  var isRanked: Bool { fit == .native && subject.base != .null && !hasRefused }

  /// Whether it had no room for some objects, which it then was spared to touch and to free.
  var hasRefused: Bool {
    runs.contains { ($0.record?.statistics[RunRecord.refusedStatistic.description] ?? 0) > 0 }
  }
}

extension WorkloadResult {
  /// Whether any subject has figures of a pass.
  func hasFigures(of pass: Pass) -> Bool { cells.contains { !$0.measured(pass).isEmpty } }
}
