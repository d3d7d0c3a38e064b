/// A comparison as JUnit XML: a suite a workload, a case a quantity of a subject.
///
/// Keeps to what the schemas of Ant's JUnit reports and of the Jenkins xUnit plugin have in common, order of elements
/// and required attributes included. A regression is a failure, as is a cell that failed; what has no verdict is skipped
/// with its reason, or fails when strict if more blocks might decide it.
struct ComparisonSuites {
  private let comparison: Comparison
  private let isStrict: Bool

  init(_ comparison: Comparison, isStrict: Bool) {
    self.comparison = comparison
    self.isStrict = isStrict
  }

  var text: String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>"]
    for (index, workload) in comparison.workloads.enumerated() { lines += suite(workload, index) }
    return (lines + ["</testsuites>"]).map { $0 + "\n" }.joined()
  }

  private enum Outcome { case passed, failed, skipped }

  private func outcome(_ cell: CellComparison) -> Outcome {
    switch cell.verdict {
    case .regressed, .failed: .failed
    case .same, .improved: .passed
    case .inconclusive, .noVerdict, .added: isStrict && cell.isUndecided ? .failed : .skipped
    }
  }

  private func suite(_ workload: WorkloadComparison, _ index: Int) -> [String] {
    let outcomes = workload.cells.map(outcome)
    let attributes = [
      ("package", "poolbench"), ("id", "\(index)"), ("name", workload.name), ("timestamp", timestamp),
      ("hostname", "localhost"), ("tests", "\(workload.cells.count)"),
      ("failures", "\(outcomes.count { $0 == .failed })"), ("errors", "0"),
      ("skipped", "\(outcomes.count { $0 == .skipped })"), ("time", "0"),
    ]
    var lines = ["  " + Self.tag("testsuite", attributes), "    <properties>"]
    let words = ComparisonWords(comparison)
    let facts =
      [
        ("base", comparison.base.label), ("new", comparison.new.label),
        ("processor", comparison.machine.processor), ("thresholds", comparison.thresholds.words),
        ("summary", words.summary),
      ] + comparison.warnings.map { ("warning", $0) }
    for (name, value) in facts {
      lines.append("      " + Self.tag("property", [("name", name), ("value", value)], isEmpty: true))
    }
    lines.append("    </properties>")
    for (cell, outcome) in zip(workload.cells, outcomes) { lines += self.testCase(cell, outcome) }
    lines += ["    <system-out></system-out>", "    <system-err></system-err>", "  </testsuite>"]
    return lines
  }

  private func testCase(_ cell: CellComparison, _ outcome: Outcome) -> [String] {
    let attributes = [
      ("name", cell.quantity?.name ?? "all figures"), ("classname", "\(cell.workload).\(cell.subject)"), ("time", "0"),
    ]
    if outcome == .passed { return ["    " + Self.tag("testcase", attributes, isEmpty: true)] }
    let message = "\(cell.verdict.rawValue): \(cell.sentence)"
    let inner =
      outcome == .skipped
      ? Self.tag("skipped", [("message", message)], isEmpty: true)
      : Self.tag("failure", [("message", message), ("type", cell.verdict.rawValue)]) + Self.escaped(message)
        + "</failure>"
    return ["    " + Self.tag("testcase", attributes), "      " + inner, "    </testcase>"]
  }

  /// Without its zone, as the schema wants it; the zone is UTC.
  private var timestamp: String {
    let date = comparison.new.date.prefix(19)
    return date.count == 19 ? String(date) : "1970-01-01T00:00:00"
  }

  private static func tag(_ name: String, _ attributes: [(String, String)], isEmpty: Bool = false) -> String {
    let list = attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    return "<\(name)\(list)\(isEmpty ? "/" : "")>"
  }

  /// Text for an element or an attribute in double quotes (XML 1.0, 2.4 and 2.2): markup as entities, line breaks as
  /// blanks, and what no document may hold as the replacement character.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&apos;"
      case "\t", "\n", "\r": result += " "
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
