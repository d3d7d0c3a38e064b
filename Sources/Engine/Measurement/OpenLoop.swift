/// When each allocation of a phase with a rate is due on one lane, and how far behind the lane is. All times in ticks.
///
/// The clock stands still between stretches of the replay (rounds, slices), since nobody could allocate then; what is
/// late when a stretch ends is as late when the next one of the phase begins.
struct OpenLoop {
  /// Allocations a tick: asked for, and started, from the phase's beginning to the last start.
  struct Pace: Equatable {
    var asked: Double
    var achieved: Double
  }

  private var phase = -1
  /// Between two allocations of the phase at hand, 0 without a rate.
  private var interval = 0.0
  /// When the next allocation is due, counted from `clockStart`.
  private var dueOffset = 0.0
  private var clockStart: UInt64 = 0
  private var stoppedAt: UInt64 = 0
  /// Due time of the allocation at hand, 0 when it has none.
  private var dueNow: UInt64 = 0
  /// Allocations of the phase at hand, and the last one's start, counted from `clockStart`.
  private var started = 0
  private var lastStart: UInt64 = 0
  /// Of the phases before.
  private var slowest: Pace?

  /// Allocations that could not start when they were due, and how late the latest one was.
  private(set) var lateStarts = 0
  private(set) var latestStart: UInt64 = 0

  /// A stretch begins: of the phase at hand, or the first of another one.
  mutating func run(phase: Int, interval: Double, at now: UInt64) {
    if phase == self.phase {
      let stood = now &- stoppedAt
      clockStart &+= stood
      // A slice may end between the wait for an allocation and the allocation.
      if dueNow != 0 { dueNow &+= stood }
      return
    }
    slowest = pace
    self.phase = phase
    self.interval = interval
    clockStart = now
    // Not at once: the first allocation would be late by whatever comes before it.
    dueOffset = interval
    dueNow = 0
    started = 0
    lastStart = 0
  }

  mutating func stop(at now: UInt64) { stoppedAt = now }

  /// When the next allocation may start.
  mutating func nextDue() -> UInt64 {
    let due = clockStart &+ UInt64(dueOffset)
    dueOffset += interval
    return due
  }

  /// The allocation that was due at `due` starts. It is late if the lane was not there when it was due; not if it
  /// waited for that and woke a little after.
  mutating func start(due: UInt64, arrived: UInt64, at now: UInt64) {
    if arrived > due {
      lateStarts += 1
      latestStart = max(latestStart, arrived &- due)
    }
    started += 1
    lastStart = now &- clockStart
    dueNow = due
  }

  /// What the latency of an allocation that begins at `begin` counts from: when it was due, if it was.
  @inline(__always)
  mutating func intendedStart(_ begin: UInt64) -> UInt64 {
    if dueNow == 0 { return begin }
    let due = dueNow
    dueNow = 0
    return min(begin, due)
  }

  /// Of the phase that fell behind most; nil if none had a rate.
  var pace: Pace? {
    guard interval > 0, started > 0 else { return slowest }
    let asked = 1 / interval
    return Self.slower(slowest, Pace(asked: asked, achieved: min(asked, Double(started) / Double(lastStart))))
  }

  /// Adds another lane's figures to this one's. Neither runs again.
  mutating func merge(_ other: OpenLoop) {
    slowest = Self.slower(pace, other.pace)
    interval = 0
    lateStarts += other.lateStarts
    latestStart = max(latestStart, other.latestStart)
  }

  private static func slower(_ a: Pace?, _ b: Pace?) -> Pace? {
    guard let a, let b else { return a ?? b }
    return a.achieved * b.asked <= b.achieved * a.asked ? a : b
  }
}
