#if POOLBENCH_SLOWED
  import CPlatform
  import Glibc

  /// A slow-down of known size, for studies of how well the driver finds one. Only in builds made for that; in all
  /// others not an instruction of it exists.
  enum Slowdown {
    /// How much longer each stretch of the replay takes, as a share of its time: `POOLBENCH_SLOWED_PERCENT` of the
    /// worker's environment, else 0. Fractions of a per cent count.
    static let share = getenv("POOLBENCH_SLOWED_PERCENT").map { strtod($0, nil) / 100 } ?? 0

    /// Keeps the processor busy for the share of the time since `start`.
    static func spin(since start: UInt64) {
      let now = pb_now_ns()
      let end = now &+ UInt64(max(0, Double(now &- start) * share))
      while pb_now_ns() < end {}
    }
  }
#endif
