extension Distribution {
  /// The distribution as a table that every machine computes alike.
  ///
  /// A draw is real, rounded half up, and drawn again unless it lies within `minimum ... maximum`, is at least `least`
  /// and at most ``InverseTable/largestValue``. The table is the law of what comes out. In a mixture `least` holds for
  /// each part, so that the parts keep their shares.
  /// - Parameter least: smallest value that makes sense: 1 for lengths, and for sizes unless the file says `min=0`.
  /// - Throws: ``DistributionError`` if a parameter is outside its domain, or the bounds keep under 1 % of the draws.
  /// - Complexity: O(rows), at most about 12,000 for a parametric shape.
  public func compiled(least: UInt64) throws(DistributionError) -> InverseTable {
    InverseTable(rows: try rows(least: least))
  }

  /// The rows of the conditional law, not normalised; their sum is above 0.
  private func rows(least: UInt64) throws(DistributionError) -> [Row] {
    let range = try acceptedRange(least: least)
    let whole = try shape.rows(in: range, least: least)
    let kept = whole.rows.reduce(0) { $0 + $1.mass } / whole.mass
    guard kept >= 0.01 else {
      throw .keepsTooLittle(kept, minimum: minimum, maximum: maximum, range: range)
    }
    return whole.rows
  }

  private func acceptedRange(least: UInt64) throws(DistributionError) -> ClosedRange<UInt64> {
    let low = max(minimum ?? 0, least)
    let high = min(maximum ?? .max, InverseTable.largestValue)
    if low <= high { return low...high }
    if let minimum, let maximum, minimum > maximum {
      throw DistributionError("min=\(minimum) is above max=\(maximum)")
    }
    if let maximum, maximum < least {
      throw DistributionError(argument: "max", "max=\(maximum) leaves nothing, because values start at \(least)")
    }
    throw DistributionError(
      argument: "min", "min=\(low) leaves nothing, because values end at 2^47 (\(InverseTable.largestValue))")
  }
}

extension Distribution.Shape {
  /// The rows inside `range`, and the mass of all draws, accepted or not.
  fileprivate func rows(
    in range: ClosedRange<UInt64>, least: UInt64
  ) throws(DistributionError) -> (rows: [Row], mass: Double) {
    switch self {
    case .fixed(let value): return (points([value], masses: [1], in: range), 1)
    case .uniform(let low, let high):
      guard low <= high else { throw DistributionError("\(low) to \(high) runs downwards") }
      let first = max(low, range.lowerBound)
      let last = min(high, range.upperBound)
      let mass = Double(high - low) + 1
      guard first <= last else { return ([], mass) }
      return ([Row(low: first, width: last - first + 1, mass: Double(last - first) + 1)], mass)
    case .choice(let entries), .histogram(_, let entries):
      let masses = try relativeMasses(entries.map(\.weight))
      return (points(entries.map(\.value), masses: masses, in: range), masses.reduce(0, +))
    case .mixture(let parts):
      let masses = try relativeMasses(parts.map(\.weight))
      var rows: [Row] = []
      for (part, mass) in zip(parts, masses) {
        let partRows = try part.value.rows(least: least)
        let scale = mass / partRows.reduce(0) { $0 + $1.mass }
        let kept = partRows.compactMap { row in
          Row(low: row.low, width: row.width, mass: row.mass * scale).clipped(to: range)
        }
        rows = Row.merged(rows, kept.sorted(by: <))
      }
      return (rows, masses.reduce(0, +))
    case .normal(let mean, let deviation):
      return (try Normal(mean: mean, deviation: deviation).rows(in: range), 1)
    case .lognormal(let median, let sigma): return (try Lognormal(median: median, sigma: sigma).rows(in: range), 1)
    case .exponential(let mean): return (try Exponential(mean: mean).rows(in: range), 1)
    case .geometric(let mean): return (try Geometric(mean: mean).rows(in: range), 1)
    case .gamma(let shape, let mean): return (try Gamma(shape: shape, mean: mean).rows(in: range), 1)
    case .pareto(let minimum, let alpha): return (try Pareto(minimum: minimum, alpha: alpha).rows(in: range), 1)
    case .zipf(let count, let exponent): return (try Zipf(count: count, exponent: exponent).rows(in: range), 1)
    case .quantiles(let points): return (try Quantiles(points).rows(in: range), 1)
    }
  }

  private func points(_ values: [UInt64], masses: [Double], in range: ClosedRange<UInt64>) -> [Row] {
    zip(values, masses).compactMap { range.contains($0) ? Row(low: $0, width: 1, mass: $1) : nil }
  }

  /// The weights as multiples of the largest one, so that no sum overflows.
  private func relativeMasses(_ weights: [Double]) throws(DistributionError) -> [Double] {
    var largest = 0.0
    for weight in weights {
      guard weight >= 0, weight < .infinity else { throw DistributionError("a share must be 0 or more, not \(weight)") }
      largest = max(largest, weight)
    }
    guard largest > 0 else { throw DistributionError("no share is above 0") }
    return weights.map { $0 / largest }
  }
}
