public import Workload

/// Random descriptions that are valid: every kind of value, bound and share, the same ones for a seed each time.
public struct RandomDescription {
  private var random: Xoshiro256
  private let largestScale: Int

  /// - Parameter largestScale: about the largest median of a distribution; small ones compile faster.
  public init(seed: UInt64, largestScale: Int = 16_384) {
    random = Xoshiro256(seed: seed, lane: 0, attribute: .size)
    self.largestScale = largestScale
  }

  /// - Parameter operations: most allocations of a lane in a phase.
  public mutating func next(operations: UInt64 = 10_000_000) -> WorkloadDescription {
    let threads = integer(1, 8)
    let scopes = scopes(integer(0, 4))
    let classes = (0..<integer(1, 4)).map { objects("c\($0)", scopes: scopes.count) }
    let phases = (0..<integer(1, 3)).map { phase("p\($0)", threads: threads, classes: classes, operations: operations) }
    return WorkloadDescription(
      name: pick(["web", "a-b_c.2", "with a space", "4K"]),
      summary: pick([nil, "plain, text", "with # sign", "(one) of them", "  wide  ", "", "half \"quoted\" text"]),
      seed: chance(0.5) ? random.next() : UInt64(integer(0, 9)), threads: threads,
      parameters: pick([[], [Parameter(name: "n", value: "100"), Parameter(name: "m", value: "choice(1:$n, 2:3)")]]),
      scopes: scopes, classes: classes, phases: phases)
  }

  // MARK: Sections

  /// Some chains: each scope holds at most one.
  private mutating func scopes(_ count: Int) -> [Scope] {
    var free: [Int] = []
    var scopes: [Scope] = []
    for index in 0..<count {
      var scope = Scope(name: "s\(index)", length: distribution(scale: Double(integer(2, 50)), least: 1))
      if !free.isEmpty, chance(0.6) { scope.inside = free.remove(at: integer(0, free.count - 1)) }
      free.append(index)
      scopes.append(scope)
    }
    return scopes
  }

  private mutating func objects(_ name: String, scopes: Int) -> ObjectClass {
    let lifetime: Lifetime
    switch integer(0, 7) {
    case 0: lifetime = .forever
    case 1: lifetime = .fifo(UInt64(integer(1, 5000)))
    case 2: lifetime = .lifo(UInt64(integer(1, 5000)))
    case 3 where scopes > 0: lifetime = .scope(integer(0, scopes - 1))
    default: lifetime = .drawn(distribution(scale: Double(integer(1, largestScale)), least: 0))
    }
    var result = ObjectClass(
      name: name, size: distribution(scale: Double(integer(8, max(8, largestScale / 2))), least: 1), lifetime: lifetime)
    if chance(0.3) { result.share = Double(integer(0, 5)) + 0.5 }
    if chance(0.5) {
      let calls = Array([Call.malloc, .calloc, .aligned(1 << integer(0, 12))].shuffled(by: &random)[..<integer(1, 3)])
      result.calls = zip(calls, weights(calls.count)).map { CallShare(call: $0, weight: $1) }
    }
    result.touch = pick(Touch.allCases)
    if chance(0.4) { result.access = pick([0.25, 1, 4, 1.0 / 3]) }
    if chance(0.4) { result.write = share() }
    let isAligned = result.calls.contains { if case .aligned = $0.call { true } else { false } }
    if !isAligned, chance(0.4) {
      result.resize = Resize(share: share(), factor: pick([2, 1.5, 0.5, real(0.1, 4)]), times: integer(1, 4))
    }
    switch result.lifetime {
    case .drawn, .fifo, .lifo: if chance(0.4) { result.freedByOther = pick([1, share()]) }
    case .forever, .scope: break
    }
    return result
  }

