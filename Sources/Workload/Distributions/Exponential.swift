/// The exponential law.
struct Exponential: ContinuousLaw {
  private let mean: Double

  init(mean: Double) throws(DistributionError) {
    try DistributionError.requirePositive("mean", mean)
    self.mean = mean
  }

  func tails(at x: Double) -> Tails {
    guard x > 0 else { return .allAbove }
    return Tails(below: -PortableMath.expm1(-x / mean), above: PortableMath.exp(-x / mean))
  }
}
