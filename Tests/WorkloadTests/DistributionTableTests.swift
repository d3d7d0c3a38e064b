import Testing

@testable import Workload

@Suite struct DistributionTableTests {
  static let samples: [Distribution] = [
    .fixed(64),
    Distribution(.uniform(200, 2048)),
    Distribution(.normal(mean: 3000, deviation: 700)),
    Distribution(.lognormal(median: 64, sigma: 1.2), minimum: 8, maximum: 32768),
    Distribution(.exponential(mean: 4000)),
    Distribution(.geometric(mean: 12)),
    Distribution(.gamma(shape: 0.4, mean: 20_000)),
    Distribution(.gamma(shape: 5000, mean: 20_000)),
    Distribution(.pareto(minimum: 32, alpha: 1.1)),
    Distribution(.zipf(count: 1 << 40, exponent: 1.05)),
    Distribution(.choice([Weighted(512, weight: 20), Weighted(4096, weight: 60), Weighted(16384, weight: 20)])),
    Distribution(
      .quantiles([
        Quantile(percent: 0, value: 1), Quantile(percent: 50, value: 20), Quantile(percent: 90, value: 400),
        Quantile(percent: 100, value: 20_000),
      ])),
    Distribution(
      .mixture([
        Weighted(Distribution(.lognormal(median: 48, sigma: 1)), weight: 70), Weighted(.fixed(4096), weight: 30),
      ]), maximum: 10_000),
  ]

  /// Every machine must compute the same tables: a change here changes every stream.
  @Test func tablesNeverChange() throws {
    let digests = try Self.samples.map { sample in
      let table = try sample.compiled(least: 1)
      var digest = StreamDigest()
      for row in 0..<table.count {
        digest.combine(table.ends[row])
        digest.combine(table.lows[row])
        digest.combine(table.widths[row])
      }
      return digest.value
    }
    #expect(
      digests == [
        4_975_784_959_790_311_229, 5_099_456_564_693_468_836, 15_542_311_457_413_570_412, 848_682_832_421_723_030,
        7_521_648_828_356_629_612, 14_165_618_587_603_806_078, 9_537_534_105_948_447_544, 4_242_276_248_269_432_376,
        9_232_418_095_297_407_820, 14_260_427_419_130_150_999, 14_089_969_191_038_733_738, 4_585_295_257_595_853_349,
        5_507_574_970_823_994_045,
      ])
  }

  @Test(arguments: samples)
  func rowsAreInOrderAndNarrow(_ distribution: Distribution) throws {
    let table = try distribution.compiled(least: 1)
    expectSound(table)
    guard table.count > 3 else { return }
    for row in 0..<table.count where table.widths[row] > 1 {
      #expect(table.lows[row] >= 512 && table.widths[row] <= table.lows[row] / 256)
    }
    #expect(table.minimum >= max(1, distribution.minimum ?? 1))
    #expect(table.maximum <= distribution.maximum ?? InverseTable.largestValue)
  }

  /// χ² of 20,000 draws in up to 16 ranges stays below the 99.99 % point of 15 degrees of freedom.
  @Test(arguments: samples)
  func drawsFollowTheTable(_ distribution: Distribution) throws {
    let table = try distribution.compiled(least: 1)
    let bars = table.bars(limit: 16).filter { $0.share * 20_000 >= 5 }
    var random = Xoshiro256(seed: 7, lane: 0, attribute: .size)
    var counts = [Double](repeating: 0, count: bars.count)
    for _ in 0..<20_000 {
      let value = table.draw(&random)
      if let index = bars.firstIndex(where: { $0.range.contains(value) }) { counts[index] += 1 }
    }
    let distance = zip(bars, counts).reduce(0) { sum, pair in
      let expected = pair.0.share * 20_000
      return sum + (pair.1 - expected) * (pair.1 - expected) / expected
    }
    #expect(distance < 44.3)
  }

  @Test(arguments: samples)
  func barsCoverEveryDraw(_ distribution: Distribution) throws {
    let table = try distribution.compiled(least: 1)
    for limit in [1, 5, 12] {
      let bars = table.bars(limit: limit)
      #expect(bars.count <= limit)
      #expect(bars.first?.range.lowerBound == table.minimum)
      #expect(bars.last?.range.upperBound == table.maximum)
      #expect(zip(bars, bars.dropFirst()).allSatisfy { $0.range.upperBound + 1 == $1.range.lowerBound })
      #expect(abs(bars.reduce(0) { $0 + $1.share } - 1) < 1e-12)
    }
  }

  @Test func percentilesAreTheSmallestValuesThatSuffice() throws {
    let choice = try Self.samples[10].compiled(least: 1)
    #expect(choice.percentile(0) == 512)
    #expect(choice.percentile(0.2) == 512)
    #expect(choice.percentile(0.21) == 4096)
    #expect(choice.percentile(0.8) == 4096)
    #expect(choice.percentile(1) == 16384)
    let uniform = InverseTable(ends: [.max], lows: [1], widths: [100])
    #expect([0.01, 0.5, 0.995, 1].map(uniform.percentile) == [1, 50, 100, 100])
    let lognormal = try Distribution(.lognormal(median: 1000, sigma: 1)).compiled(least: 1)
    #expect(lognormal.percentile(0.5) == 1000)
    #expect(lognormal.percentile(0.99).distance(to: 10_240).magnitude < 30)
    #expect(InverseTable(weighted: [Weighted(.max, weight: 1)]).bars(limit: 3).count == 1)
  }

  private func expectSound(_ table: InverseTable) {
    #expect(zip(table.ends, table.ends.dropFirst()).allSatisfy { $0 < $1 })
    #expect(table.ends.last == .max)
    #expect(table.widths.allSatisfy { $0 > 0 })
    #expect(table.count <= 12_000)
    #expect(table.maximum <= InverseTable.largestValue)
  }
}

