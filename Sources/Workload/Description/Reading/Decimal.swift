/// A number exactly as written: `digits` ÷ 10^`scale`, with the letters that follow it.
struct Decimal: Equatable {
  var digits: UInt128
  /// Digits behind the point, trailing zeros left out.
  var scale: Int
  /// What follows the number: a unit, or nonsense.
  var suffix: String

  enum ReadingError: Error {
    /// The text doesn't start with a digit.
    case notANumber
    case negative
    case misplacedUnderscore
    /// A point without a digit behind it.
    case barePoint
    case tooLong
  }

  /// Reads `42`, `4_000`, `1.5`, `32K`.
  init(_ text: String) throws(ReadingError) {
    let scalars = Array(text.unicodeScalars)
    if scalars.first == "-", scalars.count > 1, Self.digit(scalars[1]) != nil { throw .negative }
    guard let first = scalars.first, Self.digit(first) != nil else { throw .notANumber }
    digits = 0
    scale = 0
    var index = 0
    var isFraction = false
    while index < scalars.count {
      if let digit = Self.digit(scalars[index]) {
        let (product, isTooLong) = digits.multipliedReportingOverflow(by: 10)
        let (sum, isTooLongYet) = product.addingReportingOverflow(UInt128(digit))
        if isTooLong || isTooLongYet { throw .tooLong }
        digits = sum
        if isFraction { scale += 1 }
      } else if scalars[index] == "_" {
        guard Self.digit(scalars[index - 1]) != nil, index + 1 < scalars.count, Self.digit(scalars[index + 1]) != nil
        else { throw .misplacedUnderscore }
      } else if scalars[index] == ".", !isFraction {
        guard index + 1 < scalars.count, Self.digit(scalars[index + 1]) != nil else { throw .barePoint }
        isFraction = true
      } else {
        break
      }
      index += 1
    }
    suffix = Lexer.string(scalars[index...])
    reduce()
  }

  /// `digits` ÷ 10^`scale`, reduced.
  private init(digits: UInt128, scale: Int) {
    self.digits = digits
    self.scale = scale
    suffix = ""
    reduce()
  }

  /// `value` ÷ 10^`scale`.
  init(_ value: UInt64, scale: Int) { self.init(digits: UInt128(value), scale: scale) }

  private mutating func reduce() {
    if digits == 0 { scale = 0 }
    while scale > 0, digits.isMultiple(of: 10) {
      digits /= 10
      scale -= 1
    }
  }

  /// Times `factor`, or nil if that can't be held.
  func multiplied(by factor: UInt64) -> Decimal? {
    let (product, isTooLarge) = digits.multipliedReportingOverflow(by: UInt128(factor))
    return isTooLarge ? nil : Decimal(digits: product, scale: scale)
  }

  /// Divided by a hundred: what a percentage means.
  var hundredth: Decimal { Decimal(digits: digits, scale: scale + 2) }

  /// The value, if it is whole. What exceeds 64 bits is the largest 64-bit number.
  var whole: UInt64? { scale == 0 ? UInt64(clamping: digits) : nil }

  /// The nearest double.
  var double: Double { Double("\(digits)e-\(scale)") ?? 0 }

  /// Without an exponent and a unit.
  var text: String { Self.text(digits: "\(digits)", scale: scale) }

  /// - Parameter scale: negative for zeros to be added.
  private static func text(digits: String, scale: Int) -> String {
    if scale <= 0 { return digits == "0" ? digits : digits + String(repeating: "0", count: -scale) }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return "\(padded.dropLast(scale)).\(padded.suffix(scale))"
  }

  /// The shortest digits that are read as `value`, without an exponent and with the point moved `shift` places to
  /// the right.
  ///
  /// - Precondition: finite, not negative.
  static func text(_ value: Double, shift: Int = 0) -> String {
    var mantissa = value.description
    var exponent = 0
    if let e = mantissa.firstIndex(of: "e") {
      exponent = Int(mantissa[mantissa.index(after: e)...]) ?? 0
      mantissa = String(mantissa[..<e])
    }
    var scale = -(shift + exponent)
    if let point = mantissa.firstIndex(of: ".") {
      scale += mantissa.distance(from: point, to: mantissa.endIndex) - 1
      mantissa.remove(at: point)
    }
    mantissa = String(mantissa.drop { $0 == "0" })
    if mantissa.isEmpty { return "0" }
    while mantissa.last == "0" {
      mantissa.removeLast()
      scale -= 1
    }
    return text(digits: mantissa, scale: scale)
  }

  private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
    ("0"..."9").contains(scalar) ? scalar.value - 48 : nil
  }
}
