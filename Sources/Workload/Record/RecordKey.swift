/// The keys of a run record. Raw values are the words in the text, and the CSV column where there is one.
public enum RecordKey: String, CaseIterable, Sendable {
  case poolbenchVersion = "poolbench_version"
  case subject
  case workload
  case pass
  case lanes
  case seed
  /// `ok`, `failed`, `out-of-memory`, `unsupported`.
  case status
  /// One sentence that explains a status other than `ok`, or a warning beside `ok`.
  case note
  /// Adaptations in force, separated by commas.
  case adaptation

  // Identity
  case mallocOwner = "malloc_owner"
  case freeOwner = "free_owner"
  case libraryVersion = "library_version"
  case buildID = "build_id"

  // Stream
  /// Hexadecimal digest of all lanes' streams.
  case streamDigest = "stream_digest"
  /// Nominal operations: each allocation, free, resize and access, a scope's end one free for each object it ends.
  case ops
  case allocations
  /// Timed stretches of the stream, all lanes together: the rounds of every phase.
  case rounds
  /// Time between rounds, in which streams were generated, and between the slices of a stepped run.
  case idleNanoseconds = "idle_ns"
  case generateNanoseconds = "generate_ns"

  // Time
  case wallNanoseconds = "wall_ns"
  case cpuNanoseconds = "cpu_ns"
  case drainNanoseconds = "drain_ns"
  case drainOps = "drain_ops"
  case handOverBatches = "handover_batches"
  case handOverWaits = "handover_waits"

  // Latency
  /// `kind` then `bucket:count` pairs; see `LatencyBuckets`. Values are ticks.
  case histogram
  /// `kind ticks` for the exact maximum.
  case maximum
  case ticksPerSecond = "ticks_per_s"
  case clockStepNanoseconds = "clock_step_ns"
  /// Allocations that could not start when their rate wanted, and the latest start, open loop only.
  case lateStarts = "late_starts"
  case latestStartNanoseconds = "latest_start_ns"
  /// Allocations a second that a phase's rate asked each lane for, and that were reached up to the last one's start; of
  /// the lane and phase that fell behind most. Open loop only.
  case askedRate = "asked_rate"
  case achievedRate = "achieved_rate"

  // Memory, in bytes
  case baselineResident = "baseline_rss_bytes"
  /// The whole process at the baseline, harness and program text included.
  case absoluteBaseline = "absolute_baseline_rss_bytes"
  case peakResident = "peak_rss_bytes"
  case absolutePeak = "absolute_peak_rss_bytes"
  case meanResident = "mean_rss_bytes"
  case peakLive = "peak_live_bytes"
  case waste = "waste_bytes"
  case drainedResident = "drained_rss_bytes"
  case soonResident = "soon_rss_bytes"
  case settledResident = "settled_rss_bytes"
  case purgedResident = "purged_rss_bytes"
  case exitedResident = "exited_rss_bytes"
  /// The most address space at a sampling point, less what was mapped at the baseline.
  case addressSpace = "address_space_bytes"
  case harnessBytes = "harness_bytes"
  /// `VmHWM`, a cross-check.
  case highWaterMark = "vm_hwm_bytes"
  /// `rss live` at one sampling point, evenly spaced over the run.
  case sample

  // System
  case minorFaults = "minor_faults"
  case majorFaults = "major_faults"
  case voluntarySwitches = "voluntary_switches"
  case involuntarySwitches = "involuntary_switches"
  case instructions
  case cycles
  /// Loads that missed the first-level data cache.
  case l1Misses = "l1d_misses"
  /// Accesses that missed the last-level cache.
  case cacheMisses = "cache_misses"
  /// Loads that missed the data TLB.
  case tlbMisses = "tlb_misses"
  /// Calls for memory of the system within the timed replay, where they can be counted. What glibc's malloc and `brk`
  /// take is not among them.
  case mapCalls = "mmap_calls"
  case unmapCalls = "munmap_calls"
  case adviseCalls = "madvise_calls"

  /// One verification failure: lane, operation number, what was wrong.
  case violation
}

/// What a worker run is for.
public enum Pass: String, CaseIterable, Sendable {
  case throughput, latency, memory
  case verification = "verify"
}
