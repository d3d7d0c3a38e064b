import Foundation

/// Where a format is written: a file that is whole at every moment, or standard output.
///
/// A regular file is written beside itself and renamed, so that whoever looks, even after a crash, finds a whole
/// document. What can't be renamed over (a device, a pipe, a file in a folder that takes no new one) is written once,
/// at the end.
public final class OutputFile {
  public let path: String
  private enum Way {
    case replace(String)
    case once(Int32)
    case standardOutput
  }
  private let way: Way

  /// Opens before anything is measured.
  ///
  /// - Parameter path: `-` is standard output.
  /// - Throws: `OutputError` if it can't be written.
  public init(path: String) throws(OutputError) {
    self.path = path
    if path == "-" {
      way = .standardOutput
      return
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw OutputError.cannotWrite(path, systemMessage(errno)) }
    var facts = stat()
    _ = unsafe fstat(descriptor, &facts)
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let folder = (resolved as NSString).deletingLastPathComponent
    if facts.st_mode & S_IFMT == S_IFREG, unsafe access(folder.isEmpty ? "." : folder, W_OK) == 0 {
      close(descriptor)
      way = .replace(resolved)
    } else {
      way = .once(descriptor)
    }
  }

  /// Whether it is worth writing before the end.
  public var takesIntermediate: Bool {
    if case .replace = way { return true }
    return false
  }

  /// Replaces the whole contents.
  public func write(_ text: String, isFinal: Bool) throws(OutputError) {
    switch way {
    case .replace(let target):
      let temporary = target + ".partial"
      var mode: mode_t = 0o666
      var facts = stat()
      if unsafe stat(target, &facts) == 0 { mode = facts.st_mode & 0o777 }
      let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
      if descriptor < 0 { throw OutputError.cannotWrite(path, systemMessage(errno)) }
      var failure = Self.writeAll(text, to: descriptor)
      if failure == nil, isFinal, fsync(descriptor) != 0 { failure = errno }
      if close(descriptor) != 0, failure == nil { failure = errno }
      if failure == nil, unsafe rename(temporary, target) != 0 { failure = errno }
      if let failure {
        unsafe unlink(temporary)
        throw OutputError.cannotWrite(path, systemMessage(failure))
      }
    case .once(let descriptor):
      if !isFinal { return }
      _ = ftruncate(descriptor, 0)
      try Self.check(Self.writeAll(text, to: descriptor), path)
      if close(descriptor) != 0 { throw OutputError.cannotWrite(path, systemMessage(errno)) }
    case .standardOutput:
      if isFinal { try Self.writeToStandardOutput(text) }
    }
  }

  /// - Throws: `.closedPipe` when the reader is gone.
  public static func writeToStandardOutput(_ text: String) throws(OutputError) {
    try check(writeAll(text, to: STDOUT_FILENO), "standard output")
  }

  /// Messages for the person at the terminal; nothing can be done if they can't be written.
  public static func writeToStandardError(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }

  /// - Throws: what an error number of a write means.
  static func check(_ failure: Int32?, _ path: String) throws(OutputError) {
    guard let failure else { return }
    throw failure == EPIPE ? .closedPipe : .cannotWrite(path, systemMessage(failure))
  }

  /// The error number that stopped it, or nil.
  static func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}

/// Why a result could not be written.
public enum OutputError: Error, Equatable, CustomStringConvertible {
  case cannotWrite(String, String)
  /// The reader of a pipe went away: no fault.
  case closedPipe

  public var description: String {
    switch self {
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .closedPipe: "the reader of the output is gone"
    }
  }
}
