/// What ``WorkloadDescription/parse(_:fileName:overrides:loadHistogram:)`` gives.
public struct ParseResult: Sendable {
  /// nil if and only if ``diagnostics`` holds an error.
  public var description: WorkloadDescription?
  /// In the order of the file; those without a place come first.
  public var diagnostics: [Diagnostic]

  public init(description: WorkloadDescription?, diagnostics: [Diagnostic]) {
    self.description = description
    self.diagnostics = diagnostics
  }

  /// Whether something keeps the workload from being run.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// A fault of a description or a doubt about it, and where it stands.
public struct Diagnostic: Equatable, Sendable {
  public enum Severity: String, Sendable {
    case error
    case warning
  }

  public var severity: Severity
  /// From 1; 0 if the fault has no place in the file (the command line, the file as a whole).
  public var line: Int
  /// In Unicode scalars, from 1; a tab is one.
  public var column: Int
  /// Unicode scalars that the fault covers, at least 1.
  public var length: Int
  /// One sentence without a full stop.
  public var message: String
  /// The line, without its end.
  public var sourceLine: String

  public init(severity: Severity, line: Int, column: Int, length: Int, message: String, sourceLine: String) {
    self.severity = severity
    self.line = line
    self.column = column
    self.length = length
    self.message = message
    self.sourceLine = sourceLine
  }
}

extension Diagnostic {
  /// Scalars of a source line shown at most; a longer line is cut around the fault.
  private static let widestLine = 160

  private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.properties.generalCategory == .control && scalar != "\t" ? "\u{FFFD}" : scalar
  }

  /// The diagnostic as it is shown, without a newline at its end:
  /// ```
  /// web-server.txt:14:15: error: 'lognorml' is not a distribution; did you mean 'lognormal'?
  ///    14 | size        = lognorml(median=48, sigma=1.0)
  ///       |               ^~~~~~~~
  /// ```
  /// Control characters are shown as `�`, so that a file can't drive the terminal.
  public func render(fileName: String) -> String {
    let message = String(String.UnicodeScalarView(message.unicodeScalars.map(Self.printable)))
    guard line > 0 else { return "\(fileName): \(severity.rawValue): \(message)" }
    let scalars = Array(sourceLine.unicodeScalars)
    let start = min(max(column - 1, 0), scalars.count)
    var first = 0
    var last = scalars.count
    if scalars.count > Self.widestLine {
      first = min(max(0, start - Self.widestLine / 4), scalars.count - Self.widestLine)
      last = first + Self.widestLine
    }
    let number = String(line)
    let margin = String(repeating: " ", count: max(5 - number.count, 0))
    let blank = String(repeating: " ", count: max(5, number.count))
    var shown = String.UnicodeScalarView()
    var pointer = String.UnicodeScalarView()
    if first > 0 {
      shown.append("…")
      pointer.append(" ")
    }
    for index in first..<last {
      let scalar = scalars[index]
      shown.append(Self.printable(scalar))
      if index < start { pointer.append(scalar == "\t" ? "\t" : " ") }
    }
    if last < scalars.count { shown.append("…") }
    let tail = min(max(length, 1) - 1, max(last - start - 1, 0))
    return """
      \(fileName):\(line):\(column): \(severity.rawValue): \(message)
      \(margin)\(number) | \(String(shown))
      \(blank) | \(String(pointer))^\(String(repeating: "~", count: tail))
      """
  }
}

/// Why the file of a `histogram("…")` could not be read: the part of a sentence that follows its name and a colon.
public struct HistogramFileError: Error, Equatable, CustomStringConvertible, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}
