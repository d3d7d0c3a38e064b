import Testing

@testable import Workload

/// Probabilities computed with mpmath from the laws themselves.
@Suite struct DistributionCompilationTests {
  @Test(arguments: [
    Known(.fixed(4096), [4096: 1]),
    Known(.uniform(3, 6), [2: 0, 3: 0.25, 6: 0.25, 7: 0]),
    Known(.uniform(0, 399), minimum: 10, maximum: 13, [9: 0, 10: 0.25, 13: 0.25, 14: 0]),
    Known(
      .choice([Weighted(512, weight: 1), Weighted(16, weight: 2), Weighted(512, weight: 1)]), [16: 0.5, 512: 0.5]),
    Known(
      .choice([Weighted(1, weight: 50), Weighted(2, weight: 30), Weighted(99, weight: 20)]), maximum: 50,
      [1: 0.625, 2: 0.375]),
    Known(.histogram(path: "h.csv", [Weighted(8, weight: 1e300), Weighted(9, weight: 3e300)]), [8: 0.25, 9: 0.75]),
    Known(
      .lognormal(median: 64, sigma: 1.2), minimum: 8, maximum: 32768,
      [7: 0, 8: 0.009609224626067978, 63: 0.005479350658734897, 64: 0.005394199864294316, 511: 0.000150955816034244]),
    Known(
      .lognormal(median: 64, sigma: 1.2),
      [0: 0, 1: 0.0008541322007883483, 2: 0.0025641394570456383, 500: 0.00015328623981361594]),
    Known(.lognormal(median: 99.5, sigma: 0), [100: 1]),
    Known(
      .normal(mean: 10, deviation: 5), least: 0,
      [0: 0.011049532753313043, 10: 0.08110456053298155, 25: 0.0009145479564851971]),
    Known(
      .normal(mean: 1, deviation: 1), [0: 0, 1: 0.553789893152682, 2: 0.3495928571621125, 6: 4.886286315585346e-06]),
    Known(.normal(mean: 7.4, deviation: 0), [7: 1]),
    Known(
      .exponential(mean: 4000), least: 0,
      [0: 0.00012499218782551066, 1: 0.0002499375084627279, 500: 0.0002206242262206911]),
    Known(.geometric(mean: 3), [1: 0.3333333333333333, 2: 0.2222222222222222, 20: 0.00015036432991085875]),
    Known(.geometric(mean: 1), [1: 1]),
    Known(
      .gamma(shape: 2.5, mean: 100), least: 0,
      [0: 5.2098201910123605e-06, 1: 7.456814382319566e-05, 100: 0.006102063354103754, 500: 3.0973940112448685e-06]),
    Known(
      .gamma(shape: 0.3, mean: 50), least: 0,
      [0: 0.19490168090050464, 1: 0.07571330045154516, 100: 0.001573888595363289, 500: 4.627910436717672e-05]),
    Known(
      .pareto(minimum: 16, alpha: 1.5),
      [15: 0, 16: 0.04510843361487334, 17: 0.08066721212911301, 200: 0.00016970717429281885]),
    Known(
      .zipf(count: 10, exponent: 1), [1: 0.3414171521474055, 2: 0.17070857607370274, 10: 0.03414171521474055, 11: 0]),
    Known(.zipf(count: 1, exponent: 9), [1: 1]),
    Known(
      .zipf(count: 1000, exponent: 0.8),
      [1: 0.0646420334375179, 2: 0.03712709873667007, 511: 0.0004403300143621404]),
    Known(.zipf(count: 1 << 40, exponent: 1), [1: 0.03533181517171113, 511: 6.914249544366169e-05]),
    Known(.zipf(count: 1 << 40, exponent: 1.1), [1: 0.10040716647304186, 511: 0.00010531778609721249]),
    // Linear from 0 to 4, then a point mass: a real draw of 0...0.5 becomes 0, of 3.5...4 becomes 4.
    Known(
      .quantiles([
        Quantile(percent: 0, value: 0), Quantile(percent: 40, value: 4), Quantile(percent: 100, value: 4),
      ]), least: 0, [0: 0.05, 1: 0.1, 3: 0.1, 4: 0.65]),
    // Half of the draws between 1 and 2, half between 2 and 8, even on a logarithmic scale.
    Known(
      .quantiles([
        Quantile(percent: 0, value: 1), Quantile(percent: 50, value: 2), Quantile(percent: 100, value: 8),
      ]), [1: 0.292481250360578, 2: 0.288000773361263, 8: 0.0232773510978704]),
    Known(
      .mixture([
        Weighted(Distribution(.uniform(1, 4), maximum: 2), weight: 30), Weighted(.fixed(4096), weight: 60),
        Weighted(.fixed(9999), weight: 10),
      ]), maximum: 9000, [1: 1.0 / 6, 2: 1.0 / 6, 3: 0, 4096: 2.0 / 3]),
    // The parts keep their shares although the first one loses half of its draws.
    Known(
      .mixture([Weighted(Distribution(.uniform(0, 1)), weight: 1), Weighted(.fixed(9), weight: 1)]), [1: 0.5, 9: 0.5]),
  ])
  func probabilitiesFollowTheLaw(_ known: Known) throws {
    let table = try known.distribution.compiled(least: known.least)
    for (value, probability) in known.probabilities {
      let found = table.share(through: value) - (value == 0 ? 0 : table.share(through: value - 1))
      #expect(abs(found - probability) < 1e-12, "P(\(value)) is \(found), not \(probability)")
    }
  }

