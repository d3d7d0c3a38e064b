/// Whether a worker stays within its memory, looked at more often the nearer it comes to the limit.
///
/// What is compared is the process's resident memory as a whole, the harness's own tables included: streams and slots
/// are a bounded amount (64 MiB, and some bytes an object), which the kernel does not tell apart from the subject's.
struct MemoryWatch {
  /// In bytes; `.max` for none.
  let limit: UInt64
  /// The most that was seen.
  private(set) var peak: UInt64 = 0

  init(limit: UInt64) { self.limit = limit }

  /// Milliseconds between two looks at a worker that is far from its limit, past half of it, and past nine tenths.
  /// A leak that touches a gigabyte a second comes 10 MiB beyond the limit between two of the middle ones.
  private static let (seldom, often, always): (Int32, Int32, Int32) = (50, 10, 2)

  /// Takes note of what a worker holds now.
  ///
  /// - Returns: whether that is beyond the limit.
  mutating func isBeyond(_ resident: UInt64) -> Bool {
    peak = max(peak, resident)
    return resident > limit
  }

  /// Milliseconds until the next look.
  var interval: Int32 {
    guard limit < .max else { return Self.seldom }
    let share = Double(peak) / Double(max(1, limit))
    return share > 0.9 ? Self.always : share > 0.5 ? Self.often : Self.seldom
  }
}
