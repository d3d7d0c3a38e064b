/// What a number counts, and with it the letters that may follow.
enum Unit {
  case bytes
  case count
  case nanoseconds
  /// A ratio, an exponent, a weight: no unit at all.
  case pure

  private var factors: [String: UInt64] {
    switch self {
    case .bytes: ["": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    case .count: ["": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000]
    case .nanoseconds: ["us": 1_000, "ms": 1_000_000, "s": 1_000_000_000]
    case .pure: ["": 1]
    }
  }

  /// What is wanted, as a sentence's end.
  var expectation: String {
    switch self {
    case .bytes: "a number of bytes, such as 64 or 4K"
    case .count: "a count, such as 100 or 20K"
    case .nanoseconds: "a time, such as 50us, 100ms or 2s"
    case .pure: "a plain number, such as 2 or 1.5"
    }
  }

  /// The number in the base unit.
  func value(of primary: ValuePrimary) throws(Fault) -> Decimal {
    guard case .word = primary.form else {
      throw Fault("\(primary.shown) is not \(expectation)\(primary.note)", at: primary.span)
    }
    let number: Decimal
    do throws(Decimal.ReadingError) {
      number = try Decimal(primary.text)
    } catch {
      throw Fault("\(primary.shown) \(explanation(of: error))\(primary.note)", at: primary.span)
    }
    guard let factor = factors[number.suffix] else {
      throw Fault("\(primary.shown): \(remedy(for: number, in: primary.text))\(primary.note)", at: primary.span)
    }
    guard let value = number.multiplied(by: factor) else {
      throw Fault("\(primary.shown) is too large\(primary.note)", at: primary.span)
    }
    return value
  }

  private func explanation(of error: Decimal.ReadingError) -> String {
    switch error {
    case .notANumber: "is not \(expectation)"
    case .negative: "is negative, which makes no sense here"
    case .misplacedUnderscore: "has a '_' that doesn't stand between two digits"
    case .barePoint: "has no digit behind its point"
    case .tooLong: "has too many digits"
    }
  }

  /// What to write instead of a unit that doesn't fit.
  private func remedy(for number: Decimal, in text: String) -> String {
    let suffix = number.suffix
    let digits = String(text.unicodeScalars.dropLast(suffix.unicodeScalars.count))
    let lower = suffix.lowercased()
    if lower.first == "e", lower.dropFirst().allSatisfy({ $0.isNumber || $0 == "-" }) {
      return "numbers have no exponent; write it out"
    }
    let times = ["ns", "us", "µs", "ms", "s", "sec", "min", "h"]
    switch self {
    case .bytes, .count:
      if let letter = ["k": "K", "m": "M", "g": "G"][String(lower.prefix(1))],
        ["", "b", "ib"].contains(String(lower.dropFirst()))
      {
        let meaning = self == .bytes ? "bytes come in K, M and G, powers of 1,024" : "K, M and G are powers of 1,000"
        return "\(meaning); write '\(digits)\(letter)'"
      }
      if ["b", "byte", "bytes"].contains(lower) {
        return self == .bytes
          ? "bytes need no unit; write '\(digits)'" : "this is a count, not a number of bytes; write '\(digits)'"
      }
      if ["t", "tb", "tib"].contains(lower) { return "the largest unit is G" }
      if times.contains(lower) { return "a time has no place here, this is \(expectation)" }
      return "\(quoted(suffix)) is not a unit; there are K, M and G"
    case .nanoseconds:
      if suffix.isEmpty { return "a time needs its unit: us, ms or s" }
      if lower == "µs" || lower == "μs" { return "write '\(digits)us'" }
      if lower == "ns" { return "the smallest unit of time is us" }
      return "\(quoted(suffix)) is not a unit of time; there are us, ms and s"
    case .pure:
      return "this number takes no unit; write '\(digits)'"
    }
  }
}
