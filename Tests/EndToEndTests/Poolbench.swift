import Foundation
import TestSupport
import Workload

/// Runs the built `poolbench` on small workloads.
struct Poolbench {
  /// Holds the workload and whatever the run writes.
  var folder: URL

  /// Calls `body` with a new folder of its own.
  static func with<Value>(_ body: (Poolbench) throws -> Value) throws -> Value {
    try TemporaryFolder.with { try body(Poolbench(folder: $0)) }
  }

  /// A few thousand objects of the size at which hostile libraries misbehave.
  static let small = "operations = 3000\nsize = \(HostileLibrary.bentSize)\nlifetime = 20\n"

  /// - Parameter workload: the text of `small.txt`, which the arguments may name.
  func callAsFunction(
    _ arguments: [String], workload: String = Poolbench.small, environment: [String: String] = [:],
    timeout: Double = 60
  ) throws -> Command.Result {
    try Data(workload.utf8).write(to: folder.appending(path: "small.txt"))
    return try Command(
      BuiltProducts.executable("poolbench"), arguments, environment: environment, directory: folder, timeout: timeout
    ).run()
  }

  /// `run small.txt --quick --csv -` and the rows that it wrote.
  func measure(
    _ arguments: [String], workload: String = Poolbench.small
  ) throws -> (result: Command.Result, rows: [[String: String]]) {
    let result = try self(["run", "small.txt", "--quick", "--csv", "-"] + arguments, workload: workload)
    return (result, Self.rows(result.output))
  }

  /// Comma-separated values by the names in the first line; quoted fields may hold commas, not line breaks.
  static func rows(_ text: String) -> [[String: String]] {
    let lines = text.split(whereSeparator: \.isNewline).map(fields)
    guard let names = lines.first else { return [] }
    return lines.dropFirst().map { Dictionary(zip(names, $0)) { first, _ in first } }
  }

  private static func fields(_ line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}
