import Foundation

/// Intervals of several cells' ratios by Holm's step-down: the cell with the least doubt is held to the level that all
/// of them share, 0.05 ÷ m, the next one to 0.05 ÷ (m − 1), and so on. The probability that any interval which lies
/// wholly on one side of 1, with all those before it, does so by chance is at most 0.05 (see ``Holm``).
public struct HolmIntervals: Equatable, Sendable {
  /// Of each cell, in the order given; nil of a cell with under two blocks.
  public var intervals: [ClosedRange<Double>?]
  /// Cells whose interval, and that of every cell with less doubt, lies wholly under the bound, rising.
  public var under: [Int]

  /// - Parameters:
  ///   - cells: of each the logarithms of a ratio, one a block.
  ///   - bound: what they are held against, above 0.
  public init(_ cells: [[Double]], under bound: Double, seed: UInt64) {
    let limit = log(bound)
    // Doubt that a cell is under the bound: the rank test, and where that can't tell cells apart, their distance.
    let doubts = cells.map { values -> (p: Double, distance: Double) in
      guard let sample = Sample(values) else { return (1, .infinity) }
      let deviation = Sample.deviation(of: values) / Double(values.count).squareRoot()
      return (SignedRank.greater(values.map { limit - $0 }), (sample.median - limit) / max(deviation, 1e-12))
    }
    let order = cells.indices.sorted { doubts[$0] < doubts[$1] }
    var intervals = [ClosedRange<Double>?](repeating: nil, count: cells.count)
    var under: [Int] = []
    var isStopped = false
    for (place, index) in order.enumerated() {
      let confidence = 1 - 0.05 / Double(cells.count - place)
      intervals[index] = Bootstrap.interval(paired: cells[index], confidence: confidence, seed: seed)
      if let interval = intervals[index], interval.upperBound < bound, !isStopped {
        under.append(index)
      } else {
        isStopped = true
      }
    }
    self.intervals = intervals
    self.under = under.sorted()
  }
}
