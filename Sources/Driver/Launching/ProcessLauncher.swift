import Foundation
import Workload

/// Runs workers as processes beside the driver's own executable, one alone or several in turns.
public struct ProcessLauncher: Launcher {
  /// The folder that holds the worker programs.
  public var folder: String
  /// Asked while a worker runs; true ends it.
  public var isInterrupted: @Sendable () -> Bool

  /// Tries when another process still writes the program (`ETXTBSY`, seen right after a build).
  private static let busyTries = 20

  public init(folder: String, isInterrupted: @escaping @Sendable () -> Bool = { Interruption.isRequested }) {
    // A worker that ends before it has read all shows as an error of `write`.
    Interruption.ignoreClosedPipes()
    self.folder = folder
    self.isInterrupted = isInterrupted
  }

  public func run(_ launch: Launch) -> LaunchOutcome {
    switch start(launch, keepsInput: false) {
    case .failure(let fault): return fault.outcome
    case .success(let worker):
      var attendance = Attendance([worker], isInterrupted: isInterrupted)
      while true {
        attendance.attend(busy: [0])
        if let outcome = attendance.workers[0].outcome { return outcome }
      }
    }
  }

  public func runTurns(_ launches: [Launch], seed: UInt64) -> [LaunchOutcome] {
    var outcomes = [LaunchOutcome?](repeating: nil, count: launches.count)
    var workers: [AttendedWorker] = []
    var places: [Int] = []
    // Nobody is always the first to map its memory.
    var random = SplitMix64(state: ~seed)
    for index in Schedule.shuffled(launches.count, &random) {
      switch start(launches[index], keepsInput: true) {
      case .failure(let fault): outcomes[index] = fault.outcome
      case .success(let worker):
        workers.append(worker)
        places.append(index)
      }
    }
    // Only now: a child inherits the processors of its parent.
    let aside = ProcessorSet.leave(Set(launches.flatMap(\.processors)))
    defer { aside?.apply() }
    var turns = TurnTaking(Attendance(workers, isInterrupted: isInterrupted), seed: seed)
    for (place, outcome) in zip(places, turns.run()) { outcomes[place] = outcome }
    return outcomes.compactMap { $0 }
  }

  /// Why a worker does not run at all.
  private struct StartFault: Error {
    var outcome: LaunchOutcome
  }

  private func start(_ launch: Launch, keepsInput: Bool) -> Result<AttendedWorker, StartFault> {
    let path = (launch.folder ?? folder) + "/" + launch.program
    var tries = 0
    while true {
      do {
        let child = try ChildProcess.spawn(path: path, arguments: launch.arguments, environment: launch.environment)
        return .success(AttendedWorker(child, launch, keepsInput: keepsInput))
      } catch {
        guard case .system(let code) = error, code == ETXTBSY, tries < Self.busyTries else {
          return .failure(StartFault(outcome: LaunchOutcome(ending: .notStarted(Self.explain(error, path)))))
        }
        tries += 1
        usleep(50_000)
      }
    }
  }

  private static func explain(_ error: ChildProcess.SpawnError, _ path: String) -> String {
    guard case .system(let code) = error else { return "cannot start \(path)" }
    return code == ENOENT ? "the worker program \(path) is missing" : "cannot start \(path): \(systemMessage(code))"
  }
}

/// The system's own words for an error number.
func systemMessage(_ code: Int32) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}
