/// A distribution compiled to integers: the inverse of its cumulative function, the same on every machine.
///
/// Row `i` stands for the values `lows[i] ..< lows[i] + widths[i]`, all equally likely, and is drawn when a uniform
/// 64-bit number `u` satisfies `ends[i − 1] < u ≤ ends[i]`. `ends` rises strictly and ends with `UInt64.max`.
public struct InverseTable: Equatable, Sendable {
  public private(set) var ends: [UInt64]
  public private(set) var lows: [UInt64]
  public private(set) var widths: [UInt64]

  /// - Precondition: equal counts, at least one row, `ends` strictly rising to `UInt64.max`, every width at least 1.
  public init(ends: [UInt64], lows: [UInt64], widths: [UInt64]) {
    precondition(!ends.isEmpty && ends.count == lows.count && ends.count == widths.count && ends.last == .max)
    self.ends = ends
    self.lows = lows
    self.widths = widths
  }

  public var count: Int { ends.count }

  /// The only value that can be drawn, or nil. Drawing it takes nothing from a random stream.
  public var constant: UInt64? { count == 1 && widths[0] == 1 ? lows[0] : nil }

  /// The reference way to draw: nothing if ``constant``; else one number `u` picks the first row with `u ≤ ends[row]`,
  /// and only if its width exceeds 1 a second number `v` picks `lows[row] + ⌊v × widths[row] / 2⁶⁴⌋`.
  ///
  /// - Complexity: O(log rows). The engine's sampler draws the same values through a guide table.
  public func draw(_ random: inout Xoshiro256) -> UInt64 {
    if let constant { return constant }
    let u = random.next()
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if u <= ends[middle] { high = middle } else { low = middle + 1 }
    }
    if widths[low] == 1 { return lows[low] }
    return lows[low] + random.next().multipliedFullWidth(by: widths[low]).high
  }
}
