/// The law of a number whose logarithm is normal; without a sigma every draw is the median.
struct Lognormal: ContinuousLaw {
  private let median: Double
  private let logMedian: Double
  private let sigma: Double

  init(median: Double, sigma: Double) throws(DistributionError) {
    try DistributionError.requirePositive("median", median)
    try DistributionError.require("sigma", sigma, atLeast: 0)
    self.median = median
    logMedian = PortableMath.log(median)
    self.sigma = sigma
  }

  func tails(at x: Double) -> Tails {
    guard x > 0 else { return .allAbove }
    guard sigma > 0 else { return x > median ? .allBelow : .allAbove }
    let z = (PortableMath.log(x) - logMedian) / sigma
    return Tails(below: PortableMath.normalUpperTail(-z), above: PortableMath.normalUpperTail(z))
  }
}
