import Driver

/// A bound that a probability is claimed to keep. A study can't prove it, but refutes it if the one-sided 95 % binomial
/// bound of what it saw lies on the wrong side.
enum Claim {
  case atLeast(Double)
  case atMost(Double)

  func isRefuted(by seen: Binomial) -> Bool {
    switch self {
    case .atLeast(let share): seen.upperBound < share
    case .atMost(let share): seen.lowerBound > share
    }
  }
}

/// What a study saw of one claim, as a table shows it.
struct Finding {
  var claim: Claim
  var seen: Binomial

  var isRefuted: Bool { claim.isRefuted(by: seen) }

  /// Share seen and its one-sided 95 % bounds, in hundredths.
  var text: String {
    let figures = [seen.share, seen.lowerBound, seen.upperBound].map { percent($0) }
    return "\(figures[0]) (\(figures[1])–\(figures[2]))" + (isRefuted ? " refuted" : "")
  }

  private func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded())
    return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
  }
}
