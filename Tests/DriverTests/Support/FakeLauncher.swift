import Synchronization
import Workload

@testable import Driver

/// Answers at once what a function says, and remembers what it was asked.
final class FakeLauncher: Launcher {
  private let asked = Mutex<[Launch]>([])
  private let asksForTurns = Mutex<[(launches: [Launch], seed: UInt64)]>([])
  private let answer: @Sendable (Launch, WorkerRequest, Int) -> LaunchOutcome

  /// - Parameter answer: of a launch, what it asks for, and how many came before.
  init(_ answer: @escaping @Sendable (Launch, WorkerRequest, Int) -> LaunchOutcome) { self.answer = answer }

  /// One whose workers all succeed.
  convenience init() {
    self.init { _, request, _ in .record(Samples.record(request)) }
  }

  var launches: [Launch] { asked.withLock { $0 } }
  var requests: [WorkerRequest] { launches.compactMap { try? WorkerRequest(arguments: $0.arguments) } }

  /// Who took turns, and the seeds of their orders.
  var turns: [(launches: [Launch], seed: UInt64)] { asksForTurns.withLock { $0 } }

  func runTurns(_ launches: [Launch], seed: UInt64) -> [LaunchOutcome] {
    asksForTurns.withLock { $0.append((launches, seed)) }
    return launches.map(run)
  }

  func run(_ launch: Launch) -> LaunchOutcome {
    let before = asked.withLock { list in
      list.append(launch)
      return list.count - 1
    }
    guard let request = try? WorkerRequest(arguments: launch.arguments) else {
      return LaunchOutcome(ending: .notStarted("not a request"))
    }
    return answer(launch, request, before)
  }
}

extension LaunchOutcome {
  static func record(_ record: RunRecord) -> LaunchOutcome {
    LaunchOutcome(ending: .exited(0), output: Array(record.text.utf8), elapsed: .milliseconds(10))
  }
}

/// Counts what it is told.
final class CountingObserver: RunnerObserver {
  var steps: [Step] = []
  var updates = 0
  var finished = 0

  func willRun(_ step: Step) { steps.append(step) }
  func didRun(_ results: ResultSet) { updates += 1 }
  func didFinishWorkload(_ results: ResultSet) { finished += 1 }
}
