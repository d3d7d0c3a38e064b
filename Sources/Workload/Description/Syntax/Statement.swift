/// A line of a description, or several while a parenthesis is open.
enum Statement {
  case header(Header)
  case assignment(Assignment)
}

/// `[kind]` or `[kind name]`.
struct Header {
  /// nil if the brackets are empty.
  var kind: Token?
  var name: Token?
  /// From the opening to the closing bracket.
  var span: SourceSpan
  /// A fault has been reported.
  var isBroken = false
}

/// `key = value`.
struct Assignment {
  var key: Token
  var tokens: [Token]
  /// The value as written: without comments, its lines joined by a space.
  var rawText: String
  /// A fault has been reported that leaves no value to read.
  var isBroken: Bool

  /// From the value's first token to the end of its first line.
  var span: SourceSpan {
    guard let first = tokens.first else { return key.span }
    let last = tokens.last { $0.span.line == first.span.line } ?? first
    return first.span.through(last.span)
  }
}

/// Groups the lines of a text into statements.
struct StatementReader {
  private let text: SourceText
  private let lines: [[Token]]
  /// For each line, the lines in which its opening parentheses are closed; nil if they are not.
  private let closings: [[Int?]]
  private let diagnostics: DiagnosticCollector
  /// The next line to read, as an index.
  private var next = 0

  init(_ text: SourceText, diagnostics: DiagnosticCollector) {
    self.text = text
    self.diagnostics = diagnostics
    let lexer = Lexer(diagnostics: diagnostics)
    lines = text.lines.enumerated().map { lexer.tokens(of: $1, number: $0 + 1) }
    closings = Self.closings(of: lines)
  }

  /// No parenthesis is closed beyond a line that starts a section: the next sections are then read in spite of it.
  private static func closings(of lines: [[Token]]) -> [[Int?]] {
    var closings: [[Int?]] = lines.map { _ in [] }
    var open: [(line: Int, ordinal: Int)] = []
    for (line, tokens) in lines.enumerated() {
      if tokens.first?.isSign("[") ?? false { open = [] }
      for token in tokens where token.kind == .sign {
        if token.text == "(" {
          open.append((line, closings[line].count))
          closings[line].append(nil)
        } else if token.text == ")", let last = open.popLast() {
          closings[last.line][last.ordinal] = line
        }
      }
    }
    return closings
  }

  /// - Complexity: O(scalars).
  mutating func readAll() -> [Statement] {
    var statements: [Statement] = []
    while next < lines.count {
      let tokens = lines[next]
      next += 1
      guard let first = tokens.first else { continue }
      if first.isSign("[") {
        statements.append(.header(header(tokens)))
      } else if first.kind == .word, tokens.count > 1, tokens[1].isSign("=") {
        statements.append(.assignment(assignment(tokens)))
      } else if first.kind == .word {
        let colon = tokens.count > 1 && tokens[1].isSign(":")
        diagnostics.error(
          "'=' is missing after \(quoted(first.text))\(colon ? ": a value follows '=', not ':'" : "")",
          at: tokens.count > 1 ? tokens[1].span : first.span)
      } else {
        diagnostics.error("expected 'key = value' or a '[section]'", at: first.span)
      }
    }
    return statements
  }

  private func header(_ tokens: [Token]) -> Header {
    let close = tokens.firstIndex { $0.isSign("]") }
    let inside = tokens[1..<(close ?? tokens.count)]
    var header = Header(kind: nil, name: nil, span: tokens[0].span.through(tokens[close ?? tokens.count - 1].span))
    func fault(_ message: String, at span: SourceSpan) {
      diagnostics.error(message, at: span)
      header.isBroken = true
    }
    if close == nil { fault("']' is missing at the end of the section's header", at: header.span) }
    for token in inside {
      if token.kind != .word {
        fault("a section's name is made of letters, digits, '-', '_' and '.'", at: token.span)
      } else if header.kind == nil {
        header.kind = token
      } else if header.name == nil {
        header.name = token
      } else {
        fault("a section has one name, without spaces", at: token.span)
      }
    }
    if inside.isEmpty {
      fault("the section has no kind\(hint(for: "", among: FormatSection.headerWords))", at: header.span)
    }
    if let close, close + 1 < tokens.count {
      fault("nothing may follow a section's header", at: tokens[close + 1].span)
    }
    return header
  }

  /// Reads on as long as a parenthesis is open; one that is never closed ends the value with its line.
  private mutating func assignment(_ firstLine: [Token]) -> Assignment {
    let first = next - 1
    var last = first
    var line = first
    var isBroken = false
    while line <= last {
      if let ordinal = closings[line].firstIndex(of: nil) {
        let parentheses = lines[line].filter { $0.isSign("(") }
        diagnostics.error("the parenthesis is not closed", at: parentheses[ordinal].span)
        isBroken = true
        last = line
        break
      }
      last = closings[line].compactMap { $0 }.reduce(last, max)
      line += 1
    }
    next = last + 1
    let parts = [firstLine.dropFirst(2)] + lines[(first + 1)..<next].map { $0[...] }
    let value = Assignment(
      key: firstLine[0], tokens: parts.flatMap { $0 }, rawText: rawText(parts), isBroken: isBroken)
    if value.tokens.isEmpty {
      let takes = FormatKey(rawValue: value.key.text).map { "; it takes \($0.takes)" } ?? ""
      diagnostics.error("\(quoted(value.key.text)) has no value\(takes)", at: firstLine[1].span)
      return Assignment(key: value.key, tokens: [], rawText: "", isBroken: true)
    }
    return value
  }

  private func rawText(_ parts: [ArraySlice<Token>]) -> String {
    parts.compactMap { tokens in
      guard let first = tokens.first?.span, let last = tokens.last?.span else { return nil }
      return Lexer.string(text.lines[first.line - 1][(first.column - 1)..<(last.column + last.length - 1)])
    }.joined(separator: " ")
  }
}

extension Assignment {
  /// `key = text` read as one assignment, or nil unless its value is `text`, character by character.
  static func reading(_ text: String) -> Assignment? {
    let source = SourceText(SourceFile(name: "", bytes: Array("key = \(text)".utf8)))
    let diagnostics = DiagnosticCollector(source)
    var reader = StatementReader(source, diagnostics: diagnostics)
    guard case .assignment(let read)? = reader.readAll().first, source.fault == nil, source.lines.count == 1,
      !diagnostics.hasErrors, read.rawText.unicodeScalars.elementsEqual(text.unicodeScalars)
    else { return nil }
    return read
  }

  /// Whether the value is a text between quotation marks and nothing else.
  var isQuoted: Bool { tokens.count == 1 && tokens[0].kind == .string }
}