  @Test func integersShareTheTableExactly() throws {
    let thirds = InverseTable(weighted: [Weighted(0, weight: 1), Weighted(1, weight: 1), Weighted(2, weight: 1)])
    #expect(thirds.ends == [0x5555_5555_5555_5554, 0xAAAA_AAAA_AAAA_AAA9, .max])
    #expect(thirds.lows == [0, 1, 2])
    let unlikely = InverseTable(weighted: [Weighted(0, weight: 0), Weighted(7, weight: 1), Weighted(8, weight: 1e-30)])
    #expect(unlikely.constant == 7)
  }

  @Test func explicitValuesKeepTheirOrderAndUniformIsOneRow() throws {
    let choice = try Distribution(.choice([Weighted(9, weight: 1), Weighted(3, weight: 3)])).compiled(least: 1)
    #expect(choice.lows == [9, 3])
    #expect(choice.ends == [(1 << 62) - 1, .max])
    let uniform = try Distribution(.uniform(0, 1 << 47)).compiled(least: 1)
    #expect(uniform == InverseTable(ends: [.max], lows: [1], widths: [1 << 47]))
  }

  @Test(arguments: [
    (0.5, 1000.0), (0.5, 3e8), (2.0, 40_000.0), (30.0, 1e6), (399.0, 1e7), (401.0, 1e7), (1e8, 1e9),
  ])
  func gammaHasItsMeanAndDeviation(shape: Double, mean: Double) throws {
    try expectMoments(.gamma(shape: shape, mean: mean), mean: mean, deviation: mean / shape.squareRoot())
  }

  @Test func parametricShapesHaveTheirMeansAndDeviations() throws {
    try expectMoments(.normal(mean: 1e6, deviation: 1000), mean: 1e6, deviation: 1000)
    try expectMoments(.normal(mean: 1e12, deviation: 1e10), mean: 1e12, deviation: 1e10)
    try expectMoments(.exponential(mean: 200_000), mean: 200_000, deviation: 200_000)
    try expectMoments(.geometric(mean: 50), mean: 50, deviation: (50.0 * 49).squareRoot())
    // exp(σ²/2) = 1.6487212707, √(exp(σ²) − 1) = 1.3108324945.
    try expectMoments(
      .lognormal(median: 1000, sigma: 1), mean: 1648.7212707, deviation: 1648.7212707 * 1.3108324945)
    try expectMoments(.pareto(minimum: 1000, alpha: 5), mean: 1250, deviation: 1250 / 15.0.squareRoot())
    try expectMoments(.uniform(100, 1099), mean: 599.5, deviation: (999_999.0 / 12).squareRoot())
    try expectMoments(.zipf(count: 100_000, exponent: 0), mean: 50_000.5, deviation: 28_867.5)
  }

  /// The rows above 511 are flat, which costs up to a few parts in 100,000.
  private func expectMoments(_ shape: Distribution.Shape, mean: Double, deviation: Double) throws {
    let table = try Distribution(shape).compiled(least: 0)
    let center = table.mean
    var variance = 0.0
    for row in 0..<table.count {
      let share = (Double(table.ends[row]) - (row == 0 ? -1 : Double(table.ends[row - 1]))) * 0x1p-64
      let width = Double(table.widths[row])
      let distance = Double(table.lows[row]) + (width - 1) / 2 - center
      variance += share * (distance * distance + (width * width - 1) / 12)
    }
    #expect(abs(center / mean - 1) < 1e-4, "\(shape): mean \(center)")
    #expect(abs(variance.squareRoot() / deviation - 1) < 1e-3, "\(shape): deviation \(variance.squareRoot())")
  }
}

/// A distribution and some of its probabilities.
struct Known: Sendable, CustomTestStringConvertible {
  var distribution: Distribution
  var least: UInt64
  var probabilities: [UInt64: Double]

  init(
    _ shape: Distribution.Shape, minimum: UInt64? = nil, maximum: UInt64? = nil, least: UInt64 = 1,
    _ probabilities: [UInt64: Double]
  ) {
    distribution = Distribution(shape, minimum: minimum, maximum: maximum)
    self.least = least
    self.probabilities = probabilities
  }

  var testDescription: String { "\(distribution)" }
}
