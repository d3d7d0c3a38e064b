import Foundation
import Workload

/// How much the same program seems to differ from itself on this machine: glibc against glibc, by turns and by whole
/// runs.
public struct NoiseFloor: Equatable, Sendable {
  /// Of one way of measuring.
  public struct Mode: Equatable, Sendable {
    /// Logarithms of the within-block ratios, in the order measured.
    public let logarithms: [Double]
    /// The ratio, which is 1 in truth, as a comparison would report it.
    public let estimate: RatioEstimate?
    /// Blocks with which a comparison finds a slow-down by ``NoiseFloor/change``; nil if no number suffices.
    public let blocks: Int?

    /// - Complexity: that of the simulation that prescribes blocks, up to a second.
    public init(logarithms: [Double]) { self.init(logarithms: logarithms, blocks: Self.prescription(logarithms)) }

    init(logarithms: [Double], blocks: Int?) {
      self.logarithms = logarithms
      self.blocks = blocks
      estimate = Bootstrap.ratio(paired: logarithms, seed: 1)
    }

    static func prescription(_ logarithms: [Double]) -> Int? {
      BlockPrescription(change: NoiseFloor.change).blocks(noise: logarithms, seed: 1)
    }

    /// Standard deviation of the logarithms, the ratio's relative error of a single pair.
    public var deviation: Double { Sample.deviation(of: logarithms) }

    /// The same from the median absolute deviation, which single disturbances do not move; the factor makes both agree
    /// for a normal distribution.
    public var robustDeviation: Double {
      guard let median = Sample(logarithms)?.median else { return 0 }
      return (Sample(logarithms.map { abs($0 - median) })?.median ?? 0) * 1.4826
    }
  }

  /// The slow-down that has to be found.
  public static let change = 0.05

  /// Workers that take turns on one processor: throughput on one lane.
  public var turns: Mode
  /// Workers one after the other: everything else.
  public var whole: Mode
}

/// Why there is no noise floor: a sentence for the user.
public struct NoiseFault: Error, Equatable, CustomStringConvertible {
  public let description: String
  public var isInterruption = false
}

extension NoiseFloor {
  /// How much is measured: by default up to some twenty seconds' worth.
  public struct Effort: Equatable, Sendable {
    public var turns: Int
    public var whole: Int
    /// Allocations of one replay; half a million, drawn and replayed twice by a pair, took 0.15 s on two virtual cores.
    public var operations: UInt64
    /// Time of each mode after which no further pair is begun, once there are ``fewest``.
    public var budget: Duration

    public init(turns: Int = 40, whole: Int = 24, operations: UInt64 = 1_000_000, budget: Duration = .seconds(11)) {
      self.turns = turns
      self.whole = whole
      self.operations = operations
      self.budget = budget
    }
  }

  /// Pairs under which nothing can be prescribed; measured whatever they take.
  static let fewest = BlockPrescription.fewestValues

  /// Shaped like `workloads/churn.txt`: mixed sizes, a few thousand live objects, everything in steady state.
  static let workload = """
    seed = 1
    operations = 1M
    size = lognormal(median=64, sigma=1.2, min=8, max=32K)
    lifetime = exponential(mean=4K)

    """

  /// Measures both modes with the workers of `launcher`.
  ///
  /// - Parameters:
  ///   - processors: where the workers are pinned when they take turns; empty to leave that to the system.
  ///   - effort: how many pairs of what length.
  ///   - progress: told before each pair.
  /// - Throws: `NoiseFault` when a worker fails or the user interrupts.
  public static func measure(
    launcher: any Launcher, processors: [Int], effort: Effort = Effort(),
    progress: (_ mode: String, _ pair: Int, _ pairs: Int) -> Void = { _, _, _ in }
  ) throws(NoiseFault) -> NoiseFloor {
    try measure(
      launcher: launcher, processors: processors, effort: effort, prescribe: Mode.prescription, progress: progress)
  }

  /// As above, with another way to prescribe blocks for a mode's logarithms.
  static func measure(
    launcher: any Launcher, processors: [Int], effort: Effort, prescribe: ([Double]) -> Int?,
    progress: (_ mode: String, _ pair: Int, _ pairs: Int) -> Void = { _, _, _ in }
  ) throws(NoiseFault) -> NoiseFloor {
    func launch(steps: Bool) -> Launch {
      let pinned = steps ? processors : []
      let request = WorkerRequest(
        subject: Subject(.glibc), pass: .throughput, workloadName: "noise-floor.txt",
        overrides: WorkloadOverrides(operations: effort.operations), settles: false, steps: steps,
        processors: pinned)
      return Launch(
        program: Subject.Base.glibc.workerName, arguments: request.arguments, input: Array(workload.utf8),
        timeout: .seconds(60), processors: pinned)
    }
    func mode(
      _ name: String, _ pairs: Int, _ outcomes: (_ pair: Int) -> [LaunchOutcome]
    ) throws(NoiseFault) -> Mode {
      let start = ContinuousClock.now
      var logarithms: [Double] = []
      while logarithms.count < pairs {
        if logarithms.count >= fewest, ContinuousClock.now - start > effort.budget { break }
        progress(name, logarithms.count + 1, pairs)
        var times: [Double] = []
        for outcome in outcomes(logarithms.count + 1) { times.append(try time(outcome)) }
        logarithms.append(log(times[1] / times[0]))
      }
      return Mode(logarithms: logarithms, blocks: prescribe(logarithms))
    }
    let turning = launch(steps: true)
    let turns = try mode("turns", effort.turns) { pair in
      launcher.runTurns([turning, turning], seed: UInt64(pair))
    }
    let running = launch(steps: false)
    let whole = try mode("whole runs", effort.whole) { pair in
      let outcomes = [launcher.run(running), launcher.run(running)]
      // Which of the two is called new changes from pair to pair, so that the second place favours neither.
      return pair % 2 == 0 ? outcomes.reversed() : outcomes
    }
    return NoiseFloor(turns: turns, whole: whole)
  }

  /// Nanoseconds of the timed replay.
  private static func time(_ outcome: LaunchOutcome) throws(NoiseFault) -> Double {
    let verdict = RecordJudge(subject: Subject(.glibc), pass: .throughput).judge(outcome)
    guard verdict.status.kind == .ok, let time = verdict.record?.integer(.wallNanoseconds) else {
      let isInterruption = verdict.status.kind == .interrupted
      throw NoiseFault(
        description: isInterruption ? "interrupted" : "a worker of glibc failed: \(verdict.status.sentence)",
        isInterruption: isInterruption)
    }
    return Double(time)
  }
}
