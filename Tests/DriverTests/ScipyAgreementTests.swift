import Testing

@testable import Driver

/// The inputs of `scripts/check-statistics`, which says how scipy was asked, and what scipy made of them.
struct ScipyAgreementTests {
  /// Knuth's MMIX generator, the upper 24 bits of each number, in 0 ..< 1.
  private func uniform(_ count: Int, _ seed: Int) -> [Double] {
    var state = UInt64(seed)
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / 0x1p24
    }
  }

  private func distinct(_ count: Int) -> [Double] { uniform(count, count).map { $0 - 0.375 } }
  private func tied(_ count: Int) -> [Double] { uniform(count, count).map { ($0 * 16).rounded(.down) - 6 } }

  private func expect(_ name: String, _ found: [Double], within tolerance: Double = 1e-9) {
    guard let expected = ScipyFigures.all[name], expected.count == found.count else {
      Issue.record("scipy's figures of \(name) are missing")
      return
    }
    for (own, other) in zip(found, expected) {
      #expect(abs(own - other) <= tolerance * abs(other), "\(name): \(own) where scipy has \(other)")
    }
  }

  private func figures(_ estimate: RatioEstimate?) -> [Double] {
    guard let estimate else { return [] }
    let ends = [estimate.interval, estimate.wideInterval].flatMap { [$0.lowerBound, $0.upperBound] }
    return [estimate.ratio] + ends + [estimate.standardError]
  }

  @Test(arguments: [1, 2, 3, 8, 9, 39, 500])
  func `quantiles of t`(_ degrees: Int) {
    expect("t \(degrees)", [StudentT.bound(of: 0.95, degrees: degrees)])
  }

  @Test(arguments: [8, 10, 20, 40])
  func `tails of the expanded interval`(_ count: Int) {
    expect("expanded \(count)", [Bootstrap.expandedTail(count: count)])
  }

  @Test(arguments: [12, 50, 51, 90])
  func `signed ranks`(_ count: Int) {
    let values = distinct(count)
    expect("signed rank \(count)", [SignedRank.greater(values), SignedRank.twoSided(values)])
  }

  @Test(arguments: [7, 13, 90])
  func `signed ranks with ties and zeros`(_ count: Int) {
    let values = tied(count)
    expect("signed rank, ties \(count)", [SignedRank.greater(values), SignedRank.twoSided(values)])
  }

  @Test(arguments: [(5, 7), (40, 40), (60, 41)])
  func `ranks of two samples`(_ counts: (new: Int, base: Int)) {
    let new = distinct(counts.new).map { $0 + 0.125 }
    let base = uniform(counts.base, counts.base + 1).map { $0 - 0.375 }
    expect(
      "Mann–Whitney \(counts.new) \(counts.base)",
      [MannWhitney.greater(new, than: base), MannWhitney.twoSided(new, base)])
  }

  @Test(arguments: [(12, 15), (70, 60)])
  func `ranks of two samples with ties`(_ counts: (new: Int, base: Int)) {
    let new = tied(counts.new).map { $0 + 1 }
    let base = uniform(counts.base, counts.base + 1).map { ($0 * 16).rounded(.down) - 6 }
    expect(
      "Mann–Whitney, ties \(counts.new) \(counts.base)",
      [MannWhitney.greater(new, than: base), MannWhitney.twoSided(new, base)])
  }

  @Test(arguments: [2, 5, 10, 11, 40])
  func `bootstrap of pairs`(_ count: Int) {
    let logarithms = distinct(count).map { $0 / 8 }
    expect("paired \(count)", figures(Bootstrap.ratio(paired: logarithms, seed: UInt64(42 + count))))
  }

  @Test func `bootstrap of pairs with ties`() {
    expect("paired, ties 20", figures(Bootstrap.ratio(paired: tied(20).map { $0 / 256 }, seed: 7)))
  }

  @Test(arguments: [(10, 10), (11, 40)])
  func `bootstrap of independent samples`(_ counts: (base: Int, new: Int)) {
    let base = uniform(counts.base, counts.base).map { $0 + 8 }
    let new = uniform(counts.new, counts.new + 1).map { $0 + 9 }
    expect(
      "independent \(counts.base) \(counts.new)",
      figures(Bootstrap.ratio(base: base, new: new, seed: 1 << 63 + UInt64(counts.base))))
  }
}
