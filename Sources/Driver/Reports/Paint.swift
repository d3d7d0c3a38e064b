import Foundation

/// What a piece of text means; on a terminal each has its colour.
public enum Emphasis: Sendable {
  case plain, best, heading, faint, warning, failure

  /// Parameters of the escape sequence "select graphic rendition" (ECMA-48).
  var code: String {
    switch self {
    case .plain: ""
    case .best: "1;32"
    case .heading: "1"
    case .faint: "2"
    case .warning: "33"
    case .failure: "31"
    }
  }
}

/// Whether and how text is coloured.
public struct Paint: Equatable, Sendable {
  public var isColoured: Bool

  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// Without any colour.
  public static let plain = Paint(isColoured: false)

  public func callAsFunction(_ text: String, _ emphasis: Emphasis) -> String {
    isColoured && !emphasis.code.isEmpty ? "\u{1B}[\(emphasis.code)m\(text)\u{1B}[0m" : text
  }
}

/// The terminal that a stream leads to, if it does.
public struct Terminal: Equatable, Sendable {
  public var isTerminal: Bool
  /// Columns.
  public var width: Int

  /// Columns where there is no terminal to ask.
  public static let defaultWidth = 100

  public static func of(descriptor: Int32) -> Terminal {
    let isTerminal = isatty(descriptor) == 1
    var size = winsize()
    if isTerminal, unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Terminal(isTerminal: true, width: Int(size.ws_col))
    }
    let asked = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? defaultWidth
    return Terminal(isTerminal: isTerminal, width: max(20, asked))
  }

  /// Colour on a terminal that can, unless `NO_COLOR` is set to anything (no-color.org).
  public var paint: Paint {
    let environment = ProcessInfo.processInfo.environment
    let refuses = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    return Paint(isColoured: isTerminal && !refuses)
  }
}
