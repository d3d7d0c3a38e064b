/// Zipf's law on 1 … count: P(k) ∝ k^−exponent, for an exponent of at least 0.
///
/// The first terms are summed one by one, the others by the midpoint rule of Euler and Maclaurin, with a relative
/// error below 1e-9 wherever a tail holds more than 1e-30.
struct Zipf: RoundedLaw {
  private static let summed: UInt64 = 512

  private let count: UInt64
  private let exponent: Double
  /// Sums of the terms below and from each number on, up to `summed`.
  private var sumsBelow: [Double] = []
  private var sumsFrom: [Double] = []
  private var total = 0.0

  init(count: UInt64, exponent: Double) throws(DistributionError) {
    guard count > 0 else { throw DistributionError(argument: "n", "n must be at least 1") }
    try DistributionError.require("s", exponent, atLeast: 0)
    self.count = count
    self.exponent = exponent
    let end = min(count, Self.summed - 1) + 1
    let terms = (1..<end).map { PortableMath.exp(-exponent * PortableMath.log(Double($0))) }
    sumsBelow = terms.reduce(into: [0, 0]) { $0.append($0[$0.count - 1] + $1) }
    sumsFrom = terms.reversed().reduce(into: [integral(from: end)]) { $0.append($0[$0.count - 1] + $1) }
    sumsFrom.append(sumsFrom[sumsFrom.count - 1])
    sumsFrom.reverse()
    total = sumsFrom[0]
  }

  func tails(at edge: UInt64) -> Tails {
    if edge < UInt64(sumsFrom.count) {
      return Tails(below: sumsBelow[Int(edge)] / total, above: sumsFrom[Int(edge)] / total)
    }
    let above = integral(from: edge) / total
    return Tails(below: 1 - above, above: above)
  }

  /// Sum of the terms first … count, first ≥ 512 or beyond the end:
  /// ∫ x^−s over first − ½ … count + ½, less (f′(count + ½) − f′(first − ½)) / 24.
  private func integral(from first: UInt64) -> Double {
    guard first <= count else { return 0 }
    let (low, high) = (Double(first) - 0.5, Double(count) + 0.5)
    let ratio = PortableMath.log(high / low)
    let power = 1 - exponent
    let atLow = PortableMath.exp(-exponent * PortableMath.log(low))
    let atHigh = PortableMath.exp(-exponent * PortableMath.log(high))
    let growth = power == 0 ? ratio : PortableMath.expm1(power * ratio) / power
    return atLow * low * growth - exponent / 24 * (atLow / low - atHigh / high)
  }
}
