/// A law's probability split at an edge; both parts are kept, so that neither tail is lost to rounding.
struct Tails {
  var below: Double
  var above: Double

  static let allAbove = Tails(below: 0, above: 1)
  static let allBelow = Tails(below: 1, above: 0)

  /// The probability between this edge and a higher one, taken from whichever tail is smaller.
  func mass(to higher: Tails) -> Double {
    max(0, below < 0.5 ? higher.below - below : above - higher.above)
  }
}

/// A law whose draws, rounded half up to whole numbers, are compiled row by row.
protocol RoundedLaw {
  /// The probability of a draw less than `edge`, and of one not less.
  func tails(at edge: UInt64) -> Tails
}

/// A law on real numbers.
protocol ContinuousLaw: RoundedLaw {
  /// The probability of a real draw below and above `x`, which is no whole number.
  func tails(at x: Double) -> Tails
}

extension ContinuousLaw {
  func tails(at edge: UInt64) -> Tails { tails(at: Double(edge) - 0.5) }
}
