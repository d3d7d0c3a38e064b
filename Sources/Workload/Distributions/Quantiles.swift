/// A law given by points of its cumulative function: between two of them logarithmic, or linear where the lower value
/// is 0; where two values are equal the probability between them lies on that value.
struct Quantiles: ContinuousLaw {
  /// Shares from 0 to 1.
  private let shares: [Double]
  private let values: [Double]

  init(_ points: [Quantile]) throws(DistributionError) {
    guard points.count > 1, points.first?.percent == 0, points.last?.percent == 100 else {
      throw DistributionError("quantiles must go from 0% to 100%")
    }
    for (lower, upper) in zip(points, points.dropFirst()) {
      guard lower.percent <= upper.percent else {
        throw DistributionError("the percentages must rise, but \(upper.percent)% follows \(lower.percent)%")
      }
      guard lower.value <= upper.value else {
        throw DistributionError("the values must rise, but \(upper.value) follows \(lower.value)")
      }
    }
    shares = points.map { $0.percent / 100 }
    values = points.map { Double($0.value) }
  }

  func tails(at x: Double) -> Tails {
    guard let upper = values.firstIndex(where: { $0 > x }) else { return .allBelow }
    guard upper > 0 else { return .allAbove }
    let (low, high) = (values[upper - 1], values[upper])
    let mass = shares[upper] - shares[upper - 1]
    let part: (below: Double, above: Double)
    if low == 0 {
      part = (x / high, (high - x) / high)
    } else {
      let span = PortableMath.log(high / low)
      part = (PortableMath.log(x / low) / span, PortableMath.log(high / x) / span)
    }
    return Tails(below: shares[upper - 1] + mass * part.below, above: (1 - shares[upper]) + mass * part.above)
  }
}
