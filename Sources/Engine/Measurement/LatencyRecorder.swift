import CPlatform
import Workload

/// The latency pass: every operation timed on its own with fenced reads of the cycle counter, counted outside the
/// timed span in fixed arrays.
///
/// In a phase with a rate an allocation's latency runs from when it was due, so that waiting in line behind a slow one
/// is not forgotten (coordinated omission).
struct LatencyRecorder: Recorder {
  /// Per kind: counts by `LatencyBuckets`, then the largest value.
  private static let stride = LatencyBuckets.count + 1
  private let counts: MappedArray<UInt64>
  private let ticksPerNanosecond: Double

  /// Ticks between two allocations of the phase at hand, 0 without a rate.
  private var interval = 0.0
  /// When the next allocation is due, counted from `clockStart`.
  private var dueOffset = 0.0
  private var clockStart: UInt64 = 0
  private var stoppedAt: UInt64 = 0
  private var phase = -1
  /// Due time of the allocation at hand, 0 when it has none.
  private var dueNow: UInt64 = 0
  private(set) var lateStarts = 0
  private(set) var latestStart: UInt64 = 0

  init(ticksPerSecond: Double) {
    counts = MappedArray(capacity: OperationKind.allCases.count * Self.stride)
    ticksPerNanosecond = ticksPerSecond / 1e9
  }

  @inline(__always)
  mutating func begin() -> UInt64 { pb_ticks_begin() }

  @inline(__always)
  mutating func end(_ kind: OperationKind, _ begin: UInt64) {
    let end = pb_ticks_end()
    var begin = begin
    if kind == .allocate, dueNow != 0 {
      begin = min(begin, dueNow)
      dueNow = 0
    }
    let ticks = end > begin ? end &- begin : 0
    let row = counts.base + kind.ordinal &* Self.stride
    row[LatencyBuckets.index(of: ticks)] &+= 1
    if ticks > row[LatencyBuckets.count] { row[LatencyBuckets.count] = ticks }
  }

  @inline(never)
  mutating func waitForTurn() {
    let due = clockStart &+ UInt64(dueOffset)
    dueOffset += interval
    var now = pb_ticks_begin()
    if now < due {
      // Sleep most of the wait, so that a lane that is early leaves the core to others, and spin the rest of it.
      let spare = Double(due &- now) / ticksPerNanosecond - 60_000
      if spare > 0 { pb_sleep_ns(UInt64(spare)) }
      repeat { now = pb_ticks_begin() } while now < due
    } else if now > due {
      lateStarts += 1
      latestStart = max(latestStart, now &- due)
    }
    dueNow = due
  }

  /// Clocks stood still since the last segment ended; lateness carries over within a phase.
  mutating func segmentBegins(nanosecondsBetween nanoseconds: Double, phase: Int) {
    let now = pb_ticks_begin()
    interval = nanoseconds * ticksPerNanosecond
    if phase != self.phase {
      self.phase = phase
      clockStart = now
      // Not at once: the first allocation would be late by whatever comes before it.
      dueOffset = interval
    } else {
      clockStart &+= now &- stoppedAt
    }
  }

  mutating func segmentEnds() { stoppedAt = pb_ticks_begin() }

  /// Not while a clock runs.
  mutating func clear() {
    for index in 0..<(OperationKind.allCases.count * Self.stride) { counts[index] = 0 }
    lateStarts = 0
    latestStart = 0
    phase = -1
  }

  /// Adds another lane's counts to this one's.
  mutating func merge(_ other: LatencyRecorder) {
    for kind in OperationKind.allCases {
      let row = counts.base + kind.ordinal * Self.stride
      let source = other.counts.base + kind.ordinal * Self.stride
      for index in 0..<LatencyBuckets.count { row[index] += source[index] }
      row[LatencyBuckets.count] = max(row[LatencyBuckets.count], source[LatencyBuckets.count])
    }
    lateStarts += other.lateStarts
    latestStart = max(latestStart, other.latestStart)
  }

  /// Writes histograms and maxima.
  func describe(into record: inout RunRecord) {
    for kind in OperationKind.allCases {
      let row = counts.base + kind.ordinal * Self.stride
      var text = kind.rawValue
      var total: UInt64 = 0
      for index in 0..<LatencyBuckets.count where row[index] > 0 {
        text += " \(index):\(row[index])"
        total += row[index]
      }
      if total == 0 { continue }
      record.add(.histogram, text)
      record.add(.maximum, "\(kind.rawValue) \(row[LatencyBuckets.count])")
    }
    if lateStarts > 0 {
      record.add(.lateStarts, lateStarts)
      record.add(.latestStartNanoseconds, Int(Double(latestStart) / ticksPerNanosecond))
    }
  }
}

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
    let ticksPerSecond = Double(end.ticks - start.ticks) / Double(end.time - start.time) * 1e9
    var step = UInt64.max
    for _ in 0..<1000 {
      let first = pb_ticks_begin()
      var second = first
      while second == first { second = pb_ticks_begin() }
      step = min(step, second - first)
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
      let passed = pb_ticks_end() - before
      if passed < least { (best, least) = ((before + passed / 2, time), passed) }
    }
    return best
  }
}
