/// What all parts that read values share: the parameters, the place for faults, the way to a histogram's file.
final class ReadingContext {
  let diagnostics: DiagnosticCollector
  let loadHistogram: (String) -> Result<[UInt8], HistogramFileError>
  var parameters = ParameterTable()

  init(diagnostics: DiagnosticCollector, loadHistogram: @escaping (String) -> Result<[UInt8], HistogramFileError>) {
    self.diagnostics = diagnostics
    self.loadHistogram = loadHistogram
  }

  /// Reports `message` at a primary, and what stands behind its parameter.
  func error(_ message: String, at primary: ValuePrimary) {
    diagnostics.error(message + primary.note, at: primary.span)
  }

  /// The value of `body`, or nil once its fault is reported.
  func attempt<Value>(_ body: () throws(Fault) -> Value) -> Value? {
    do {
      return try body()
    } catch {
      diagnostics.error(error.message, at: error.span)
      return nil
    }
  }

  // MARK: Values as a whole

  /// The items of a value with its parameters put in.
  func items(of assignment: Assignment) -> [ValueItem]? {
    if assignment.isBroken { return nil }
    return attempt { () throws(Fault) in
      var parser = ValueParser(try parameters.expand(assignment.tokens))
      return try parser.parse()
    }
  }

  /// The value, if it is a single word, text or call.
  func single(_ assignment: Assignment, for key: FormatKey) -> ValuePrimary? {
    guard let items = items(of: assignment) else { return nil }
    if items.count == 1, items[0].terms.count == 1, let primary = items[0].terms[0].plain { return primary }
    let surplus = items[0].terms.count > 1 ? items[0].terms[1].span : items.count > 1 ? items[1].span : items[0].span
    diagnostics.error("'\(key.rawValue)' takes \(key.takes)", at: surplus)
    return nil
  }

  // MARK: Numbers

  /// A whole number within `range`.
  func whole(_ primary: ValuePrimary, _ unit: Unit, in range: ClosedRange<UInt64>) -> UInt64? {
    attempt { () throws(Fault) in
      let decimal = try unit.value(of: primary)
      guard let value = decimal.whole else {
        let noun = unit == .bytes ? " bytes" : unit == .nanoseconds ? " ns" : ""
        throw Fault(
          "\(primary.shown) is \(decimal.text)\(noun), but must be a whole number\(primary.note)", at: primary.span)
      }
      if value < range.lowerBound {
        throw Fault("\(primary.shown) is too small: at least \(range.lowerBound)\(primary.note)", at: primary.span)
      }
      if value > range.upperBound || decimal.digits > UInt128(UInt64.max) {
        throw Fault("\(primary.shown) is too large: at most \(range.upperBound)\(primary.note)", at: primary.span)
      }
      return value
    }
  }

  /// A key's value that is a count, or nil if it isn't given or is faulty.
  func count(_ section: Section, _ key: FormatKey, in range: ClosedRange<UInt64>) -> UInt64? {
    section[key].flatMap { single($0, for: key) }.flatMap { whole($0, .count, in: range) }
  }

  /// A number from 0 to `largest`.
  func real(_ primary: ValuePrimary, _ unit: Unit, upTo largest: Double = 0x1p47) -> Double? {
    attempt { () throws(Fault) in
      let value = try unit.value(of: primary).double
      guard value <= largest else {
        let limit = Decimal.text(largest)
        throw Fault("\(primary.shown) is too large: at most \(limit)\(primary.note)", at: primary.span)
      }
      return value
    }
  }

  /// `N%` as a number from 0 to 100.
  func percentage(_ primary: ValuePrimary) -> Decimal? {
    guard primary.isPercent else {
      error("\(primary.shown) is not a percentage, such as 25%", at: primary)
      return nil
    }
    return attempt { () throws(Fault) in
      var number = primary
      number.form = .word
      let value = try Unit.pure.value(of: number)
      guard value.double <= 100 else {
        throw Fault("\(primary.shown) is more than 100%\(primary.note)", at: primary.span)
      }
      return value
    }
  }

  // MARK: Names

  /// The word, if it is one of `known`; else a fault saying that it is not a `noun`.
  func word(_ primary: ValuePrimary, among known: [String], noun: String) -> String? {
    if let word = primary.word, known.contains(word) { return word }
    error("\(primary.shown) is not \(noun)\(hint(for: primary.text, among: known))", at: primary)
    return nil
  }

  /// The case of an enumeration whose words the key takes.
  func keyword<Word: RawRepresentable & CaseIterable>(
    _ entry: Assignment, for key: FormatKey
  ) -> Word? where Word.RawValue == String {
    guard let primary = single(entry, for: key) else { return nil }
    let known = Word.allCases.map(\.rawValue)
    return word(primary, among: known, noun: "a value of '\(key.rawValue)'").flatMap { Word(rawValue: $0) }
  }
}
