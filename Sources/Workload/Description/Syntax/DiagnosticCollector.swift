/// Gathers the faults of one file while it is read.
final class DiagnosticCollector {
  /// More are only counted: a file that is no description at all would fill the screen.
  static let limit = 1000

  private struct Entry: Equatable {
    var severity: Diagnostic.Severity
    var message: String
    var span: SourceSpan
  }

  private let text: SourceText
  private var entries: [Entry] = []
  private var surplus = 0
  private(set) var hasErrors = false

  init(_ text: SourceText) { self.text = text }

  func error(_ message: String, at span: SourceSpan) {
    hasErrors = true
    add(Entry(severity: .error, message: message, span: span))
  }

  func warning(_ message: String, at span: SourceSpan) {
    add(Entry(severity: .warning, message: message, span: span))
  }

  private func add(_ entry: Entry) {
    if entries.count < Self.limit { entries.append(entry) } else { surplus += 1 }
  }

  /// All of them in the order of the file.
  ///
  /// - Complexity: O(n log n) for n diagnostics, plus the lines they stand in.
  func sorted() -> [Diagnostic] {
    var lines: [Int: String] = [:]
    let ordered = entries.enumerated().sorted { left, right in
      (left.element.span.line, left.element.span.column, left.offset)
        < (right.element.span.line, right.element.span.column, right.offset)
    }.map(\.element)
    // A parameter's fault is found wherever the parameter is used.
    let distinct = ordered.enumerated().filter { $0 == 0 || $1 != ordered[$0 - 1] }.map(\.element)
    var all = distinct.map { entry in
      let line = entry.span.line
      if line > 0, lines[line] == nil { lines[line] = text.line(line) }
      return Diagnostic(
        severity: entry.severity, line: line, column: entry.span.column, length: max(entry.span.length, 1),
        message: entry.message, sourceLine: lines[line] ?? "")
    }
    if surplus > 0 {
      all.append(
        Diagnostic(
          severity: hasErrors ? .error : .warning, line: 0, column: 0, length: 1,
          message: "\(surplus) more faults are not shown", sourceLine: ""))
    }
    return all
  }
}

/// `; did you mean 'x'?` if a known word is near, else the known words if they are few, else nothing.
func hint(for word: String, among known: [String]) -> String {
  if let near = nearest(to: word, in: known) { return "; did you mean '\(near)'?" }
  if known.isEmpty || known.count > 16 { return "" }
  return " (known: \(known.joined(separator: ", ")))"
}

/// `word` between quotes, cut if it is long.
func quoted(_ word: String) -> String {
  word.unicodeScalars.count <= 48 ? "'\(word)'" : "'\(word.prefix(45))…'"
}
