import Workload

/// An `InverseTable` laid out for speed in mapped memory: draws the same values as `InverseTable.draw`, in O(1) expected.
///
/// `guide[j]` is the first row that a number with the top bits `j` can fall into; from there a few rows are stepped
/// over. With at least as many guide entries as rows that is less than one step on average
/// (Chen and Asau 1974, "On generating random variates from an empirical distribution").
struct Sampler: BitwiseCopyable {
  struct Row: BitwiseCopyable {
    var end: UInt64
    var low: UInt64
    var width: UInt64
  }

  private let rows: UnsafeMutablePointer<Row>
  private let guide: UnsafeMutablePointer<UInt32>
  private let guideShift: UInt64
  private let isConstant: Bool

  init(_ table: InverseTable) {
    isConstant = table.constant != nil
    var rowArray = MappedArray<Row>(capacity: table.count)
    for index in 0..<table.count {
      rowArray.append(Row(end: table.ends[index], low: table.lows[index], width: table.widths[index]))
    }
    rows = rowArray.base
    let bits = max(1, Int.bitWidth - (table.count - 1).leadingZeroBitCount)
    guideShift = UInt64(64 - bits)
    var guideArray = MappedArray<UInt32>(capacity: 1 << bits)
    var row = 0
    for entry in 0..<(1 << bits) {
      while table.ends[row] < UInt64(entry) << guideShift { row += 1 }
      guideArray.append(UInt32(row))
    }
    guide = guideArray.base
  }

  @inline(__always)
  func draw(_ random: inout Xoshiro256) -> UInt64 {
    if isConstant { return rows[0].low }
    let u = random.next()
    var index = Int(guide[Int(truncatingIfNeeded: u &>> guideShift)])
    while rows[index].end < u { index &+= 1 }
    let row = rows[index]
    if row.width == 1 { return row.low }
    return row.low &+ random.next().multipliedFullWidth(by: row.width).high
  }
}
