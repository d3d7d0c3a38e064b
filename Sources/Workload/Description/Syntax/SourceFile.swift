/// A description's bytes and the name that messages show for it.
public struct SourceFile: Equatable, Sendable {
  public var name: String
  public var bytes: [UInt8]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Longest description that is read, in bytes.
  public static let maximumLength = 1 << 20

  /// The name of a workload that gives none: the file's, without its folder and without `.txt`.
  ///
  /// What a quoted string can't hold is replaced by `-`.
  var workloadName: String {
    var stem = name.split(separator: "/").last.map(String.init) ?? ""
    if stem.hasSuffix(".txt") { stem.removeLast(4) }
    var clean = String.UnicodeScalarView()
    for scalar in stem.unicodeScalars {
      clean.append(scalar == "\"" || scalar.properties.generalCategory == .control ? "-" : scalar)
    }
    return clean.isEmpty ? "workload" : String(clean)
  }
}

/// Where something stands in a file: a run of Unicode scalars within one line.
struct SourceSpan: Equatable, Sendable {
  /// From 1; 0 for what has no place.
  var line: Int
  /// From 1.
  var column: Int
  var length: Int

  /// What the command line or the file as a whole says.
  static let nowhere = SourceSpan(line: 0, column: 0, length: 0)
  static let start = SourceSpan(line: 1, column: 1, length: 1)

  /// From here to the end of `other`, or to this span's own end if `other` stands in another line.
  func through(_ other: SourceSpan) -> SourceSpan {
    guard other.line == line, other.column >= column else { return self }
    return SourceSpan(line: line, column: column, length: max(length, other.column + other.length - column))
  }
}

/// A file's text as lines of Unicode scalars.
struct SourceText: Sendable {
  /// Without their ends (LF or CR LF) and without a byte-order mark; at least one.
  private(set) var lines: [[Unicode.Scalar]] = [[]]
  /// Why the bytes are not a text that can be read, and where.
  private(set) var fault: (message: String, span: SourceSpan)?

  /// - Complexity: O(bytes). What stands before a fault is kept, so that it can be shown.
  init(_ file: SourceFile) {
    guard file.bytes.count <= SourceFile.maximumLength else {
      fault = ("the file is longer than 1 MiB; a workload description is at most that long", .nowhere)
      return
    }
    var bytes = file.bytes.makeIterator()
    var decoder = UTF8()
    var isFirst = true
    var line: [Unicode.Scalar] = []
    lines = []
    /// Just behind what has been read.
    func place() -> SourceSpan { SourceSpan(line: lines.count + 1, column: line.count + 1, length: 1) }
    decoding: while true {
      switch decoder.decode(&bytes) {
      case .emptyInput: break decoding
      case .error:
        fault = ("the file is not UTF-8 text: no character is encoded like this", place())
        break decoding
      case .scalarValue("\0"):
        fault = ("the file is not text: it holds a zero byte", place())
        break decoding
      case .scalarValue("\n"):
        if line.last == "\r" { line.removeLast() }
        lines.append(line)
        line = []
      case .scalarValue("\u{FEFF}") where isFirst: break
      case .scalarValue(let scalar): line.append(scalar)
      }
      isFirst = false
    }
    lines.append(line)
  }

  /// - Parameter number: from 1.
  func line(_ number: Int) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: lines[number - 1])
    return String(view)
  }
}
