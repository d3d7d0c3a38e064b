/// Figures of one quantity over the repetitions of a cell.
public struct Sample: Equatable, Sendable {
  /// Rising.
  public let values: [Double]

  /// - Returns: nil without values.
  public init?(_ values: [Double]) {
    if values.isEmpty { return nil }
    self.values = values.sorted()
  }

  /// The middle value, or the mean of the two middle ones.
  public var median: Double {
    let middle = values.count / 2
    return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
  }

  public var least: Double { values[0] }
  public var greatest: Double { values[values.count - 1] }

  /// Standard deviation with n − 1, by two passes; 0 of a single value and of none.
  static func deviation(of values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(max(1, values.count - 1))).squareRoot()
  }
}
