import Driver
import Foundation

/// The person's side of the program.
enum Console {
  static let output = Terminal.of(descriptor: STDOUT_FILENO)
  static let errors = Terminal.of(descriptor: STDERR_FILENO)

  /// - Throws: `OutputError`, also for a pipe whose reader is gone.
  static func print(_ text: String) throws(OutputError) { try OutputFile.writeToStandardOutput(text) }

  /// One message on a line of its own.
  static func error(_ message: String) {
    OutputFile.writeToStandardError(message + "\n")
  }
}
