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
    let bad = comparison.cells.filter { $0.verdict == .regressed || $0.verdict == .failed }
    let undecided = comparison.cells.filter(\.isUndecided)
    let improved = comparison.cells.filter { $0.verdict == .improved }
    func note(_ text: String) -> Note { Note(title: "poolbench", text: text) }
    // The summary stands first, so that no limit can hide it.
    let notices = commands("notice", [note(ComparisonWords(comparison).summary)] + improved.map(Note.init))
    let warnings = comparison.warnings.map(note)
    let errors = bad + (isStrict ? undecided : [])
    let doubts = isStrict ? [] : undecided.filter { $0.verdict == .inconclusive }
    let lines =
      notices.prefix(1) + commands("error", errors.map(Note.init))
      + commands("warning", warnings + doubts.map(Note.init)) + notices.dropFirst()
    return lines.map { $0 + "\n" }.joined()
  }

  /// One annotation.
  private struct Note {
    var title: String
    var text: String

    init(title: String, text: String) {
      self.title = title
      self.text = text
    }

    init(_ cell: CellComparison) {
      title = "\(cell.workload): \(cell.subject) \(cell.verdict.rawValue)"
      text = cell.sentence
    }
  }

  private func commands(_ level: String, _ notes: [Note]) -> [String] {
    // The last one that is shown tells how many are not.
    let isTooLong = notes.count > Self.most
    var lines = notes.prefix(isTooLong ? Self.most - 1 : Self.most).map { note in
      Self.command(level, title: note.title, note.text)
    }
    if isTooLong {
      let rest = notes.count - Self.most + 1
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
