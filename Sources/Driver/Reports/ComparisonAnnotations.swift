/// A comparison as workflow commands of GitHub Actions, which the runner shows as annotations of the job.
struct ComparisonAnnotations {
  private let comparison: Comparison
  private let isStrict: Bool

  /// The runner shows so many of each kind a step.
  static let most = 10

  init(_ comparison: Comparison, isStrict: Bool) {
    self.comparison = comparison
    self.isStrict = isStrict
  }

  var text: String {
    let undecided = comparison.cells.filter { $0.verdict == .inconclusive || $0.verdict == .noVerdict }
    let regressed = comparison.cells.filter { $0.verdict == .regressed }
    var lines = comparison.warnings.map { Self.command("warning", title: "poolbench", $0) }
    lines += commands("error", regressed + (isStrict ? undecided : []))
    lines += commands("warning", isStrict ? [] : undecided.filter { $0.verdict == .inconclusive })
    lines += commands("notice", comparison.cells.filter { $0.verdict == .improved })
    lines.append(Self.command("notice", title: "poolbench", ComparisonWords(comparison).summary))
    return lines.map { $0 + "\n" }.joined()
  }

  private func commands(_ level: String, _ cells: [CellComparison]) -> [String] {
    // The last one that is shown tells how many are not.
    let isTooLong = cells.count > Self.most
    var lines = cells.prefix(isTooLong ? Self.most - 1 : Self.most).map { cell in
      Self.command(level, title: "\(cell.workload): \(cell.subject) \(cell.verdict.rawValue)", cell.sentence)
    }
    if isTooLong {
      let rest = cells.count - Self.most + 1
      lines.append(Self.command(level, title: "poolbench", "\(rest) more: see the summary of the job"))
    }
    return lines
  }

  /// `::error title=…::…` with the escapes of the runner's own toolkit: a message hides percent signs and line breaks, a
  /// property also colons and commas.
  static func command(_ level: String, title: String, _ message: String) -> String {
    "::\(level) title=\(hidden(title, isProperty: true))::\(hidden(message))"
  }

  /// By scalars: a carriage return and the line feed behind it are one character.
  private static func hidden(_ text: String, isProperty: Bool = false) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
