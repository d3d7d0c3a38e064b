/// A row of a table in the making: `low ..< low + width`, all values equally likely, with the probability `mass`.
struct Row: Comparable {
  var low: UInt64
  var width: UInt64
  var mass: Double

  /// The part of the row inside `range`, with its part of the probability, or nil.
  func clipped(to range: ClosedRange<UInt64>) -> Row? {
    let first = max(low, range.lowerBound)
    let last = min(low + (width - 1), range.upperBound)
    guard first <= last else { return nil }
    let kept = last - first + 1
    return Row(low: first, width: kept, mass: kept == width ? mass : mass * (Double(kept) / Double(width)))
  }
}

extension Row {
  static func < (a: Row, b: Row) -> Bool { (a.low, a.width, a.mass) < (b.low, b.width, b.mass) }

  /// Two sorted lists as one, rows that stand for the same values added.
  static func merged(_ a: [Row], _ b: [Row]) -> [Row] {
    var result: [Row] = []
    result.reserveCapacity(a.count + b.count)
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      let row: Row
      if j == b.count || (i < a.count && a[i] < b[j]) {
        row = a[i]
        i += 1
      } else {
        row = b[j]
        j += 1
      }
      if let last = result.last, last.low == row.low, last.width == row.width {
        result[result.count - 1].mass += row.mass
      } else {
        result.append(row)
      }
    }
    return result
  }
}

extension RoundedLaw {
  /// The law as rows inside `range`, leaving out ends with less than 2⁻⁶⁶ of what `range` holds.
  ///
  /// Values below 512 have rows of their own. Above, a row is at most 1/256 of its value wide, and, so that a narrow
  /// law far from 0 keeps its form, at most 1/1024 of the whole span (rounded down to powers of two).
  /// - Complexity: at most 12,000 rows, one evaluation of the law each.
  func rows(in range: ClosedRange<UInt64>) -> [Row] {
    let first = tails(at: range.lowerBound)
    let end = range.upperBound + 1
    let last = tails(at: end)
    let negligible = first.mass(to: last) * 0x1p-66
    guard negligible > 0 else { return [] }
    // The last edge with next to nothing before it, and the first with next to nothing behind.
    let low = firstEdge(in: range) { first.mass(to: tails(at: $0 + 1)) > negligible }
    let high = firstEdge(in: range) { tails(at: $0 + 1).mass(to: last) <= negligible } + 1

    var rows: [Row] = []
    var edge = low
    var here = tails(at: edge)
    while edge < high {
      let next = min(high, nextEdge(after: edge, span: high - low))
      let there = tails(at: next)
      rows.append(Row(low: edge, width: next - edge, mass: here.mass(to: there)))
      (edge, here) = (next, there)
    }
    return rows
  }

  /// The first value of `range` that satisfies a condition which, once true, stays true; the last one if none does.
  private func firstEdge(in range: ClosedRange<UInt64>, where condition: (UInt64) -> Bool) -> UInt64 {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if condition(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func nextEdge(after edge: UInt64, span: UInt64) -> UInt64 {
    guard edge >= 512 else { return edge + 1 }
    let logarithmic = 63 - edge.leadingZeroBitCount - 8
    let linear = span < 2048 ? 0 : 63 - span.leadingZeroBitCount - 10
    let shift = UInt64(min(logarithmic, linear))
    return (edge >> shift + 1) << shift
  }
}
