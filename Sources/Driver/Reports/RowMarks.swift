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

  func name(of cell: CellResult) -> String {
    var name = cell.subject.name
    if Self.isInlined(cell.subject), cell.fit.word != "skipped" { name += Self.inlineSign }
    if case .adapted(let list) = cell.fit { name += adapted.first { $0.adaptations == list }?.sign ?? "" }
    return name
  }

  /// Pools that are used inlined by nature, unlike a drop-in `malloc`.
  static func isInlined(_ subject: Subject) -> Bool {
    switch subject.base {
    case .fixed, .fixedShared, .region: true
    case .threadCache: subject.options.contains(.inline)
    case .glibc, .jemalloc, .tcmalloc, .preloaded, .null: false
    }
  }
}
