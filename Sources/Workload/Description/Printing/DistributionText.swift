extension Unit {
  /// The number in the largest unit in which it is whole.
  func text(_ value: UInt64) -> String {
    let units: [(name: String, factor: UInt64)]
    switch self {
    case .bytes: units = [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]
    case .count: units = [("G", 1_000_000_000), ("M", 1_000_000), ("K", 1_000)]
    case .nanoseconds:
      if value.isMultiple(of: 1_000_000_000) { return "\(value / 1_000_000_000)s" }
      if value.isMultiple(of: 1_000_000) { return "\(value / 1_000_000)ms" }
      return Decimal(value, scale: 3).text + "us"
    case .pure: units = []
    }
    for unit in units where value > 0 && value.isMultiple(of: unit.factor) {
      return "\(value / unit.factor)\(unit.name)"
    }
    return "\(value)"
  }

  /// Like that of a whole number if it is one, else without a unit.
  func text(_ value: Double) -> String {
    guard let whole = UInt64(exactly: value), whole < 1 << 53 else { return Decimal.text(value) }
    return text(whole)
  }
}

extension Distribution {
  /// As a description writes it, the values in `unit`.
  func text(_ unit: Unit) -> String {
    var bounds: [String] = []
    if let minimum { bounds.append("min=\(unit.text(minimum))") }
    if let maximum { bounds.append("max=\(unit.text(maximum))") }
    if case .fixed(let value) = shape, bounds.isEmpty { return unit.text(value) }
    return "\(shape.family.rawValue)(\((shape.arguments(unit) + bounds).joined(separator: ", ")))"
  }
}

extension Distribution.Shape {
  var family: Distribution.Family {
    switch self {
    case .fixed: .fixed
    case .uniform: .uniform
    case .normal: .normal
    case .lognormal: .lognormal
    case .exponential: .exponential
    case .geometric: .geometric
    case .gamma: .gamma
    case .pareto: .pareto
    case .zipf: .zipf
    case .choice: .choice
    case .quantiles: .quantiles
    case .histogram: .histogram
    case .mixture: .mixture
    }
  }

  fileprivate func arguments(_ unit: Unit) -> [String] {
    func named(_ values: String...) -> [String] { zip(family.parameters, values).map { "\($0)=\($1)" } }
    switch self {
    case .fixed(let value): return [unit.text(value)]
    case .uniform(let low, let high): return [unit.text(low), unit.text(high)]
    case .normal(let mean, let deviation): return named(unit.text(mean), unit.text(deviation))
    case .lognormal(let median, let sigma): return named(unit.text(median), Decimal.text(sigma))
    case .exponential(let mean), .geometric(let mean): return named(unit.text(mean))
    case .gamma(let shape, let mean): return named(Decimal.text(shape), unit.text(mean))
    case .pareto(let minimum, let alpha): return named(unit.text(minimum), Decimal.text(alpha))
    case .zipf(let count, let exponent): return named(unit.text(count), Decimal.text(exponent))
    case .choice(let entries):
      let shares = SharePrinter(entries.map(\.weight))
      return entries.map { "\(unit.text($0.value)):\(shares.text($0.weight))" }
    case .quantiles(let points): return points.map { "\(Decimal.text($0.percent))%:\(unit.text($0.value))" }
    case .histogram(let path, _): return ["\"\(path)\""]
    case .mixture(let parts):
      if parts.count == 1, parts[0].weight == 1 { return [parts[0].value.text(unit)] }
      let shares = SharePrinter(parts.map(\.weight))
      return parts.map { "\(shares.text($0.weight)) \($0.value.text(unit))" }
    }
  }
}
