/// The parameters of a file, and how they are put in where `$name` stands.
struct ParameterTable {
  struct Entry {
    var parameter: Parameter
    /// Of the key under `[parameters]`.
    var span: SourceSpan
    var tokens: [Token]
    /// Its value has a fault that has been reported.
    var isBroken: Bool
  }

  /// Tokens that one value may grow to.
  private static let largestValue = 100_000
  /// Parameters whose values use parameters.
  private static let deepest = 16

  private(set) var entries: [Entry] = []
  private var positions: [String: Int] = [:]
  /// Names that some value has used.
  private(set) var used: Set<String> = []

  var names: [String] { entries.map(\.parameter.name) }

  subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// - Precondition: no entry has that name.
  mutating func add(_ entry: Entry) {
    positions[entry.parameter.name] = entries.count
    entries.append(entry)
  }

  /// The value's tokens with every `$name` replaced by that parameter's, which then stand where the name stands.
  mutating func expand(_ tokens: [Token]) throws(Fault) -> [Token] {
    guard tokens.contains(where: { $0.isSign("$") }) else { return tokens }
    var result: [Token] = []
    try expand(tokens, into: &result, inside: [])
    return result
  }

  private mutating func expand(
    _ tokens: [Token], into result: inout [Token], inside outer: [String]
  ) throws(Fault) {
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      index += 1
      guard token.isSign("$") else {
        result.append(token)
        continue
      }
      guard index < tokens.count, tokens[index].kind == .word, tokens[index].isGlued else {
        throw Fault("a parameter's name must follow '$' at once", at: token.span)
      }
      let name = tokens[index].text
      let span = token.span.through(tokens[index].span)
      index += 1
      guard let entry = self[name] else {
        let known = names.isEmpty ? "; the file has no [parameters]" : hint(for: name, among: names)
        throw Fault("\(quoted(name)) is not a parameter\(known)", at: span)
      }
      used.insert(name)
      if entry.isBroken { throw Fault("parameter \(quoted(name)) has no value", at: span) }
      if outer.contains(name) {
        throw Fault(
          "parameter \(quoted(name)) stands for itself: \((outer + [name]).joined(separator: " → "))", at: span)
      }
      if outer.count == Self.deepest {
        throw Fault("parameters use each other more than \(Self.deepest) deep", at: span)
      }
      var inner: [Token] = []
      try expand(entry.tokens, into: &inner, inside: outer + [name])
      for (position, var replacement) in inner.enumerated() {
        replacement.span = span
        replacement.parameter = entry.parameter
        if position == 0 { replacement.isGlued = token.isGlued }
        result.append(replacement)
      }
      if result.count > Self.largestValue { throw Fault("the parameters make this value too long", at: span) }
    }
  }
}
