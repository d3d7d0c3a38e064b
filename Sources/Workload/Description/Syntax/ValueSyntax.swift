/// One entry of a list that commas separate: `25% factor=2`, `512:20%`, `median=64`.
struct ValueItem {
  /// At least one.
  var terms: [ValueTerm]

  var span: SourceSpan { terms[0].span.through(terms[terms.count - 1].span) }
}

/// `primary`, `name = primary` or `primary : primary`.
struct ValueTerm {
  var name: Token?
  var primary: ValuePrimary
  /// What stands behind a colon.
  var paired: ValuePrimary?

  var span: SourceSpan { (name?.span ?? primary.span).through((paired ?? primary).span) }

  /// The primary, if that is all there is.
  var plain: ValuePrimary? { name == nil && paired == nil ? primary : nil }
}

/// A word with its unit, a quoted string or a call.
struct ValuePrimary {
  enum Form {
    case word
    /// `25%`
    case percent
    /// `500K/s`: the text behind the stroke.
    case per(String)
    case string
    case call([ValueItem])
  }

  var form: Form
  /// The word, the string's inside or the call's name.
  var text: String
  /// Of all of it.
  var span: SourceSpan
  /// Of the word, the string or the call's name.
  var textSpan: SourceSpan
  /// See ``Token/note``.
  var note: String

  var isPercent: Bool { if case .percent = form { true } else { false } }

  /// The word, if it is one without a unit sign: a name, a keyword, a number.
  var word: String? { if case .word = form { text } else { nil } }

  /// How a message names it.
  var shown: String {
    switch form {
    case .word: quoted(text)
    case .percent: quoted("\(text)%")
    case .per(let unit): quoted("\(text)/\(unit)")
    case .string: "a quoted text"
    case .call: quoted("\(text)(…)")
    }
  }
}

/// What is wrong and where: the form in which a part that can't go on hands it to one that reports.
struct Fault: Error {
  var message: String
  var span: SourceSpan

  init(_ message: String, at span: SourceSpan) {
    self.message = message
    self.span = span
  }
}

/// Reads a value's tokens: items separated by commas, each one or more terms.
struct ValueParser {
  /// Calls within calls.
  private static let deepest = 8

  private let tokens: [Token]
  private var index = 0
  private var depth = 0

  /// - Parameter tokens: parameters put in; at least one.
  init(_ tokens: [Token]) { self.tokens = tokens }

  private var current: Token? { index < tokens.count ? tokens[index] : nil }

  private var here: SourceSpan { (current ?? tokens[tokens.count - 1]).span }

  mutating func parse() throws(Fault) -> [ValueItem] {
    let items = try list()
    guard let rest = current else { return items }
    throw Fault("\(describe(rest)) has no place here", at: rest.span)
  }

  private mutating func list() throws(Fault) -> [ValueItem] {
    var items = [try item()]
    while let comma = current, comma.isSign(",") {
      index += 1
      if current.map({ $0.isSign(")") || $0.isSign(",") }) ?? true {
        throw Fault("nothing follows the comma", at: comma.span)
      }
      items.append(try item())
    }
    return items
  }

  private mutating func item() throws(Fault) -> ValueItem {
    var terms: [ValueTerm] = []
    while let token = current, terms.isEmpty || !(token.isSign(",") || token.isSign(")")) {
      terms.append(try term())
    }
    if terms.isEmpty { throw Fault("a value is missing", at: here) }
    return ValueItem(terms: terms)
  }

  private mutating func term() throws(Fault) -> ValueTerm {
    if let name = current, name.kind == .word, index + 1 < tokens.count, tokens[index + 1].isSign("=") {
      index += 2
      guard current != nil else { throw Fault("a value is missing after '='", at: tokens[index - 1].span) }
      return ValueTerm(name: name, primary: try primary())
    }
    let first = try primary()
    guard let colon = current, colon.isSign(":") else { return ValueTerm(primary: first) }
    index += 1
    guard current != nil else { throw Fault("a value is missing after ':'", at: colon.span) }
    return ValueTerm(primary: first, paired: try primary())
  }

  private mutating func primary() throws(Fault) -> ValuePrimary {
    let token = tokens[index]
    guard token.kind == .word || token.kind == .string else {
      throw Fault("\(describe(token)) has no place here", at: token.span)
    }
    index += 1
    var result = ValuePrimary(
      form: .word, text: token.text, span: token.span, textSpan: token.span, note: token.note)
    guard token.kind == .word else {
      result.form = .string
      return result
    }
    guard let next = current, next.kind == .sign else { return result }
    switch next.text {
    case "%":
      if !next.isGlued { throw Fault("no space may stand before '%'", at: next.span) }
      index += 1
      result.form = .percent
      result.span = token.span.through(next.span)
    case "/":
      index += 1
      guard let unit = current, unit.kind == .word, unit.isGlued, next.isGlued else {
        throw Fault("a rate is written like 500K/s, without spaces", at: token.span.through(here))
      }
      index += 1
      result.form = .per(unit.text)
      result.span = token.span.through(unit.span)
    case "(": try call(&result, open: next)
    default: break
    }
    return result
  }

  private mutating func call(_ result: inout ValuePrimary, open: Token) throws(Fault) {
    depth += 1
    if depth > Self.deepest { throw Fault("parentheses are nested more than \(Self.deepest) deep", at: open.span) }
    index += 1
    var arguments: [ValueItem] = []
    if let token = current, !token.isSign(")") { arguments = try list() }
    guard let close = current, close.isSign(")") else {
      throw Fault("the parenthesis is not closed", at: open.span)
    }
    index += 1
    depth -= 1
    result.form = .call(arguments)
    result.span = result.span.through(close.span)
  }

  private func describe(_ token: Token) -> String {
    switch token.kind {
    case .word, .sign: return quoted(token.text)
    case .string: return "a quoted text"
    case .stray:
      guard let scalar = token.text.unicodeScalars.first, !scalar.isASCII else { return quoted(token.text) }
      return "\(quoted(token.text)) (U+\(String(scalar.value, radix: 16, uppercase: true)))"
    }
  }
}
