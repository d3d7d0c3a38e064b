import Testing
import Workload

/// A faulty description in which `«…»` marks what a message must point at, and a part of that message.
struct FaultCase: Sendable, CustomTestStringConvertible {
  var text: String
  var message: String
  var testDescription: String { message }

  init(_ text: String, _ message: String) {
    self.text = text
    self.message = message
  }

  /// A fault in the value of `size`.
  static func size(_ value: String, _ message: String) -> FaultCase {
    FaultCase("size = \(value)\nlifetime = 0\n", message)
  }

  /// A fault in the value of `lifetime`.
  static func lifetime(_ value: String, _ message: String) -> FaultCase {
    FaultCase("lifetime = \(value)\nsize = 64\n", message)
  }

  /// A fault in an entry of a class.
  static func objects(_ entry: String, _ message: String) -> FaultCase {
    FaultCase("[objects a]\nsize = 64\nlifetime = 100\n\(entry)\n", message)
  }

  /// A fault in an entry of a phase of four lanes with the classes `a` and `b`.
  static func phase(_ entry: String, _ message: String) -> FaultCase {
    FaultCase(
      "threads = 4\n[objects a]\nsize = 64\nlifetime = 0\n[objects b]\nsize = 64\nlifetime = 0\n[phase p]\n\(entry)\n",
      message)
  }

  /// A fault at the top of a file that is sound otherwise.
  static func top(_ entry: String, _ message: String) -> FaultCase {
    FaultCase("\(entry)\nsize = 64\nlifetime = 0\n", message)
  }

  /// Expects exactly one error, with the message and where the mark says, and nothing that runs.
  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    var line = 1
    var column = 1
    var start: (line: Int, column: Int)?
    var length = 0
    var bare = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "«": start = (line, column)
      case "»": length = column - (start?.column ?? 0)
      default:
        bare.append(scalar)
        column += 1
        if scalar == "\n" { (line, column) = (line + 1, 1) }
      }
    }
    let result = parse(String(bare), files: ["bad.csv": "value,weight\n8,x\n9\n", "empty.csv": "# nothing\n"])
    let errors = result.diagnostics.filter { $0.severity == .error }
    let shown = Comment(rawValue: errors.map { $0.render(fileName: "test.txt") }.joined(separator: "\n"))
    #expect(result.description == nil, shown, sourceLocation: sourceLocation)
    #expect(errors.count == 1, shown, sourceLocation: sourceLocation)
    guard let error = errors.first else { return }
    #expect(error.message.contains(message), shown, sourceLocation: sourceLocation)
    guard let start else {
      Issue.record("the case marks no place: \(text)", sourceLocation: sourceLocation)
      return
    }
    #expect(error.line == start.line, shown, sourceLocation: sourceLocation)
    #expect(error.column == start.column, shown, sourceLocation: sourceLocation)
    #expect(error.length == max(1, length), shown, sourceLocation: sourceLocation)
    let lines = String(bare).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(error.sourceLine == lines[start.line - 1], shown, sourceLocation: sourceLocation)
  }
}
