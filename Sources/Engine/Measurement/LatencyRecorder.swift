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

  private(set) var loop = OpenLoop()

  init(ticksPerSecond: Double) {
    counts = MappedArray(capacity: OperationKind.allCases.count * Self.stride)
    ticksPerNanosecond = ticksPerSecond / 1e9
  }

  @inline(__always)
  mutating func begin() -> UInt64 { pb_ticks_begin() }

  @inline(__always)
  mutating func end(_ kind: OperationKind, _ begin: UInt64) {
    let end = pb_ticks_end()
    let begin = kind == .allocate ? loop.intendedStart(begin) : begin
    let ticks = end > begin ? end &- begin : 0
    let row = counts.base + kind.ordinal &* Self.stride
    row[LatencyBuckets.index(of: ticks)] &+= 1
    if ticks > row[LatencyBuckets.count] { row[LatencyBuckets.count] = ticks }
  }

  @inline(never)
  mutating func waitForTurn() {
    let due = loop.nextDue()
    let arrived = pb_ticks_begin()
    var now = arrived
    if now < due {
      // Sleep most of the wait, so that a lane that is early leaves the core to others, and spin the rest of it.
      let spare = Double(due &- now) / ticksPerNanosecond - 60_000
      if spare > 0 { pb_sleep_ns(UInt64(spare)) }
      repeat { now = pb_ticks_begin() } while now < due
    }
    loop.start(due: due, arrived: arrived, at: now)
  }

  mutating func segmentBegins(nanosecondsBetween nanoseconds: Double, phase: Int) {
    loop.run(phase: phase, interval: nanoseconds * ticksPerNanosecond, at: pb_ticks_begin())
  }

  mutating func segmentEnds() { loop.stop(at: pb_ticks_begin()) }

  /// Not while a clock runs.
  mutating func clear() {
    for index in 0..<(OperationKind.allCases.count * Self.stride) { counts[index] = 0 }
    loop = OpenLoop()
  }

  /// Adds another lane's counts to this one's.
  mutating func merge(_ other: LatencyRecorder) {
    for kind in OperationKind.allCases {
      let row = counts.base + kind.ordinal * Self.stride
      let source = other.counts.base + kind.ordinal * Self.stride
      for index in 0..<LatencyBuckets.count { row[index] += source[index] }
      row[LatencyBuckets.count] = max(row[LatencyBuckets.count], source[LatencyBuckets.count])
    }
    loop.merge(other.loop)
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
    if let pace = loop.pace {
      // To a thousandth: digits beyond are the clock's.
      func rate(_ perTick: Double) -> Double { (perTick * ticksPerNanosecond * 1e12).rounded() / 1e3 }
      record.add(.askedRate, rate(pace.asked))
      record.add(.achievedRate, rate(pace.achieved))
    }
    if loop.lateStarts > 0 {
      record.add(.lateStarts, loop.lateStarts)
      record.add(.latestStartNanoseconds, Int(Double(loop.latestStart) / ticksPerNanosecond))
    }
  }
}
