extension InverseTable {
  /// Largest value that can be drawn, 2⁴⁷: the end of a process's address space.
  public static let largestValue: UInt64 = 1 << 47

  /// A table over whole numbers with relative weights, in the order given.
  ///
  /// - Precondition: weights are finite, at least 0, and one of them is above 0.
  /// - Complexity: O(count).
  public init(weighted entries: [Weighted<UInt64>]) {
    let largest = entries.reduce(0) { max($0, $1.weight) }
    self.init(rows: entries.map { Row(low: $0.value, width: 1, mass: $0.weight / largest) })
  }

  /// A table of rows in the order given; rows that hold less than 2⁻⁶² of the whole vanish.
  ///
  /// - Precondition: masses are finite, at least 0, and so is their sum, which is above 0.
  init(rows: [Row]) {
    let whole = rows.reduce(0) { $0 + $1.mass }
    precondition(whole > 0 && whole < .infinity, "a table needs a mass above 0")
    // Shares in units of 2⁻⁶². From here on the arithmetic is that of integers.
    let scaled = rows.map { UInt64($0.mass / whole * 0x1p62) }
    let total = scaled.reduce(0, +)
    var ends: [UInt64] = []
    var lows: [UInt64] = []
    var widths: [UInt64] = []
    var sum: UInt64 = 0
    for (row, share) in zip(rows, scaled) where share > 0 {
      sum += share
      ends.append(sum == total ? .max : total.dividingFullWidth((high: sum, low: 0)).quotient - 1)
      lows.append(row.low)
      widths.append(row.width)
    }
    self.init(ends: ends, lows: lows, widths: widths)
  }
}
