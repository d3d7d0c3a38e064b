public import Workload

/// A worker run that is about to start.
public struct Step: Equatable, Sendable {
  /// From 1, over all workloads of the command.
  public var number: Int
  public var total: Int
  public var workload: String
  public var subject: Subject
  public var pass: Pass
  public var repetition: Int
  public var repetitions: Int
  /// Nil until there is something to judge by.
  public var remaining: Duration?
}

/// Told between cells, never during one.
public protocol RunnerObserver: AnyObject {
  func willRun(_ step: Step)
  /// A run was added to the last workload of `results`. - Throws: `OutputError` to end the command.
  func didRun(_ results: ResultSet) throws(OutputError)
  /// The last workload of `results` is complete, or as complete as an interruption leaves it.
  func didFinishWorkload(_ results: ResultSet) throws(OutputError)
}
