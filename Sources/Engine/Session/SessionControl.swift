import CPlatform
import Workload

/// What lanes agree on between gates: written by lane 0 while the others wait, read by all.
struct SessionControl: BitwiseCopyable {
  enum Failure: UInt8, BitwiseCopyable { case none, unsupported, outOfMemory, noThread }

  var failure = Failure.none
  /// Bytes that were refused.
  var refusedBytes = 0
  /// Whether all lanes have generated the phase at hand to its end.
  var isPhaseComplete = false

  // Sums over timed segments.
  var wall: UInt64 = 0
  var cpu: UInt64 = 0
  var rounds = 0
  var idle: UInt64 = 0
  var minorFaults: UInt64 = 0
  var majorFaults: UInt64 = 0
  var voluntarySwitches: UInt64 = 0
  var involuntarySwitches: UInt64 = 0
  /// What the subject asked the system for; nil where that cannot be told.
  var calls: pb_system_calls?
  var drainWall: UInt64 = 0
  var generateTime: UInt64 = 0

  // The segment at hand.
  var cpuAtStart: UInt64 = 0
  var usageAtStart = pb_usage()
  var callsAtStart: pb_system_calls?
  var lastEnd: UInt64 = 0

  // Resident bytes of the subject after the drain; −1 where not looked at.
  var drained = -1
  var soon = -1
  var settled = -1
  var purged = -1
  var exited = -1
}

/// Sums of the hardware counters over timed segments, each nil where the machine has no such counter.
struct CounterSums: BitwiseCopyable {
  var instructions: UInt64?
  var cycles: UInt64?
  var l1Misses: UInt64?
  var cacheMisses: UInt64?
  var tlbMisses: UInt64?
  var areOpen = false

  mutating func add(_ reading: pb_counter_values) {
    func sum(_ total: inout UInt64?, _ isAvailable: Bool, _ value: UInt64) {
      if isAvailable { total = (total ?? 0) &+ value }
    }
    sum(&instructions, reading.available.0, reading.values.0)
    sum(&cycles, reading.available.1, reading.values.1)
    sum(&l1Misses, reading.available.2, reading.values.2)
    sum(&cacheMisses, reading.available.3, reading.values.3)
    sum(&tlbMisses, reading.available.4, reading.values.4)
  }
  func describe(into record: inout RunRecord) {
    for (key, sum) in [
      (RecordKey.instructions, instructions), (.cycles, cycles), (.l1Misses, l1Misses), (.cacheMisses, cacheMisses),
      (.tlbMisses, tlbMisses),
    ] {
      if let sum { record.add(key, sum) }
    }
  }
}
