import Foundation
import Workload

/// Runs workers as processes beside the driver's own executable.
///
/// While a worker measures, the driver sleeps in `poll` and wakes a few times a second to look at the worker's memory,
/// the clock and whether the user has interrupted.
public struct ProcessLauncher: Launcher {
  /// The folder that holds the worker programs.
  public var folder: String
  /// Asked while a worker runs; true ends it.
  public var isInterrupted: @Sendable () -> Bool

  /// How long it sleeps at most before it looks at the worker's memory.
  private static let interval: Int32 = 50
  /// Tries when another process still writes the program (`ETXTBSY`, seen right after a build).
  private static let busyTries = 20

  public init(folder: String, isInterrupted: @escaping @Sendable () -> Bool = { Interruption.isRequested }) {
    // A worker that ends before it has read all shows as an error of `write`.
    Interruption.ignoreClosedPipes()
    self.folder = folder
    self.isInterrupted = isInterrupted
  }

  public func run(_ launch: Launch) -> LaunchOutcome {
    let path = (launch.folder ?? folder) + "/" + launch.program
    let clock = ContinuousClock()
    var tries = 0
    while true {
      do {
        let child = try ChildProcess.spawn(path: path, arguments: launch.arguments, environment: launch.environment)
        return attend(child, launch, from: clock.now)
      } catch {
        guard case .system(let code) = error, code == ETXTBSY, tries < Self.busyTries else {
          return LaunchOutcome(ending: .notStarted(Self.explain(error, path)))
        }
        tries += 1
        usleep(50_000)
      }
    }
  }

  public func runTurns(_ launches: [Launch], seed: UInt64) -> [LaunchOutcome] { fatalError("skeleton") }

  private static func explain(_ error: ChildProcess.SpawnError, _ path: String) -> String {
    guard case .system(let code) = error else { return "cannot start \(path)" }
    return code == ENOENT ? "the worker program \(path) is missing" : "cannot start \(path): \(systemMessage(code))"
  }

  private func attend(_ started: ChildProcess, _ launch: Launch, from start: ContinuousClock.Instant) -> LaunchOutcome {
    var child = started
    defer { child.closeAll() }
    let deadline = start + launch.timeout
    var unwritten = launch.input[...]
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var killed: LaunchOutcome.Ending?

    func takeOutput(_ bytes: ArraySlice<UInt8>) {
      output += bytes.prefix(LaunchOutcome.outputLimit - output.count)
    }
    func takeErrors(_ bytes: ArraySlice<UInt8>) {
      errors += bytes
      if errors.count > LaunchOutcome.errorTailLimit { errors.removeFirst(errors.count - LaunchOutcome.errorTailLimit) }
    }
    func listen() {
      child.drain(.output, into: takeOutput)
      child.drain(.errors, into: takeErrors)
    }

    while true {
      if unwritten.isEmpty {
        child.closeInput()
      } else if let count = child.writeSome(unwritten) {
        unwritten = unwritten.dropFirst(count)
        if count > 0 { continue }
      } else {
        unwritten = []
      }
      // A worker closes its streams just before it ends: then only its end is waited for, in short steps.
      let isClosing = child.output < 0 && child.errors < 0
      child.waitForActivity(milliseconds: isClosing ? 1 : Self.interval, wantsToWrite: !unwritten.isEmpty)
      listen()
      if let status = child.reap() {
        listen()
        // Whatever the worker left behind in its group ends with it.
        child.killGroup()
        let elapsed = ContinuousClock.now - start
        let tail = String(decoding: errors, as: UTF8.self)
        return LaunchOutcome(
          ending: killed ?? Self.ending(of: status), output: output, errorTail: tail, elapsed: elapsed)
      }
      if killed == nil, let reason = reasonToKill(child, launch, deadline) {
        killed = reason
        child.killGroup()
      }
    }
  }

  private func reasonToKill(
    _ child: ChildProcess, _ launch: Launch, _ deadline: ContinuousClock.Instant
  ) -> LaunchOutcome.Ending? {
    if isInterrupted() { return .interrupted }
    if ContinuousClock.now >= deadline { return .timedOut }
    if launch.memoryLimit < .max, let resident = SystemMemory.residentBytes(of: child.identifier),
      resident > launch.memoryLimit
    {
      return .overMemory(resident)
    }
    return nil
  }

  /// Decodes a wait status as `WIFEXITED`, `WEXITSTATUS` and `WTERMSIG` do.
  private static func ending(of status: Int32) -> LaunchOutcome.Ending {
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
  }
}

/// The system's own words for an error number.
func systemMessage(_ code: Int32) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}
