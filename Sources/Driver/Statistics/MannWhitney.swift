/// Mann and Whitney's rank test of two independent samples: whether values of one tend to be greater. Small p speaks for
/// a difference.
///
/// Without equal values and up to ``exactLimit`` of them together p is exact (`method='exact'` of
/// `scipy.stats.mannwhitneyu`), else by the normal distribution with the variance corrected for ties and the statistic
/// for continuity (`method='asymptotic'`).
public enum MannWhitney {
  /// Values of both samples together up to which p is exact.
  public static let exactLimit = 100

  /// One-sided: small p speaks for `new` being greater. 1 if a sample is empty.
  ///
  /// - Complexity: O(n⁴) for n values up to the limit (some milliseconds for 40 and 40), O(n log n) beyond.
  public static func greater(_ new: [Double], than base: [Double]) -> Double {
    if new.isEmpty || base.isEmpty { return 1 }
    let ranks = JointRanks(new, base)
    return ranks.isExact ? ranks.exactTail(from: ranks.wins) : ranks.normalTail(from: ranks.wins)
  }

  /// Two-sided: twice the one-sided value of the sample that tends to be greater, at most 1.
  public static func twoSided(_ new: [Double], _ base: [Double]) -> Double {
    if new.isEmpty || base.isEmpty { return 1 }
    let ranks = JointRanks(new, base)
    let wins = max(ranks.wins, Double(new.count * base.count) - ranks.wins)
    return min(1, 2 * (ranks.isExact ? ranks.exactTail(from: wins) : ranks.normalTail(from: wins)))
  }
}

private struct JointRanks {
  let new: Int
  let base: Int
  let ranks: Midranks
  /// U: pairs of one value each in which the new one is greater; equal ones count half.
  let wins: Double

  init(_ new: [Double], _ base: [Double]) {
    self.new = new.count
    self.base = base.count
    ranks = Midranks(new + base)
    wins = Double(ranks.doubled.prefix(new.count).reduce(0, +)) / 2 - Double(new.count * (new.count + 1)) / 2
  }

  var isExact: Bool { !ranks.hasTies && new + base <= MannWhitney.exactLimit }

  /// The share of all ways to place the new values among the ranks that win at least so many pairs.
  ///
  /// `ways[k][u]` counts the choices of k ranks so far that win u pairs. The ranks rise, so the one added is the
  /// greatest of the k chosen and wins against the others that are not. Only sums of positive terms, so a share's
  /// relative error stays near the rounding of one.
  func exactTail(from wins: Double) -> Double {
    let pairs = new * base
    var ways = [[Double]](repeating: [Double](repeating: 0, count: pairs + 1), count: new + 1)
    ways[0][0] = 1
    for rank in 1...(new + base) {
      for chosen in stride(from: min(new, rank), through: max(1, rank - base), by: -1) {
        let won = rank - chosen
        let most = (chosen - 1) * won
        for u in 0...most { ways[chosen][u + won] += ways[chosen - 1][u] }
      }
    }
    return ways[new][Int(wins)...].reduce(0, +) / ways[new].reduce(0, +)
  }

  func normalTail(from wins: Double) -> Double {
    let (n, m) = (Double(new), Double(base))
    let all = n + m
    let variance = n * m / 12 * (all + 1 - ranks.tieTerm / (all * (all - 1)))
    // All values equal: nothing speaks for a difference.
    return variance > 0 ? Normal.above((wins - n * m / 2 - 0.5) / variance.squareRoot()) : 1
  }
}
