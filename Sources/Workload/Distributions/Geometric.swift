/// The geometric law on 1, 2, …: how many trials it takes to succeed.
struct Geometric: RoundedLaw {
  /// Logarithm of the probability that a trial fails; −∞ if none does.
  private let logFailure: Double

  init(mean: Double) throws(DistributionError) {
    try DistributionError.require("mean", mean, atLeast: 1)
    logFailure = PortableMath.log1p(-1 / mean)
  }

  func tails(at edge: UInt64) -> Tails {
    guard edge > 1 else { return .allAbove }
    let exponent = Double(edge - 1) * logFailure
    return Tails(below: -PortableMath.expm1(exponent), above: PortableMath.exp(exponent))
  }
}
