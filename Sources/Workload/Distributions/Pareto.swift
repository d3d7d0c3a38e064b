/// The Pareto law: P(X > x) = (minimum / x)^alpha from `minimum` on.
struct Pareto: ContinuousLaw {
  private let minimum: Double
  private let alpha: Double

  init(minimum: Double, alpha: Double) throws(DistributionError) {
    try DistributionError.requirePositive("min", minimum)
    try DistributionError.requirePositive("alpha", alpha)
    self.minimum = minimum
    self.alpha = alpha
  }

  func tails(at x: Double) -> Tails {
    guard x > minimum else { return .allAbove }
    // The quotient may be 0, its logarithm then −∞, and nothing is above.
    let exponent = alpha * PortableMath.log(minimum / x)
    return Tails(below: -PortableMath.expm1(exponent), above: PortableMath.exp(exponent))
  }
}
