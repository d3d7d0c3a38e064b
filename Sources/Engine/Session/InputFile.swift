import CPlatform
import Glibc
import Workload

/// Files and standard input, as far as a worker without Foundation needs them.
enum InputFile {
  /// Standard input up to its end or, with `endsAtZero`, up to a zero byte; commands may follow on the same stream, so
  /// nothing behind the zero is taken.
  static func readDescription(endsAtZero: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while endsAtZero {
      let count = Glibc.read(0, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 || byte == 0 { return bytes }
      bytes.append(byte)
    }
    while true {
      let count = Glibc.read(0, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  static func read(_ path: String) -> Result<[UInt8], HistogramFileError> {
    guard let file = fopen(path, "r") else {
      return .failure(HistogramFileError(String(cString: strerror(errno))))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 {
        return ferror(file) == 0 ? .success(bytes) : .failure(HistogramFileError(String(cString: strerror(errno))))
      }
      bytes += buffer[..<count]
    }
  }
}
