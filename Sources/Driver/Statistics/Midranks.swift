/// Ranks from 1, the mean of their places for values that are equal, doubled so that they are whole.
struct Midranks {
  /// In the order given.
  var doubled: [Int]
  /// Sum of t³ − t over the groups of t equal values, which takes from the variance of a sum of ranks.
  var tieTerm = 0.0

  /// - Complexity: O(n log n).
  init(_ values: [Double]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    doubled = [Int](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { doubled[order[place]] = start + 1 + end }
      let size = Double(end - start)
      tieTerm += size * size * size - size
      start = end
    }
  }

  var hasTies: Bool { tieTerm > 0 }
}
