/// Rows of figures under headings, laid out for a width: as one table if it fits, else section under section, each
/// with the names repeated, and a section that is still too wide in several parts.
struct Table {
  struct Column {
    /// Columns of one section stand together when the table folds; one of none goes with the first section.
    var section: String
    /// A heading above the headings of neighbours with the same one; empty for none.
    var group = ""
    var title: String
    var ranking = Ranking.none
    var isLeftAligned = false
  }

  enum Ranking { case none, higherIsBetter, lowerIsBetter }

  struct Field {
    var text: String
    /// What it is ranked by; nil where it takes no part.
    var rank: Double?
    /// Whether it is worth a verdict: where the best one is not, none is marked.
    var isDecided = true
    var emphasis = Emphasis.plain

    static let empty = Field(text: "–", emphasis: .faint)
  }

  struct Row {
    var name: String
    var emphasis = Emphasis.plain
    var content: Content
    /// Whether its figures may be the best.
    var isRanked = true
  }

  enum Content {
    /// One for each column.
    case fields([Field])
    /// Words in place of figures; stand in the first section only.
    case words(String, Emphasis)
  }

  var columns: [Column]
  var rows: [Row]

  /// Blanks before every column.
  static let gap = 2

  /// Characters of a row's name in a table of a width.
  static func mostName(of width: Int) -> Int { max(8, width / 2) }

  /// The lines of the table, none wider than `width` unless a single column with its name is.
  ///
  /// - Parameter width: nil for one table, however wide.
  func lines(width: Int?, paint: Paint) -> [String] {
    let texts = bestMarked(paint)
    let widths = columns.indices.map { column in
      max(columns[column].title.count, texts.compactMap { $0?[column].text.count }.max() ?? 0)
    }
    let sections = columns.map(\.section)
    let longestName = (rows.map(\.name) + sections).map(\.count).max() ?? 0
    let nameWidth = width.map { min(longestName, Self.mostName(of: $0)) } ?? longestName
    let parts = fold(widths, nameWidth: nameWidth, width: width)
    return parts.enumerated().flatMap { index, part in
      let block = Block(table: self, part: part, widths: widths, nameWidth: nameWidth, texts: texts, paint: paint)
      return (index > 0 ? [""] : []) + block.lines(isFirst: index == 0, width: width)
    }
  }

  /// Fields by row, the best of each column marked; nil for rows of words.
  private func bestMarked(_ paint: Paint) -> [[Field]?] {
    var fields = rows.map { row -> [Field]? in
      if case .fields(let list) = row.content { return list }
      return nil
    }
    for (column, facts) in columns.enumerated() where facts.ranking != .none {
      let candidates = rows.indices.filter { rows[$0].isRanked && fields[$0]?[column].rank != nil }
      let ranks = candidates.compactMap { fields[$0]?[column].rank }
      guard candidates.count > 1, let best = facts.ranking == .higherIsBetter ? ranks.max() : ranks.min() else {
        continue
      }
      let winners = candidates.compactMap { fields[$0]?[column] }.filter { $0.rank == best }
      guard winners.allSatisfy(\.isDecided) else { continue }
      let shown = winners.first?.text
      // Where all are alike there is no best.
      if candidates.allSatisfy({ fields[$0]?[column].text == shown }) { continue }
      // What reads the same is as good.
      for row in candidates where fields[row]?[column].text == shown { fields[row]?[column].emphasis = .best }
    }
    return fields
  }

  /// The columns of each part.
  private func fold(_ widths: [Int], nameWidth: Int, width: Int?) -> [[Int]] {
    func total(_ part: [Int]) -> Int { part.reduce(nameWidth) { $0 + Self.gap + widths[$1] } + 1 }
    guard let width, total(Array(columns.indices)) > width else { return [Array(columns.indices)] }
    var parts: [[Int]] = []
    var sections = runs(of: columns.indices.filter { !columns[$0].section.isEmpty }, by: \.section)
    let loose = columns.indices.filter { columns[$0].section.isEmpty }
    if sections.isEmpty { sections = [loose] } else { sections[0] += loose }
    for section in sections {
      if total(section) <= width {
        parts.append(section)
        continue
      }
      var part: [Int] = []
      for group in runs(of: section, by: \.group) {
        // A group that fits into a part of its own is not torn.
        let isWhole = !columns[group[0]].group.isEmpty && total(group) <= width
        if isWhole, total(part + group) > width, !part.isEmpty {
          parts.append(part)
          part = []
        }
        for column in group {
          if !part.isEmpty, total(part + [column]) > width {
            parts.append(part)
            part = []
          }
          part.append(column)
        }
      }
      parts.append(part)
    }
    return parts
  }

  /// Neighbouring columns that share a property.
  func runs(of indices: [Int], by key: KeyPath<Column, String>) -> [[Int]] {
    var result: [[Int]] = []
    for index in indices {
      if let last = result.last?.last, columns[last][keyPath: key] == columns[index][keyPath: key] {
        result[result.count - 1].append(index)
      } else {
        result.append([index])
      }
    }
    return result
  }
}
