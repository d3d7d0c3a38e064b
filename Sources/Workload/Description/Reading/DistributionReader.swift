/// What a distribution is of.
enum DistributedQuantity {
  case size, lifetime, length

  var unit: Unit { self == .size ? .bytes : .count }

  /// Smallest value that a draw may have.
  func least(minimum: UInt64?) -> UInt64 {
    switch self {
    case .size: minimum == 0 ? 0 : 1
    case .lifetime: 0
    case .length: 1
    }
  }

  var noun: String {
    switch self {
    case .size: "size"
    case .lifetime: "lifetime"
    case .length: "length"
    }
  }
}

/// Reads `64`, `lognormal(median=48, sigma=1)` and the rest.
struct DistributionReader {
  /// Largest value that a distribution may name: an address space in bytes.
  static let largestValue: UInt64 = 1 << 47

  let context: ReadingContext
  let quantity: DistributedQuantity

  /// The distribution, checked, or nil once its faults are reported.
  ///
  /// - Parameter others: words that may stand here too, for hints.
  func read(_ primary: ValuePrimary, others: [String] = []) -> Distribution? {
    guard let distribution = shape(primary, others: others) else { return nil }
    let least = quantity.least(minimum: distribution.minimum)
    if case .fixed(let value) = distribution.shape, distribution.minimum == nil, value < least {
      let remedy = quantity == .size ? "; 'fixed(0, min=0)' says that size 0 is meant" : ""
      context.error("a \(quantity.noun) is at least \(least)\(remedy)", at: primary)
      return nil
    }
    if let fault = distribution.fault(least: least) {
      context.diagnostics.error(fault.message + primary.note, at: primary.span(ofArgument: fault.argument))
      return nil
    }
    return distribution
  }

  /// Also for the parts of a mixture, which are checked with the whole.
  func shape(_ primary: ValuePrimary, others: [String] = []) -> Distribution? {
    switch primary.form {
    case .call(let items):
      guard let family = Distribution.Family(rawValue: primary.text) else {
        let known = Distribution.Family.allCases.map(\.rawValue) + others
        let near = nearest(to: primary.text, in: known).map { "; did you mean '\($0)'?" } ?? ""
        context.diagnostics.error(
          "\(quoted(primary.text)) is not a distribution\(near)\(primary.note)", at: primary.textSpan)
        return nil
      }
      return call(primary, family, items)
    case .word where Distribution.Family(rawValue: primary.text) != nil:
      let form = Distribution.Family(rawValue: primary.text)?.form ?? ""
      context.error("\(primary.shown) needs its arguments: \(form)", at: primary)
      return nil
    case .word where !Self.looksLikeNumber(primary.text):
      let known = Distribution.Family.allCases.map(\.rawValue) + others
      let near = nearest(to: primary.text, in: known).map { "; did you mean '\($0)'?" } ?? ""
      context.error("\(primary.shown) is neither a number nor a distribution\(near)", at: primary)
      return nil
    default: return whole(primary).map { .fixed($0) }
    }
  }

  private static func looksLikeNumber(_ text: String) -> Bool {
    text.unicodeScalars.first.map { "0123456789-.".unicodeScalars.contains($0) } ?? false
  }

  private func call(_ primary: ValuePrimary, _ family: Distribution.Family, _ items: [ValueItem]) -> Distribution? {
    switch family {
    case .choice, .quantiles, .histogram, .mixture:
      let entries = items.filter { $0.boundName == nil }
      var bounds: [String: ValuePrimary] = [:]
      for item in items {
        guard let name = item.boundName else { continue }
        if bounds.updateValue(item.terms[0].primary, forKey: name) != nil {
          context.diagnostics.error("'\(name)' is given twice", at: item.span)
        }
      }
      guard !entries.isEmpty else {
        context.error("\(quoted(primary.text)) is empty: \(family.form)", at: primary)
        return nil
      }
      let shape = list(primary, family, entries)
      return withBounds(shape, bounds["min"], bounds["max"])
    default:
      guard let arguments = DistributionArguments(items, of: family, in: primary, context: context) else { return nil }
      let minimum = family.bounds.contains("min") ? arguments["min"] : nil
      return withBounds(parametric(family, arguments), minimum, arguments["max"])
    }
  }

  private func withBounds(
    _ shape: Distribution.Shape?, _ minimum: ValuePrimary?, _ maximum: ValuePrimary?
  ) -> Distribution? {
    let low = minimum.map { whole($0) }
    let high = maximum.map { whole($0) }
    if case .some(.some(let low)) = low, case .some(.some(let high)) = high, low > high, let maximum {
      context.error("max is below min", at: maximum)
      return nil
    }
    guard let shape, low != .some(nil), high != .some(nil) else { return nil }
    return Distribution(shape, minimum: low ?? nil, maximum: high ?? nil)
  }

  // MARK: Families with parameters

  private func parametric(_ family: Distribution.Family, _ arguments: DistributionArguments) -> Distribution.Shape? {
    func whole(_ name: String) -> UInt64? { arguments[name].flatMap { self.whole($0) } }
    func value(_ name: String) -> Double? { arguments[name].flatMap { context.real($0, quantity.unit) } }
    func pure(_ name: String) -> Double? { arguments[name].flatMap { context.real($0, .pure) } }
    /// Both are read first, so that the faults of both are reported.
    func both<A, B>(_ a: A?, _ b: B?, _ make: (A, B) -> Distribution.Shape) -> Distribution.Shape? {
      if let a, let b { make(a, b) } else { nil }
    }
    switch family {
    case .fixed: return whole("n").map { .fixed($0) }
    case .uniform:
      guard let low = whole("a"), let high = whole("b") else { return nil }
      if low <= high { return .uniform(low, high) }
      if let end = arguments["b"] { context.error("uniform's second end is below its first", at: end) }
      return nil
    case .normal: return both(value("mean"), value("sd")) { .normal(mean: $0, deviation: $1) }
    case .lognormal: return both(value("median"), pure("sigma")) { .lognormal(median: $0, sigma: $1) }
    case .exponential: return value("mean").map { .exponential(mean: $0) }
    case .geometric: return value("mean").map { .geometric(mean: $0) }
    case .gamma: return both(pure("shape"), value("mean")) { .gamma(shape: $0, mean: $1) }
    case .pareto: return both(value("min"), pure("alpha")) { .pareto(minimum: $0, alpha: $1) }
    case .zipf: return both(whole("n"), pure("s")) { .zipf(count: $0, exponent: $1) }
    case .choice, .quantiles, .histogram, .mixture: return nil
    }
  }

  func whole(_ primary: ValuePrimary) -> UInt64? {
    context.whole(primary, quantity.unit, in: 0...Self.largestValue)
  }
}

extension ValuePrimary {
  /// Where an argument stands, given by name or by position, or else the whole primary.
  func span(ofArgument name: String?) -> SourceSpan {
    guard let name, case .call(let items) = form else { return span }
    if let item = items.first(where: { $0.terms[0].name?.text == name }) { return item.span }
    guard let position = Distribution.Family(rawValue: text)?.parameters.firstIndex(of: name), position < items.count,
      items[position].terms[0].name == nil
    else { return span }
    return items[position].span
  }
}
