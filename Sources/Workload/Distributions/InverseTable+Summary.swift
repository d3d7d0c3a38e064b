extension InverseTable {
  /// Smallest value that can be drawn.
  /// - Complexity: O(rows), like all of the summary.
  public var minimum: UInt64 { lows.min() ?? 0 }

  /// Largest value that can be drawn.
  public var maximum: UInt64 { zip(lows, widths).reduce(0) { max($0, $1.0 + ($1.1 - 1)) } }

  /// Expected value of a draw.
  public var mean: Double {
    indices.reduce(0) { $0 + share(ofRow: $1) * (Double(lows[$1]) + Double(widths[$1] - 1) / 2) }
  }

  /// Probability that a draw is at most `value`.
  public func share(through value: UInt64) -> Double {
    indices.reduce(0) { sum, row in
      guard value >= lows[row] else { return sum }
      let reached = value - lows[row]
      let part = reached >= widths[row] - 1 ? 1 : Double(reached + 1) / Double(widths[row])
      return sum + share(ofRow: row) * part
    }
  }

  /// The smallest value that at least `share` (0...1) of the draws do not exceed.
  /// - Complexity: O(rows × 64).
  public func percentile(_ share: Double) -> UInt64 {
    var (low, high) = (minimum, maximum)
    while low < high {
      let middle = low + (high - low) / 2
      // The sum is rounded, a share such as 0.1 too: an error of the last bits must not cost a row.
      if self.share(through: middle) >= share - 0x1p-48 { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// How draws spread over at most `limit` ranges, in order and without gaps, for a bar chart.
  ///
  /// Ranges are of equal width if the largest value is under eight times the smallest, else they go from one power of
  /// two to the next, or to every second, third … one.
  /// - Precondition: `limit` is at least 1.
  public func bars(limit: Int) -> [Bar] {
    precondition(limit > 0)
    let (low, high) = (minimum, maximum)
    var edges: [UInt64] = []
    if high / 8 < low {
      let width = (high - low) / UInt64(limit) + 1
      edges = (0...(high - low) / width).map { low + $0 * width }
    } else {
      // Edges are 0, 1, 2, 4, 8, …: as many binary digits as a value has.
      let first = UInt64.bitWidth - low.leadingZeroBitCount
      let last = UInt64.bitWidth - high.leadingZeroBitCount
      let step = (last - first) / limit + 1
      edges = stride(from: first, through: last, by: step).map { $0 == 0 ? 0 : 1 << (UInt64($0) - 1) }
      edges[0] = low
    }
    var below = 0.0
    return edges.indices.map { index in
      let end = index + 1 < edges.count ? edges[index + 1] - 1 : high
      let through = share(through: end)
      defer { below = through }
      return Bar(range: edges[index]...end, share: max(0, through - below))
    }
  }

  /// A range of values and the share of draws inside.
  public struct Bar: Equatable, Sendable {
    public var range: ClosedRange<UInt64>
    public var share: Double
  }

  private var indices: Range<Int> { ends.indices }

  private func share(ofRow row: Int) -> Double {
    if row == 0 { return (Double(ends[0]) + 1) * 0x1p-64 }
    return Double(ends[row] - ends[row - 1]) * 0x1p-64
  }
}
