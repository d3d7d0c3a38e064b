public import Workload

/// How many blocks a command measures.
public struct BlockPolicy: Equatable, Sendable {
  /// So many of every pass; nil: those of the throughput pass by the stopping rule, of the others a default.
  public var count: Int?
  /// Wall-clock time of the whole command after which no further block is begun. What is measured until then counts.
  public var budget: Duration?

  /// Without a count: so many of every pass at least, as a verdict over them needs.
  public var fewest: Int

  /// Without a budget: time that each workload's blocks beyond those that every run has may take, in seconds.
  public static let extraSeconds = 60

  public init(count: Int? = nil, budget: Duration? = nil, fewest: Int = 1) {
    self.count = count
    self.budget = budget
    self.fewest = fewest
  }

  /// Blocks of a pass before anybody looks whether they suffice. Time varies most, resident memory of a fixed stream
  /// hardly; one verification says it all.
  public func least(of pass: Pass) -> Int {
    switch pass {
    case .verification: 1
    case .throughput: count ?? max(fewest, StoppingRule.looks[0])
    case .latency: count ?? max(fewest, 3)
    case .memory: count ?? max(fewest, 2)
    }
  }
}
