/// The gamma law, given by its shape and its mean.
struct Gamma: ContinuousLaw {
  private let shape: Double
  private let mean: Double

  init(shape: Double, mean: Double) throws(DistributionError) {
    try DistributionError.requirePositive("shape", shape)
    try DistributionError.requirePositive("mean", mean)
    self.shape = shape
    self.mean = mean
  }

  func tails(at x: Double) -> Tails {
    guard x > 0 else { return .allAbove }
    // A product too small for a double must not pass for 0.
    return PortableMath.incompleteGamma(shape, max(.leastNonzeroMagnitude, x / mean * shape))
  }
}
