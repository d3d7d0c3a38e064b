import Foundation
import Workload

/// How long a worker will take, before anything is known about its subject.
struct TimeEstimate {
  /// Nominal operations of one replay.
  private let operations: Double
  private let lanes: Int
  /// Seconds that the latency pass has to wait by the phases' rates and pauses.
  private let waiting: Double

  /// A common allocator's time for one nominal operation (8 to 50 seen).
  static let nanosecondsPerOperation = 25.0
  /// Drawing one operation of the stream.
  private static let nanosecondsToGenerate = 30.0

  init(_ description: WorkloadDescription) {
    operations = HeapEstimate(description).operations
    lanes = description.lanes
    waiting = description.phases.reduce(0) { sum, phase in
      let open = phase.rate.map { Double(phase.operations) / $0 } ?? 0
      return sum + open + Double(phase.pauseNanoseconds) * 1e-9
    }
  }

  private func seconds(nanosecondsPerOperation: Double, cores: Int) -> Double {
    operations * nanosecondsPerOperation * 1e-9 / Double(max(1, min(lanes, cores)))
  }

  /// Of one worker run: the stream drawn and replayed twice, once to warm up. Waits come on top.
  func run(_ pass: Pass, cores: Int, settles: Bool) -> Double {
    let perOperation = pass == .latency ? 4 * Self.nanosecondsPerOperation : Self.nanosecondsPerOperation
    let replays = pass == .memory || pass == .verification ? 1.0 : 2.0
    let busy = seconds(nanosecondsPerOperation: Self.nanosecondsToGenerate + replays * perOperation, cores: cores)
    return 0.02 + busy + (pass == .latency ? waiting : 0) + (pass == .memory && settles ? 1.1 : 0)
  }

  /// Far beyond any honest run: a minute, and 4 µs an operation as if on one core.
  var timeout: Duration {
    .seconds(60 + 2 * waiting) + .seconds(seconds(nanosecondsPerOperation: 4000, cores: 1))
  }
}
