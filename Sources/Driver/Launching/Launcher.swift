public import Workload

/// Starts workers, feeds them and waits for their end. Replaced by a fake in tests of scheduling.
public protocol Launcher: Sendable {
  func run(_ launch: Launch) -> LaunchOutcome

  /// Runs workers that take turns: all are alive, one replays a slice while the others wait. The launches ask for
  /// `--step`. A worker that fails drops out; the others go on.
  ///
  /// - Parameter seed: of the order in which turns are taken.
  /// - Returns: an outcome for each launch, in order.
  func runTurns(_ launches: [Launch], seed: UInt64) -> [LaunchOutcome]
}

/// One start of a worker program.
public struct Launch: Equatable, Sendable {
  /// Name of the program.
  public var program: String
  /// Folder of the program; nil for the launcher's own.
  public var folder: String?
  public var arguments: [String]
  /// The whole environment, in order: nothing of the driver's own is inherited.
  public var environment: [Subject.EnvironmentVariable]
  /// Written to its standard input, which is closed after; in turns a zero byte and commands follow.
  public var input: [UInt8]
  /// Wall-clock time after which it is killed; in turns its own alone, without that of the others.
  public var timeout: Duration
  /// Resident bytes beyond which it is killed.
  public var memoryLimit: UInt64
  /// Processors that it is pinned to by its arguments: while turns are taken the driver keeps off them.
  public var processors: [Int]
  /// Whether it measures the harness's own cost. It takes its turns, but so fast that the others' slices are not to be
  /// as long as its own want to be.
  public var isControl: Bool

  public init(
    program: String, folder: String? = nil, arguments: [String], environment: [Subject.EnvironmentVariable] = [],
    input: [UInt8] = [], timeout: Duration = .seconds(300), memoryLimit: UInt64 = .max, processors: [Int] = [],
    isControl: Bool = false
  ) {
    self.program = program
    self.folder = folder
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.timeout = timeout
    self.memoryLimit = memoryLimit
    self.processors = processors
    self.isControl = isControl
  }
}

/// How a worker ended and what it said.
public struct LaunchOutcome: Equatable, Sendable {
  public enum Ending: Equatable, Sendable {
    case exited(Int32)
    /// By a signal that the driver did not send.
    case signalled(Int32)
    case timedOut
    /// Killed by the driver at so many resident bytes.
    case overMemory(UInt64)
    /// Killed because it broke the protocol of taking turns; one sentence how.
    case misspoke(String)
    /// Killed because the user interrupted the run.
    case interrupted
    /// Never ran; one sentence why.
    case notStarted(String)
  }

  public var ending: Ending
  /// Everything from standard output, up to ``outputLimit``.
  public var output: [UInt8]
  /// The end of standard error.
  public var errorTail: String
  public var elapsed: Duration

  /// Bytes of output kept; a record is far below it.
  public static let outputLimit = 16 << 20
  /// Bytes of standard error kept.
  public static let errorTailLimit = 4096

  public init(ending: Ending, output: [UInt8] = [], errorTail: String = "", elapsed: Duration = .zero) {
    self.ending = ending
    self.output = output
    self.errorTail = errorTail
    self.elapsed = elapsed
  }
}