  private mutating func phase(
    _ name: String, threads: Int, classes: [ObjectClass], operations: UInt64
  ) -> Phase {
    let mixed = Array(classes.indices).shuffled(by: &random)[..<integer(1, classes.count)]
    var phase = Phase(
      name: name, operations: 1 + random.next(below: operations), threads: chance(0.7) ? threads : integer(1, 8),
      mix: zip(mixed, weights(mixed.count)).map { ClassShare(classIndex: $0, weight: $1) })
    if chance(0.3) { phase.operations = max(1, operations / 1000 * 1000) }
    if phase.threads > 1, chance(0.3) { phase.consumers = integer(1, phase.threads - 1) }
    if chance(0.3) { phase.rate = pick([500_000, 1500, 0.5, real(1, 1e6)]) }
    if chance(0.3) { phase.threadLife = UInt64(integer(1, 100_000)) }
    phase.freesAtEnd = chance(0.3)
    if chance(0.3) { phase.pauseNanoseconds = pick([1, 1500, 2_000_000, 3_000_000_000]) }
    return phase
  }

  // MARK: Distributions

  /// Values around `scale`, with bounds that keep most draws.
  private mutating func distribution(scale: Double, least: UInt64, depth: Int = 0) -> Distribution {
    let whole = UInt64(scale)
    let mean = chance(0.5) ? scale : scale * real(1, 2)
    let shape: Distribution.Shape
    var isBounded = chance(0.4)
    switch integer(0, depth > 1 ? 10 : 11) {
    case 0, 1:
      shape = .fixed(whole)
      isBounded = false
    case 2: shape = .uniform(whole / 2 + least, whole * 3)
    case 3: shape = .normal(mean: mean, deviation: mean * real(0.1, 0.5))
    case 4: shape = .lognormal(median: mean, sigma: real(0.1, 1.5))
    case 5: shape = .exponential(mean: mean)
    case 6: shape = .gamma(shape: real(0.5, 8), mean: mean)
    case 7:
      return Distribution(.pareto(minimum: mean, alpha: real(0.5, 4)), maximum: pick([nil, whole * 16]))
    case 8: return pick([.init(.geometric(mean: mean)), .init(.zipf(count: whole, exponent: real(0.2, 2)))])
    case 9:
      let count = integer(1, 5)
      shape = .choice(weights(count).map { Weighted(whole + UInt64(integer(0, 100)), weight: $0) })
      isBounded = false
    case 10:
      shape = .quantiles([
        Quantile(percent: 0, value: whole / 2 + least), Quantile(percent: real(1, 49), value: whole),
        Quantile(percent: 50, value: whole), Quantile(percent: 100, value: whole * 9 + 1),
      ])
    default:
      let count = integer(1, 3)
      shape = .mixture(
        weights(count).map { Weighted(distribution(scale: scale, least: least, depth: depth + 1), weight: $0) })
      isBounded = false
    }
    guard isBounded else { return Distribution(shape) }
    return Distribution(shape, minimum: pick([nil, 0, 1, whole / 4]), maximum: pick([nil, whole * 4, whole * 1000]))
  }

  // MARK: Draws

  private mutating func integer(_ low: Int, _ high: Int) -> Int {
    low + Int(random.next(below: UInt64(high - low + 1)))
  }

  private mutating func real(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(random.next() >> 11) * 0x1p-53
  }

  private mutating func chance(_ share: Double) -> Bool { real(0, 1) < share }

  /// More than 0, less than 1.
  private mutating func share() -> Double { pick([0.25, 0.5, 1.0 / 3, real(0.001, 0.999), 0.0001]) }

  private mutating func pick<Value>(_ values: [Value]) -> Value { values[integer(0, values.count - 1)] }

  /// Percentages that add to 100 exactly or nearly, or any weights.
  private mutating func weights(_ count: Int) -> [Double] {
    if chance(0.5) { return (0..<count).map { _ in real(0.01, 20) } }
    if count == 3, chance(0.5) { return [33.3, 33.3, 33.4] }
    let even = Double(100 / count)
    return (0..<count).map { $0 == 0 ? 100 - even * Double(count - 1) : even }
  }
}

extension Array {
  fileprivate func shuffled(by random: inout Xoshiro256) -> [Element] {
    var result = self
    for index in result.indices.dropFirst().reversed() {
      result.swapAt(index, Int(random.next(below: UInt64(index + 1))))
    }
    return result
  }
}
