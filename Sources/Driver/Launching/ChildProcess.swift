import Foundation
import Synchronization
import Workload

/// A running child with pipes on its three standard streams, in a process group of its own.
///
/// `posix_spawn` and `waitpid` directly: Foundation's `Process` can neither make a process group nor reset signal
/// dispositions, and an asynchronous library would put its threads beside a timed worker.
struct ChildProcess {
  let identifier: pid_t
  /// The driver's ends, none of which blocks. −1 once closed.
  private(set) var input: Int32
  private(set) var output: Int32
  private(set) var errors: Int32

  enum SpawnError: Error {
    /// `errno` of the step that failed.
    case system(Int32)
  }

  /// Held from making the pipes until they are marked and inherited, so that no child started at the same time
  /// keeps an end of them open.
  private static let spawning = Mutex(())

  /// - Throws: `SpawnError`; no descriptor is left open then.
  static func spawn(
    path: String, arguments: [String], environment: [Subject.EnvironmentVariable]
  ) throws(SpawnError) -> ChildProcess {
    let result = spawning.withLock { _ in
      Result { () throws(SpawnError) in try spawnAlone(path: path, arguments: arguments, environment: environment) }
    }
    return try result.get()
  }

  private static func spawnAlone(
    path: String, arguments: [String], environment: [Subject.EnvironmentVariable]
  ) throws(SpawnError) -> ChildProcess {
    var pipes: [(read: Int32, write: Int32)] = []
    func closeAll() { for pipe in pipes { _ = (close(pipe.read), close(pipe.write)) } }
    for _ in 0..<3 {
      var ends: [Int32] = [-1, -1]
      guard unsafe pipe(&ends) == 0 else {
        let code = errno
        closeAll()
        throw .system(code)
      }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      pipes.append((ends[0], ends[1]))
    }

    let variables = environment.map { "\($0.name)=\($0.value)" }
    let (code, identifier) = spawn(
      path: path, arguments: [path] + arguments, environment: variables,
      descriptors: [pipes[0].read, pipes[1].write, pipes[2].write])
    guard code == 0 else {
      closeAll()
      throw .system(code)
    }
    _ = (close(pipes[0].read), close(pipes[1].write), close(pipes[2].write))
    let child = ChildProcess(
      identifier: identifier, input: pipes[0].write, output: pipes[1].read, errors: pipes[2].read)
    for descriptor in [child.input, child.output, child.errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    return child
  }

  private static func spawn(
    path: String, arguments: [String], environment: [String], descriptors: [Int32]
  ) -> (code: Int32, identifier: pid_t) {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (target, descriptor) in descriptors.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
    }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // The driver ignores SIGPIPE and catches SIGINT; a worker starts with neither.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var argumentPointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var environmentPointers = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer {
      for index in unsafe argumentPointers.indices { unsafe free(argumentPointers[index]) }
      for index in unsafe environmentPointers.indices { unsafe free(environmentPointers[index]) }
    }
    var identifier: pid_t = 0
    let code = unsafe posix_spawn(
      &identifier, path, &actions, &attributes, &argumentPointers, &environmentPointers)
    return (code, identifier)
  }

  /// Writes as much of `bytes` as fits. Nil when the child will read no more.
  mutating func writeSome(_ bytes: ArraySlice<UInt8>) -> Int? {
    let count = unsafe bytes.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  mutating func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  enum Stream { case output, errors }

  /// Bytes that one call of ``drain(_:into:)`` reads at most, so that a child that floods a stream cannot keep the
  /// driver from looking at anything else.
  private static let mostDrained = 1 << 20

  /// Reads what is there, up to a limit, and hands it over piece by piece; closes the stream at its end.
  mutating func drain(_ stream: Stream, into take: (ArraySlice<UInt8>) -> Void) {
    let descriptor = stream == .output ? output : errors
    guard descriptor >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    for _ in 0..<Self.mostDrained / buffer.count {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        take(buffer[..<count])
      } else if count < 0, errno == EINTR {
        continue
      } else {
        if count < 0, errno == EAGAIN { return }
        close(descriptor)
        if stream == .output { output = -1 } else { errors = -1 }
        return
      }
    }
  }

  /// What `poll` is to wait for: something to read, or room to write if `wantsToWrite`.
  func awaited(wantsToWrite: Bool) -> [pollfd] {
    var list: [pollfd] = []
    if output >= 0 { list.append(pollfd(fd: output, events: Int16(POLLIN), revents: 0)) }
    if errors >= 0 { list.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
    if wantsToWrite, input >= 0 { list.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
    return list
  }

  /// Whether the child has ended. It stays in the process table, so that its number and its group's are nobody else's.
  var hasEnded: Bool {
    var facts = unsafe siginfo_t()
    let code = unsafe waitid(P_PID, id_t(identifier), &facts, WEXITED | WNOHANG | WNOWAIT)
    return unsafe code == 0 && facts.si_signo == SIGCHLD
  }

  /// The raw wait status of a child that has ended; removes it from the process table.
  func reap() -> Int32? {
    var status: Int32 = 0
    return unsafe waitpid(identifier, &status, WNOHANG) == identifier ? status : nil
  }

  /// Ends the child and what it has started, at once. Only before it is reaped.
  func killGroup() {
    kill(-identifier, SIGKILL)
    // Also where it has left the group.
    kill(identifier, SIGKILL)
  }

  mutating func closeAll() {
    closeInput()
    for descriptor in [output, errors] where descriptor >= 0 { close(descriptor) }
    (output, errors) = (-1, -1)
  }
}
