public import Workload

/// A worker run that is about to start, or several in turns.
public struct Step: Equatable, Sendable {
  /// Of the first run, from 1, over all workloads of the command.
  public var number: Int
  /// All runs of the command as far as is known: blocks may be added.
  public var total: Int
  public var workload: String
  /// More than one take turns.
  public var subjects: [Subject]
  public var pass: Pass
  /// The block, from 1.
  public var repetition: Int
  /// Blocks of the pass, as far as is known.
  public var repetitions: Int
  /// Whether a look at the figures may add blocks.
  public var mayGrow = false
  /// Nil until there is something to judge by.
  public var remaining: Duration?
}

/// Told between cells, never during one.
public protocol RunnerObserver: AnyObject {
  func willRun(_ step: Step)
  /// A run, or a block of runs that took turns, was added to `results`. - Throws: `OutputError` to end the command.
  func didRun(_ results: ResultSet) throws(OutputError)
  /// The next workload of `results`, in their order, is complete, or as complete as an interruption leaves it.
  func didFinishWorkload(_ results: ResultSet) throws(OutputError)
}
