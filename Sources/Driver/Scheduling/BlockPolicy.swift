public import Workload

/// How many blocks a command measures.
public struct BlockPolicy: Equatable, Sendable {
  /// So many of every pass; nil: those of the throughput pass by the stopping rule, of the others a default.
  public var count: Int?
  /// Wall-clock time of the whole command after which no further block is begun. What is measured until then counts.
  public var budget: Duration?

  /// Without a budget: time that each workload's blocks beyond those that every run has may take, in seconds.
  public static let extraSeconds = 60

  public init(count: Int? = nil, budget: Duration? = nil) {
    self.count = count
    self.budget = budget
  }

  /// Blocks of a pass before anybody looks whether they suffice. Time varies most, resident memory of a fixed stream
  /// hardly; one verification says it all.
  public func least(of pass: Pass) -> Int {
    switch pass {
    case .verification: 1
    case .throughput: count ?? StoppingRule.looks[0]
    case .latency: count ?? 3
    case .memory: count ?? 2
    }
  }
}
