import ArgumentParser
import Driver

/// Exit statuses, as scripts rely on them.
enum ExitStatus: Int32 {
  case ok = 0
  /// Of a comparison: something is worse, nothing could be told (when strict), the sides are not alike.
  case regressed = 1
  case cellFailed = 2
  case inconclusive = 3
  case notComparable = 4
  /// As `sysexits.h` numbers them: wrong usage, bad input, missing service, output that can't be written.
  case usage = 64
  case badInput = 65
  case libraryMissing = 69
  case cannotWrite = 73
  /// 128 + SIGINT.
  case interrupted = 130
}

/// The end of a command with a message for the user.
struct Failure: Error {
  var status: ExitStatus
  var messages: [String]

  init(_ status: ExitStatus, _ messages: [String]) {
    self.status = status
    self.messages = messages
  }

  init(_ error: OutputError) {
    switch error {
    // Whoever read the output has seen enough.
    case .closedPipe: self.init(.ok, [])
    case .cannotWrite: self.init(.cannotWrite, ["error: \(error)"])
    }
  }
}

/// Runs the body of a command, shows what went wrong and ends with its status.
func reportingFailures(_ body: () throws -> ExitStatus) throws {
  var status: ExitStatus
  do {
    status = try body()
  } catch let failure as Failure {
    for message in failure.messages { Console.error(message) }
    status = failure.status
  } catch let fault as WorkloadFault {
    for message in fault.messages { Console.error(message) }
    status = .badInput
  } catch let error as OutputError {
    let failure = Failure(error)
    for message in failure.messages { Console.error(message) }
    status = failure.status
  }
  if status != .ok { throw ExitCode(status.rawValue) }
}
