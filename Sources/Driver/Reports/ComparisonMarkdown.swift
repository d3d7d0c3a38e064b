/// A comparison as GitHub and GitLab show Markdown: the verdict first, then what has changed, the rest folded away.
struct ComparisonMarkdown {
  private let comparison: Comparison

  private let marks: ComparisonMarks

  /// What stands above the fold.
  private static let telling: Set<Verdict> = [.regressed, .failed, .inconclusive, .improved]

  init(_ comparison: Comparison) {
    self.comparison = comparison
    marks = ComparisonMarks(comparison)
  }

  var text: String {
    let words = ComparisonWords(comparison)
    let isBad = comparison.count(.regressed) + comparison.count(.failed) > 0
    let isOpen = comparison.count(.inconclusive) > 0 || !comparison.decidesSomething
    let sign = isBad ? "❌" : isOpen ? "❔" : "✅"
    var lines = ["### \(sign) poolbench: \(Self.escaped(words.summary))", ""]
    for warning in comparison.warnings { lines += ["> **Warning:** \(Self.escaped(warning))", ""] }
    let telling = comparison.cells.filter { Self.telling.contains($0.verdict) }
    let others = comparison.cells.filter { !Self.telling.contains($0.verdict) }
    lines += table(telling)
    if !others.isEmpty {
      // The blank lines make the table within the element Markdown again.
      lines += ["<details><summary>\(others.count) more: the same, or without a verdict</summary>", ""]
      lines += table(others) + ["</details>", ""]
    }
    for item in marks.items { lines.append("- \(item.sign) \(Self.escaped(item.text))") }
    for sentence in words.advice + words.method { lines.append("- \(Self.escaped(sentence))") }
    for side in words.sides { lines.append("- \(Self.escaped(side))") }
    return lines.map { $0 + "\n" }.joined()
  }

  private func table(_ cells: [CellComparison]) -> [String] {
    if cells.isEmpty { return [] }
    let rows = cells.map { cell -> String in
      let quantity = cell.quantity
      let fields = [
        cell.workload, cell.subject + marks.signs(cell), quantity?.name ?? "", cell.verdict.rawValue, cell.change ?? "",
        cell.interval ?? "",
        quantity.flatMap { quantity in cell.base.map(quantity.text) } ?? "",
        quantity.flatMap { quantity in cell.new.map(quantity.text) } ?? "",
        cell.reason.isEmpty && cell.verdict == .inconclusive
          ? cell.detectable.map { "detects \(ComparisonWords.share($0))" } ?? "" : cell.reason,
      ]
      let isBad = cell.verdict == .regressed || cell.verdict == .failed
      return "| "
        + fields.enumerated().map { index, text in
          let shown = Self.escaped(text)
          return isBad && index == 3 ? "**\(shown)**" : shown
        }.joined(separator: " | ") + " |"
    }
    return [
      "| workload | subject | figure | verdict | change | 95 % interval | BASE | NEW | |",
      "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | --- |",
    ] + rows + [""]
  }

  /// Text that stands for itself in a cell of a table: on one line, with no character that Markdown or HTML would take.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\t": result += " "
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\\", "|", "*", "_", "`", "[", "]", "~", "#":
        result += "\\"
        result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
