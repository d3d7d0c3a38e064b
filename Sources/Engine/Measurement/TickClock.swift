import CPlatform

/// What one tick of the cycle counter is worth.
struct TickClock {
  let ticksPerSecond: Double
  /// What the clock can tell apart, in nanoseconds.
  let stepNanoseconds: Double

  /// Compares the cycle counter with the monotonic clock over 20 ms.
  static func calibrated() -> TickClock {
    let start = bothClocks()
    pb_sleep_ns(20_000_000)
    let end = bothClocks()
    let ticksPerSecond = Double(end.ticks &- start.ticks) / Double(end.time &- start.time) * 1e9
    let differences = (0..<1000).map { _ in
      let first = pb_ticks_begin()
      var second = first
      while second == first { second = pb_ticks_begin() }
      return second &- first
    }
    return TickClock(
      ticksPerSecond: ticksPerSecond, stepNanoseconds: Double(step(of: differences)) / ticksPerSecond * 1e9)
  }

  /// The step of a counter between whose reads lay so many ticks, none 0: the least of them or, where a read takes
  /// longer than a step, the least by which two of them differ. A hypervisor scales its counter and rounds, so that
  /// differences of a tick or two are none.
  static func step(of differences: [UInt64]) -> UInt64 {
    let rising = differences.sorted()
    let gaps = zip(rising.dropFirst(), rising).map { $0 &- $1 }.filter { $0 > 2 }
    return min(rising.first ?? 1, gaps.min() ?? .max)
  }

  /// Both clocks at one moment: of several tries the one in which least time passed, so that no interruption of the
  /// thread between two reads counts.
  private static func bothClocks() -> (ticks: UInt64, time: UInt64) {
    var best = (ticks: UInt64(0), time: UInt64(0))
    var least = UInt64.max
    for _ in 0..<32 {
      let before = pb_ticks_begin()
      let time = pb_now_ns()
      let passed = pb_ticks_end() &- before
      if passed < least { (best, least) = ((before + passed / 2, time), passed) }
    }
    return best
  }
}
