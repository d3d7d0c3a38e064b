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
    case .fixed, .fixedShared, .region: true
    case .threadCache: subject.options.contains(.inline)
    case .glibc, .jemalloc, .tcmalloc, .preloaded, .null: false
    }
  }
}
