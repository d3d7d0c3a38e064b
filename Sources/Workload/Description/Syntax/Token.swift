/// One word, quoted string or sign of a description.
///
/// Names and numbers are both words: `64` may be either, and only the place where it stands tells.
struct Token: Equatable {
  enum Kind: Equatable {
    /// Letters, digits, `-`, `_`, `.`.
    case word
    /// Between double quotes; `text` is without them.
    case string
    /// One of `= [ ] ( ) , : % / $`.
    case sign
    /// Anything else; a fault outside free text.
    case stray
  }

  var kind: Kind
  var text: String
  var span: SourceSpan
  /// Nothing stands between it and the token before it.
  var isGlued: Bool
  /// The parameter that it was put in for, and that one's text.
  var parameter: Parameter?

  func isSign(_ sign: String) -> Bool { kind == .sign && text == sign }

  /// What a message adds when the text isn't what stands in the file.
  var note: String { parameter.map { " ($\($0.name) is \(quoted($0.value)))" } ?? "" }
}

/// Splits lines into tokens and drops comments.
struct Lexer {
  let diagnostics: DiagnosticCollector

  /// The tokens of one line.
  ///
  /// - Parameter number: of the line, from 1.
  func tokens(of line: [Unicode.Scalar], number: Int) -> [Token] {
    var tokens: [Token] = []
    var index = 0
    var end = -1
    func add(_ kind: Token.Kind, _ text: ArraySlice<Unicode.Scalar>, from start: Int, to next: Int) {
      let span = SourceSpan(line: number, column: start + 1, length: next - start)
      tokens.append(Token(kind: kind, text: Self.string(text), span: span, isGlued: end == start))
      end = next
      index = next
    }
    while index < line.count {
      let scalar = line[index]
      let start = index
      if scalar == " " || scalar == "\t" {
        index += 1
      } else if scalar == "#" {
        break
      } else if scalar.properties.generalCategory == .control {
        reportControls(in: line[start...start], line: number)
        index += 1
      } else if scalar == "\"" {
        let rest = line[(start + 1)...]
        let close = rest.firstIndex(of: "\"")
        if close == nil {
          diagnostics.error(
            "the quotation mark is not closed on this line",
            at: SourceSpan(line: number, column: start + 1, length: line.count - start))
        }
        let inside = rest[..<(close ?? line.count)]
        reportControls(in: inside, line: number)
        add(.string, inside, from: start, to: close.map { $0 + 1 } ?? line.count)
      } else if Self.isNameScalar(scalar) {
        let next = line[start...].firstIndex { !Self.isNameScalar($0) } ?? line.count
        add(.word, line[start..<next], from: start, to: next)
      } else {
        add(Self.isSign(scalar) ? .sign : .stray, line[start...start], from: start, to: start + 1)
      }
    }
    return tokens
  }

  private func reportControls(in scalars: ArraySlice<Unicode.Scalar>, line: Int) {
    for (index, scalar) in zip(scalars.indices, scalars)
    where scalar.properties.generalCategory == .control && scalar != "\t" {
      let code = String(scalar.value, radix: 16, uppercase: true)
      let zeros = String(repeating: "0", count: max(0, 4 - code.count))
      diagnostics.error(
        "a control character (U+\(zeros)\(code)) doesn't belong in a description",
        at: SourceSpan(line: line, column: index + 1, length: 1))
    }
  }

  static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
    case "\0"..."\u{7F}": false
    default:
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
      default: false
      }
    }
  }

  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy(isNameScalar)
  }

  private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "=", "[", "]", "(", ")", ",", ":", "%", "/", "$": true
    default: false
    }
  }

  static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
