import Testing

@testable import Driver

struct SignificanceTests {
  @Test func `signed ranks by hand`() {
    // All three positive: one of the eight choices of signs.
    #expect(SignedRank.greater([0.1, 0.2, 0.3]) == 1.0 / 8)
    #expect(SignedRank.greater([-0.1, -0.2, -0.3]) == 1)
    #expect(SignedRank.twoSided([0.1, 0.2, 0.3]) == 2.0 / 8)
    // Ranks 1½, 1½, 3: with the first and the last positive 4½ or more in three of eight.
    #expect(SignedRank.greater([1, -1, 2]) == 3.0 / 8)
  }

  @Test func `zeros are dropped, and nothing else says nothing`() {
    #expect(SignedRank.greater([0, 0.1, 0, 0.2, 0.3]) == 1.0 / 8)
    #expect(SignedRank.greater([0, 0]) == 1 && SignedRank.twoSided([]) == 1)
  }

  @Test func `a change in one direction is as unlikely as its mirror image`() {
    for count in [10, 60] {
      let values = (0..<count).map { Double($0 * $0 % 17) - 5.5 }
      let mirrored = values.map { -$0 }
      #expect(SignedRank.twoSided(values) == SignedRank.twoSided(mirrored))
      #expect(SignedRank.greater(values) + SignedRank.greater(mirrored) > 1)
    }
  }

  @Test func `the normal approximation joins the exact distribution`() {
    // The same differences but for one small one: the exact p and the approximated one are close.
    let values = (2...51).map { $0 % 3 == 0 ? -Double($0) : Double($0) }
    let (exact, approximate) = (SignedRank.greater(values), SignedRank.greater(values + [0.5]))
    #expect(exact < 0.05 && abs(approximate / exact - 1) < 0.1)
  }

  @Test func `ranks of two samples by hand`() {
    // Both new values are the greatest of four: one of six placements.
    #expect(MannWhitney.greater([3, 4], than: [1, 2]) == 1.0 / 6)
    #expect(MannWhitney.greater([1, 2], than: [3, 4]) == 1)
    #expect(MannWhitney.twoSided([1, 2], [3, 4]) == 2.0 / 6)
    #expect(MannWhitney.twoSided([2, 3], [1, 4]) == 1)
  }

  @Test func `samples without a difference to speak of`() {
    #expect(MannWhitney.greater([], than: [1]) == 1 && MannWhitney.twoSided([1], []) == 1)
    #expect(MannWhitney.greater([5, 5, 5], than: [5, 5]) == 1)
    #expect(MannWhitney.twoSided([5, 5, 5], [5, 5]) == 1)
  }

  @Test func `samples of any two sizes may be exact`() {
    // The one new value is the greatest of n + 1.
    #expect(abs(MannWhitney.greater([100], than: (1...20).map(Double.init)) - 1.0 / 21) < 1e-15)
    #expect(abs(MannWhitney.greater((1...20).map(Double.init), than: [0]) - 1.0 / 21) < 1e-15)
  }

  @Test func `Holm multiplies the smallest most and never falls`() {
    // Step by step: 0.01 × 4, 0.02 × 3, 0.025 × 2 raised to 0.06, 0.5 × 1.
    let adjusted = Holm.adjusted([0.5, 0.02, 0.01, 0.025])
    let expected = [0.5, 0.06, 0.04, 0.06]
    for (own, other) in zip(adjusted, expected) { #expect(abs(own - other) < 1e-15) }
    #expect(Holm.adjusted([0.9, 0.8]) == [1, 1])
    #expect(Holm.adjusted([0.03]) == [0.03] && Holm.adjusted([]).isEmpty)
  }

  @Test func `outliers lie beyond the outer fences`() {
    // Quartiles 2 and 4 of 1...5: the fences stand at −4 and 10.
    #expect(Outliers.count([1, 2, 3, 4, 5]) == 0)
    #expect(Outliers.count([1, 1, 2, 2, 3, 3, 4, 4, 100]) == 1)
    #expect(Outliers.count([0, 0, 0, 0, 0, -1, 1]) == 2)
    #expect(Outliers.count([0, 0, 1000]) == 0)
  }

  @Test func `binomial bounds as scipy gives them`() {
    // scipy.stats.binomtest(k, n, alternative=…).proportion_ci(0.95), method 'exact'.
    #expect(abs(Binomial(1900, of: 2000).upperBound - 0.9577715941005128) < 1e-12)
    #expect(abs(Binomial(3, of: 300).lowerBound - 0.0027310302181871885) < 1e-12)
    #expect(Binomial(5, of: 5).upperBound == 1 && Binomial(0, of: 5).lowerBound == 0)
    #expect(abs(Binomial(0, of: 5).upperBound - 0.4507197283469411) < 1e-12)
  }
}
