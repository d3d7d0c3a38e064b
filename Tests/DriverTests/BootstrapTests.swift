import Testing

@testable import Driver

struct BootstrapTests {
  private let noise = [0.004, -0.011, 0.002, 0.09, -0.003, 0.007, -0.006, 0.001, 0.012, -0.002]

  @Test func `the seed decides, not the order`() throws {
    let estimate = try #require(Bootstrap.ratio(paired: noise, seed: 1))
    #expect(estimate == Bootstrap.ratio(paired: noise.reversed(), seed: 1))
    #expect(estimate.standardError != Bootstrap.ratio(paired: noise, seed: 2)?.standardError)
    #expect(estimate.blocks == 10 && estimate.outliers == 1)
    #expect(estimate.interval.contains(estimate.ratio))
    #expect(estimate.wideInterval.lowerBound <= estimate.interval.lowerBound)
    #expect(estimate.wideInterval.upperBound >= estimate.interval.upperBound)
  }

  @Test func `fewer than two values have no interval`() {
    #expect(Bootstrap.ratio(paired: [0.1], seed: 1) == nil)
    #expect(Bootstrap.ratio(paired: [], seed: 1) == nil)
    #expect(Bootstrap.ratio(base: [1], new: [1, 2], seed: 1) == nil)
    #expect(Bootstrap.ratio(base: [1, 2], new: [1], seed: 1) == nil)
    #expect(Bootstrap.median([3], seed: 1) == nil)
  }

  @Test func `what has no logarithm has no ratio`() {
    #expect(Bootstrap.ratio(base: [0, 1], new: [1, 2], seed: 1) == nil)
    #expect(Bootstrap.ratio(base: [1, 2], new: [-1, 2], seed: 1) == nil)
    #expect(Bootstrap.ratio(paired: [0, .nan], seed: 1) == nil)
    #expect(Bootstrap.median([1, .infinity], seed: 1) == nil)
  }

  @Test func `equal values are certain`() {
    let estimate = Bootstrap.ratio(paired: [0, 0, 0, 0, 0], seed: 1)
    let certain = RatioEstimate(
      ratio: 1, interval: 1...1, wideInterval: 1...1, standardError: 0, blocks: 5, outliers: 0)
    #expect(estimate == certain)
    #expect(Bootstrap.median([7, 7, 7], seed: 1) == 7...7)
  }

  @Test func `two values reach from one to the other`() {
    #expect(Bootstrap.median([3, 5], seed: 1) == 3...5)
  }

  @Test func `a factor on one side is a factor of the estimate`() throws {
    let base = noise.map { 100 * (1 + $0) }
    let same = try #require(Bootstrap.ratio(base: base, new: base, seed: 3))
    let doubled = try #require(Bootstrap.ratio(base: base, new: base.map { $0 * 2 }, seed: 3))
    #expect(same.ratio == 1 && doubled.ratio == 2)
    #expect(abs(doubled.interval.lowerBound / same.interval.lowerBound - 2) < 1e-12)
    #expect(same.outliers == 2 && same.blocks == 10)
  }

  @Test func `the interval is expanded less the more values there are`() {
    let tails = [2, 3, 8, 10, 40, 1000, 20_000].map(Bootstrap.expandedTail(count:))
    #expect(zip(tails, tails.dropFirst()).allSatisfy(<))
    #expect(abs(tails[6] - 0.025) < 1e-5)
  }
}
