import Workload

extension InverseTable {
  /// Mean of the square of a draw.
  ///
  /// - Complexity: O(rows), like ``mean(upTo:)``.
  var meanSquare: Double {
    sum { low, width in
      let middle = low + (width - 1) / 2
      return middle * middle + (width * width - 1) / 12
    }
  }

  /// Mean of the smaller of a draw and `limit`.
  func mean(upTo limit: Double) -> Double {
    sum { low, width in
      if low + width - 1 <= limit { return low + (width - 1) / 2 }
      if low >= limit { return limit }
      let below = limit - low
      let share = below / width
      return share * (low + below / 2) + (1 - share) * limit
    }
  }

  /// Each row's value by its probability.
  private func sum(_ value: (_ low: Double, _ width: Double) -> Double) -> Double {
    var sum = 0.0
    var before = 0.0
    for row in ends.indices {
      let end = (Double(ends[row]) + 1) * 0x1p-64
      sum += (end - before) * value(Double(lows[row]), Double(widths[row]))
      before = end
    }
    return sum
  }
}