extension DistributionTableTests {
  /// Every combination of extreme parameters either compiles to a sound table or is refused; none traps.
  @Test func extremeParametersNeverTrap() {
    var compiled = 0
    func compile(_ distribution: Distribution) {
      guard let table = try? distribution.compiled(least: 1) else { return }
      expectSound(table)
      #expect(table.minimum >= distribution.minimum ?? 1, "\(distribution)")
      #expect(table.maximum <= distribution.maximum ?? InverseTable.largestValue, "\(distribution)")
      compiled += 1
    }
    for shape in Self.extremes {
      compile(Distribution(shape, maximum: 900))
      compile(Distribution(shape, minimum: 5, maximum: 700))
      compile(Distribution(shape, minimum: 1 << 47, maximum: .max))
    }
    for shape in Self.extremes.enumerated() where shape.offset % 20 == 0 { compile(Distribution(shape.element)) }
    #expect(compiled > 200)
  }

  private static let extremes: [Distribution.Shape] = {
    let numbers: [Double] = [
      .nan, -.infinity, -1, 0, .leastNonzeroMagnitude, 1e-9, 0.5, 1, 600.5, 0x1p47, .greatestFiniteMagnitude, .infinity,
    ]
    let integers: [UInt64] = [0, 1, 511, 1 << 40, (1 << 47) + 1, .max]
    var shapes: [Distribution.Shape] = [.choice([]), .mixture([]), .quantiles([])]
    for a in numbers {
      shapes += [.exponential(mean: a), .geometric(mean: a), .choice([Weighted(3, weight: a)])]
      shapes.append(.mixture([Weighted(.fixed(9), weight: a), Weighted(.fixed(2), weight: 1)]))
      for b in numbers {
        shapes += [.normal(mean: a, deviation: b), .lognormal(median: a, sigma: b), .gamma(shape: a, mean: b)]
        shapes.append(.pareto(minimum: a, alpha: b))
        shapes.append(.quantiles([Quantile(percent: a, value: 1), Quantile(percent: b, value: 9)]))
      }
      for n in integers { shapes.append(.zipf(count: n, exponent: a)) }
    }
    for a in integers {
      shapes.append(.fixed(a))
      for b in integers {
        shapes.append(.uniform(a, b))
        let points = [(0, a), (50, b), (100, .max)].map { Quantile(percent: $0.0, value: $0.1) }
        shapes.append(.quantiles(points))
      }
    }
    return shapes
  }()

  @Test(arguments: [
    (Distribution(.uniform(1, 999), minimum: 8, maximum: 9), "min=8, max=9 keep only 0.2 % of draws"),
    (Distribution(.exponential(mean: 10), minimum: 100), "min=100 keeps only 0.004 % of draws"),
    (Distribution(.exponential(mean: 10), minimum: 1000), "min=1000 keeps less than 0.001 % of draws"),
    (Distribution(.fixed(64), maximum: 63), "max=63 keeps none of the draws"),
    (Distribution(.normal(mean: -9, deviation: 1)), "less than 0.001 % of draws are within 1 to 2^47"),
    (Distribution(.normal(mean: -99, deviation: 1)), "none of the draws is within 1 to 2^47"),
    (Distribution(.pareto(minimum: 0x1p48, alpha: 1)), "none of the draws is within 1 to 2^47"),
    (Distribution(.exponential(mean: 0.1)), "only 0.673 % of draws are within 1 to 2^47"),
    (Distribution(.fixed(64), minimum: 9, maximum: 8), "min=9 is above max=8"),
    (Distribution(.fixed(64), maximum: 0), "max=0 leaves nothing, because values start at 1"),
    (
      Distribution(.fixed(64), minimum: 1 << 48),
      "min=281474976710656 leaves nothing, because values end at 2^47 (140737488355328)"
    ),
    (Distribution(.lognormal(median: 64, sigma: -1)), "sigma must be at least 0, not -1.0"),
    (Distribution(.gamma(shape: 0, mean: 9)), "shape must be above 0, not 0.0"),
    (Distribution(.geometric(mean: 0.5)), "mean must be at least 1, not 0.5"),
    (Distribution(.normal(mean: .nan, deviation: 1)), "mean must be finite, not nan"),
    (Distribution(.zipf(count: 0, exponent: 1)), "n must be at least 1"),
    (Distribution(.uniform(9, 8)), "9 to 8 runs downwards"),
    (Distribution(.choice([Weighted(1, weight: 0)])), "no share is above 0"),
    (Distribution(.choice([Weighted(1, weight: -1)])), "a share must be 0 or more, not -1.0"),
    (Distribution(.quantiles([Quantile(percent: 5, value: 1)])), "quantiles must go from 0% to 100%"),
  ])
  func refusalsSayWhy(distribution: Distribution, message: String) {
    let error = #expect(throws: DistributionError.self) { try distribution.compiled(least: 1) }
    #expect(error?.description == message)
  }
}
