/// Wilcoxon's signed-rank test: whether paired differences lie about 0 symmetrically. Small p speaks against it.
///
/// Differences of exactly 0 say nothing and are dropped first (`zero_method='wilcox'` of `scipy.stats.wilcoxon`).
/// Up to ``exactLimit`` others the distribution is exact, over all ways to choose their signs with the ranks as they
/// are: without equal magnitudes that is `method='exact'`, with some `PermutationMethod` of all signs. Beyond it is
/// `method='asymptotic', correction=True`, with the variance corrected for ties.
public enum SignedRank {
  /// Differences up to which p is exact.
  public static let exactLimit = 50

  /// One-sided: small p speaks for differences greater than 0. 1 without any difference.
  ///
  /// - Parameter differences: finite.
  /// - Complexity: O(n³) up to the limit, O(n log n) beyond.
  public static func greater(_ differences: [Double]) -> Double {
    let ranks = SignedRanks(differences)
    return ranks.isExact ? ranks.exactTail : Normal.above(ranks.deviation(corrected: { $0 - 0.5 }))
  }

  /// Two-sided: twice the smaller of both one-sided values, at most 1.
  public static func twoSided(_ differences: [Double]) -> Double {
    let ranks = SignedRanks(differences)
    if ranks.isExact {
      return min(1, 2 * min(ranks.exactTail, SignedRanks(differences.map { -$0 }).exactTail))
    }
    return min(1, 2 * Normal.above(ranks.deviation(corrected: { max(abs($0) - 0.5, 0) })))
  }
}

/// The ranks of the magnitudes that aren't 0, doubled, and the sum of those of the positive ones.
private struct SignedRanks {
  let ranks: Midranks
  let positive: Int

  init(_ differences: [Double]) {
    let differences = differences.filter { $0 != 0 }
    ranks = Midranks(differences.map(abs))
    positive = zip(differences, ranks.doubled).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
  }

  var isExact: Bool { ranks.doubled.count <= SignedRank.exactLimit }

  /// The share of all choices of signs whose positive ranks sum to at least as much: counted sum by sum, rank after
  /// rank. Counts stay below 2⁵⁰, so they are exact.
  var exactTail: Double {
    var ways = [Double](repeating: 0, count: ranks.doubled.reduce(0, +) + 1)
    ways[0] = 1
    var most = 0
    for rank in ranks.doubled {
      for sum in stride(from: most, through: 0, by: -1) { ways[sum + rank] += ways[sum] }
      most += rank
    }
    return ways[positive...].reduce(0, +) / ways.reduce(0, +)
  }

  /// How far the sum is from what is expected of it, in standard deviations.
  func deviation(corrected: (Double) -> Double) -> Double {
    let n = Double(ranks.doubled.count)
    let variance = (n * (n + 1) * (2 * n + 1) - ranks.tieTerm / 2) / 24
    return corrected(Double(positive) / 2 - n * (n + 1) / 4) / variance.squareRoot()
  }
}
