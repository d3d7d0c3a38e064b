extension PortableMath {
  /// The regularised incomplete gamma functions P(a, x) (below) and Q(a, x) (above), for a > 0 and x ≥ 0.
  ///
  /// For a ≥ 0.001 the smaller of the two has a relative error below 1e-11 as long as it exceeds 1e-20.
  /// - Complexity: O(√a) below a = 400, O(1) from there on.
  static func incompleteGamma(_ a: Double, _ x: Double) -> Tails {
    guard x > 0 else { return .allAbove }
    guard x < .infinity else { return .allBelow }
    if a >= 400 { return temme(a, x) }
    // xᵃ e⁻ˣ / Γ(a + 1)
    let front = exp(a * log(x) - x - logGamma(a + 1))
    if x < a + 1 {
      let below = min(1, front * lowerSeries(a, x))
      return Tails(below: below, above: 1 - below)
    }
    let above = min(1, front * a * upperFraction(a, x))
    return Tails(below: 1 - above, above: above)
  }

  /// Σ xⁿ / ((a + 1) … (a + n)), NIST DLMF 8.7.1, for x < a + 1.
  private static func lowerSeries(_ a: Double, _ x: Double) -> Double {
    var (sum, term, divisor) = (1.0, 1.0, a)
    while term > sum * 0x1p-56 {
      divisor += 1
      term *= x / divisor
      sum += term
    }
    return sum
  }

  /// Γ(a, x) eˣ x⁻ᵃ as the continued fraction of NIST DLMF 8.9.2, by Lentz's method, for x ≥ a + 1.
  private static func upperFraction(_ a: Double, _ x: Double) -> Double {
    var b = x + 1 - a
    var (c, d) = (Double.infinity, 1 / b)
    var value = d
    for n in stride(from: 1.0, to: 1000.0, by: 1) {
      let numerator = -n * (n - a)
      b += 2
      d = 1 / (numerator * d + b)
      c = b + numerator / c
      value *= c * d
      if (c * d - 1).magnitude < 0x1p-52 { break }
    }
    return value
  }

  /// Temme's uniform expansion, NIST DLMF 8.12, as far as a⁻⁴.
  private static func temme(_ a: Double, _ x: Double) -> Tails {
    let distance = (x - a) / a
    let halfSquare = excessOverLog1p(distance)
    let exponent = a * halfSquare
    // Further out than a mass of 1e-86 the series would not converge, and nothing is left to tell.
    guard exponent < 200 else { return distance < 0 ? .allAbove : .allBelow }
    let eta = (distance < 0 ? -1 : 1) * (2 * halfSquare).squareRoot()
    var correction = 0.0
    for coefficients in temmeCoefficients.reversed() {
      var inner = 0.0
      for coefficient in coefficients.reversed() { inner = inner * eta + coefficient }
      correction = correction / a + inner
    }
    // 2π
    correction *= exp(-exponent) / (0x1.921fb54442d18p2 * a).squareRoot()
    let z = eta * a.squareRoot()
    return Tails(
      below: min(1, max(0, normalUpperTail(-z) - correction)), above: min(1, max(0, normalUpperTail(z) + correction)))
  }

  /// ln Γ(z) for z ≥ 1: Stirling's series (NIST DLMF 5.11.1) after raising z to at least 16.
  static func logGamma(_ z: Double) -> Double {
    var (z, product) = (z, 1.0)
    while z < 16 {
      product *= z
      z += 1
    }
    let square = 1 / (z * z)
    // B₂ₖ / (2k (2k − 1)), k = 6 … 1.
    var series = -691.0 / 360360
    for coefficient in [1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12] {
      series = series * square + coefficient
    }
    // ½ ln 2π
    return (z - 0.5) * log(z) - z + 0x1.d67f1c864beb5p-1 + series / z - log(product)
  }

  /// c₀ … c₄ of DLMF 8.12.10 as power series in η, from the recurrence 8.12.11 in rational arithmetic.
  private static let temmeCoefficients: [[Double]] = [
    [
      -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073, 0.0003527336860670194,
      -0.0001787551440329218, 3.919263178522438e-05, -2.185448510679992e-06, -1.85406221071516e-06,
      8.296711340953087e-07, -1.7665952736826078e-07, 6.707853543401498e-09, 1.0261809784240309e-08,
      -4.382036018453353e-09, 9.14769958223679e-10, -2.5514193994946248e-11,
    ],
    [
      -0.001851851851851852, -0.003472222222222222, 0.0026455026455026454, -0.0009902263374485596,
      0.00020576131687242798, -4.018775720164609e-07, -1.8098550334489977e-05, 7.64916091608111e-06,
      -1.6120900894563446e-06, 4.647127802807434e-09, 1.378633446915721e-07, -5.752545603517705e-08,
    ],
    [
      0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06,
      -0.0001073665322636516, 5.2923448829120125e-05, -1.2760635188618728e-05, 3.423578734096138e-08,
      1.3721957309062934e-06, -6.298992138380055e-07,
    ],
    [
      0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885,
      -7.561801671883977e-05, -2.396505113867297e-07, 1.1082654115347302e-05, -5.6749528269915965e-06,
    ],
    [
      -0.0008618882909167117, 0.0007840392217200666, -0.0002990724803031902, -1.4638452578843418e-06,
      6.641498215465122e-05, -3.968365047179435e-05,
    ],
  ]
}
