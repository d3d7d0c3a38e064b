public import Workload

/// `--quick`: as few operations as still show something, one repetition, no waits.
public enum QuickMode {
  /// Nominal operations for each core in use. A fixed estimate keeps every subject's stream equal: at 25 ns each the
  /// replay takes 12 ms, and with the warm-up and the drawing of the stream a worker about 50 ms.
  static let operationsPerCore = 500_000.0
  /// What the rates and pauses of the latency pass may cost.
  private static let waitingSeconds = 0.05

  /// Allocations per lane, at most what the workload has.
  public static func operations(_ description: WorkloadDescription, cores: Int) -> UInt64 {
    let full = description.phases.reduce(0) { $0 + $1.operations }
    let estimated = HeapEstimate(description).operations
    let budget = operationsPerCore * Double(max(1, min(cores, description.lanes)))
    var factor = min(1, budget / max(1, estimated))
    let waiting = description.phases.reduce(0.0) { sum, phase in
      sum + (phase.rate.map { Double(phase.operations) / $0 } ?? 0)
    }
    if waiting > 0 { factor = min(factor, waitingSeconds / waiting) }
    // At least one allocation for every phase.
    return min(full, max(UInt64(description.phases.count), UInt64((Double(full) * factor).rounded())))
  }
}
