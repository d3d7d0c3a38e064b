import Foundation

/// Gosset's t distribution with a whole number of degrees of freedom.
enum StudentT {
  /// The probability of |t| under `value`, by the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4.
  ///
  /// - Complexity: O(degrees).
  static func within(_ value: Double, degrees: Int) -> Double {
    let angle = atan(value / Double(degrees).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    var term = degrees % 2 == 0 ? 1.0 : cosine
    var sum = degrees == 1 ? 0 : term
    var factor = degrees % 2 == 0 ? 1 : 2
    while factor + 1 < degrees {
      term *= cosine * cosine * Double(factor) / Double(factor + 1)
      sum += term
      factor += 2
    }
    return degrees % 2 == 0 ? sine * sum : 2 / .pi * (angle + sine * sum)
  }

  /// The value that |t| stays under with a probability, by bisection.
  ///
  /// - Parameter probability: above 0 and below 1.
  static func bound(of probability: Double, degrees: Int) -> Double {
    var (below, above) = (0.0, 1.0)
    while within(above, degrees: degrees) < probability { (below, above) = (above, above * 2) }
    while true {
      let middle = (below + above) / 2
      if middle <= below || middle >= above { return middle }
      if within(middle, degrees: degrees) < probability { below = middle } else { above = middle }
    }
  }
}
