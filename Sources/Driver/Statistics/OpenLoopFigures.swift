import Workload

/// How a subject kept up with a rate, in the latency pass.
public struct OpenLoopFigures: Equatable, Sendable {
  /// Allocations a second and lane.
  public var asked: Double
  /// The least of all runs.
  public var achieved: Double
  /// The latest start of an operation after its time, in nanoseconds; nil if none was late.
  public var latest: Double?

  /// Part of the rate that has to be reached.
  public static let tolerated = 0.99

  public var isOverloaded: Bool { achieved < Self.tolerated * asked }

  /// Nil without a rate.
  init?(_ runs: [RunResult]) {
    let rates = runs.compactMap { run -> (asked: Double, achieved: Double)? in
      guard let asked = run.number(.askedRate), let achieved = run.number(.achievedRate), asked > 0 else { return nil }
      return (asked, achieved)
    }
    guard let worst = rates.min(by: { $0.achieved / $0.asked < $1.achieved / $1.asked }) else { return nil }
    (asked, achieved) = worst
    latest = runs.compactMap { $0.number(.latestStartNanoseconds) }.max()
  }
}
