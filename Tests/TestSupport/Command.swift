public import Foundation

/// Runs a program to its end and keeps what it said.
public struct Command {
  public var executable: URL
  public var arguments: [String]
  /// The whole environment of the program; nothing is inherited.
  public var environment: [String: String]
  public var input: String
  public var directory: URL?
  /// Seconds after which the program is killed.
  public var timeout: Double

  public init(
    _ executable: URL, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "",
    directory: URL? = nil, timeout: Double = 60
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.directory = directory
    self.timeout = timeout
  }

  public enum End: Equatable, Sendable {
    case exit(Int32)
    case signal(Int32)
    case timeout
  }

  public struct Result: Sendable {
    public var end: End
    public var output: String
    public var errors: String

    public var succeeded: Bool { end == .exit(0) }
    public var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }

    /// The rest of the first line that starts with `key` and a space.
    public func value(of key: String) -> String? {
      lines.first { $0.hasPrefix(key + " ") }.map { String($0.dropFirst(key.count + 1)) }
    }
  }

  /// Blocks until the program has ended. Input and output pass through files, so neither side can fill a pipe.
  ///
  /// - Throws: what Foundation throws when the program can't be started.
  public func run() throws -> Result {
    try TemporaryFolder.with { folder in
      let input = folder.appending(path: "input")
      let output = folder.appending(path: "output")
      let errors = folder.appending(path: "errors")
      try Data(self.input.utf8).write(to: input)
      try Data().write(to: output)
      try Data().write(to: errors)

      let process = Process()
      process.executableURL = executable
      process.arguments = arguments
      process.environment = environment
      if let directory { process.currentDirectoryURL = directory }
      process.standardInput = try FileHandle(forReadingFrom: input)
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      let ended = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in ended.signal() }
      try process.run()
      let inTime = ended.wait(timeout: .now() + timeout) == .success
      if !inTime {
        kill(process.processIdentifier, SIGKILL)
        ended.wait()
      }
      let end: End
      if !inTime {
        end = .timeout
      } else if process.terminationReason == .uncaughtSignal {
        end = .signal(process.terminationStatus)
      } else {
        end = .exit(process.terminationStatus)
      }
      return Result(
        end: end, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
  }
}
