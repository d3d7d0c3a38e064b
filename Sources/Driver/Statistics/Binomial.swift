import Foundation

/// What so many successes in so many independent trials say of the probability of one: exact one-sided bounds (Clopper
/// and Pearson, Biometrika 26, 1934), each wrong with a probability of at most 5 %.
public struct Binomial: Equatable, Sendable {
  public var successes: Int
  public var trials: Int

  /// - Parameter trials: at least 1.
  public init(_ successes: Int, of trials: Int) {
    precondition(0 <= successes && successes <= trials && trials > 0)
    self.successes = successes
    self.trials = trials
  }

  public var share: Double { Double(successes) / Double(trials) }

  /// The greatest probability with which no more successes than these are not too unlikely (5 %); 1 if all succeeded.
  public var upperBound: Double {
    if successes == trials { return 1 }
    return Self.bisect { Self.atMost(successes, trials, $0) > 0.05 }
  }

  /// The least probability with which no fewer successes than these are not too unlikely (5 %); 0 if none succeeded.
  public var lowerBound: Double { 1 - Binomial(trials - successes, of: trials).upperBound }

  /// The probability of at most `count` successes, summed term by term in logarithms.
  ///
  /// - Complexity: O(count).
  private static func atMost(_ count: Int, _ trials: Int, _ probability: Double) -> Double {
    var term = Double(trials) * log1p(-probability)
    let odds = log(probability) - log1p(-probability)
    var sum = exp(term)
    for success in stride(from: 1, through: count, by: 1) {
      term += log(Double(trials - success + 1) / Double(success)) + odds
      sum += exp(term)
    }
    return sum
  }

  /// The probability at which a condition that holds for small ones ends.
  private static func bisect(_ holds: (Double) -> Bool) -> Double {
    var (below, above) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (below + above) / 2
      if holds(middle) { below = middle } else { above = middle }
    }
    return (below + above) / 2
  }
}
