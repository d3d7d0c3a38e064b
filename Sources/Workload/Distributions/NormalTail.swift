extension PortableMath {
  /// Probability that a standard normal variable exceeds `z`, to a relative error below 1e-12 down to 1e-300.
  static func normalUpperTail(_ z: Double) -> Double {
    let x = z.magnitude * 0x1.6a09e667f3bcdp-1
    guard x < 27.3 else { return z > 0 ? 0 : z < 0 ? 1 : .nan }
    let tail = exp(-x * x) * scaledErfc(x) / 2
    return z < 0 ? 1 - tail : tail
  }

  /// e^(x²) erfc(x) for x ≥ 0.
  ///
  /// (1 + 2x) times the value, as a Chebyshev series in (x − k) / (x + k), k = 3.75: the form of Shepherd and
  /// Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞" (1981). The coefficients were
  /// computed afresh in 40 digits.
  private static func scaledErfc(_ x: Double) -> Double {
    let t = (x - 3.75) / (x + 3.75)
    var (last, beforeLast) = (0.0, 0.0)
    // Clenshaw's recurrence, from the highest term down.
    for coefficient in erfcCoefficients.reversed() {
      (last, beforeLast) = (coefficient + 2 * t * last - beforeLast, last)
    }
    return (last - t * beforeLast) / (1 + 2 * x)
  }

  private static let erfcCoefficients = [
    1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
    0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-05, 4.13902798607301e-06,
    7.74038306619849e-07, -2.1886401049234397e-07, 1.076499946567091e-08, 4.521959811218287e-09,
    -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11, 1.9455868545777347e-13,
    -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14, -1.864562880419313e-15,
    -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17,
  ]
}
