import CPlatform

/// What one tick of the cycle counter is worth.
struct TickClock {
  let ticksPerSecond: Double
  /// The smallest difference between two reads that is not 0, in nanoseconds: what the clock can tell apart.
  let stepNanoseconds: Double

  /// Compares the cycle counter with the monotonic clock over 20 ms.
  static func calibrated() -> TickClock {
    let start = bothClocks()
    pb_sleep_ns(20_000_000)
    let end = bothClocks()
    let ticksPerSecond = Double(end.ticks &- start.ticks) / Double(end.time &- start.time) * 1e9
    var step = UInt64.max
    for _ in 0..<1000 {
      let first = pb_ticks_begin()
      var second = first
      while second == first { second = pb_ticks_begin() }
      step = min(step, second &- first)
    }
    return TickClock(ticksPerSecond: ticksPerSecond, stepNanoseconds: Double(step) / ticksPerSecond * 1e9)
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
