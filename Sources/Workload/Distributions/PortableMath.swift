/// Logarithm, exponential and relatives from IEEE 754 + − × ÷ alone.
///
/// libm differs between machines in the last bit, and one bit can change a compiled table; these functions give the
/// same bits everywhere, because Swift never fuses a multiplication with an addition. Relative errors stay below 1e-15.
enum PortableMath {
  /// ln 2 in two parts, the first with 33 significant bits, so that its product with an exponent is exact.
  private static let ln2High = 0x1.62e42fee00000p-1
  private static let ln2Low = 0x1.a39ef35793c76p-33

  /// Natural logarithm; −∞ of 0, NaN below.
  static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x == .infinity ? x : .nan }
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 0x1.6a09e667f3bcdp0 {
      significand /= 2
      exponent += 1
    }
    let near = log1pNear(significand - 1)
    return exponent * ln2High + (near + exponent * ln2Low)
  }

  /// ln(1 + x), exact also where x is tiny; −∞ of −1, NaN below.
  static func log1p(_ x: Double) -> Double {
    x > -0.3 && x < 0.42 ? log1pNear(x) : log(1 + x)
  }

  /// ln(1 + x) = 2 artanh(x / (2 + x)) for −0.3 < x < 0.42.
  private static func log1pNear(_ x: Double) -> Double {
    let s = x / (2 + x)
    return 2 * s + 2 * s * artanhRest(s)
  }

  /// artanh(s) / s − 1 = s²/3 + s⁴/5 + …, for |s| < 0.18.
  private static func artanhRest(_ s: Double) -> Double {
    let square = s * s
    var sum = 0.0
    var divisor = 23.0
    while divisor > 1 {
      sum = (sum + 1 / divisor) * square
      divisor -= 2
    }
    return sum
  }

  /// x − ln(1 + x) without cancellation, for x > −1.
  static func excessOverLog1p(_ x: Double) -> Double {
    guard x > -0.3, x < 0.42 else { return x - log(1 + x) }
    let s = x / (2 + x)
    return s * x - 2 * s * artanhRest(s)
  }

  /// eˣ; 0 or ∞ outside the range of a double.
  static func exp(_ x: Double) -> Double {
    guard x < 710 else { return x.isNaN ? x : .infinity }
    guard x > -746 else { return 0 }
    let exponent = Int(x / 0x1.62e42fefa39efp-1 + (x < 0 ? -0.5 : 0.5))
    let power = Double(exponent)
    let rest = (x - power * ln2High) - power * ln2Low
    // In two steps, since the power of two alone may not be a normal double.
    return (1 + expm1Near(rest)) * powerOfTwo(exponent / 2) * powerOfTwo(exponent - exponent / 2)
  }

  /// eˣ − 1, exact also where x is tiny.
  static func expm1(_ x: Double) -> Double {
    x > -0.35 && x < 0.35 ? expm1Near(x) : exp(x) - 1
  }

  /// The Taylor series, for |x| < 0.36.
  private static func expm1Near(_ x: Double) -> Double {
    var sum = 0.0
    var divisor = 15.0
    while divisor > 1 {
      sum = (sum + 1) * (x / divisor)
      divisor -= 1
    }
    return x + x * sum
  }

  /// 2 to an integral power within ±600.
  private static func powerOfTwo(_ power: Int) -> Double {
    Double(bitPattern: UInt64(1023 + power) << 52)
  }
}
