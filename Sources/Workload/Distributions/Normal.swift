/// The normal law; without a deviation every draw is the mean.
struct Normal: ContinuousLaw {
  private let mean: Double
  private let deviation: Double

  init(mean: Double, deviation: Double) throws(DistributionError) {
    guard mean.isFinite else { throw DistributionError(argument: "mean", "mean must be finite, not \(mean)") }
    try DistributionError.require("sd", deviation, atLeast: 0)
    self.mean = mean
    self.deviation = deviation
  }

  func tails(at x: Double) -> Tails {
    guard deviation > 0 else { return x > mean ? .allBelow : .allAbove }
    let z = (x - mean) / deviation
    return Tails(below: PortableMath.normalUpperTail(-z), above: PortableMath.normalUpperTail(z))
  }
}
