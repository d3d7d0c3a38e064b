import ArgumentParser
import Driver
import Workload

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a file of results in a format that dashboards read.",
    discussion: """
      Medians with 95 % intervals of time for an operation, p50 and p99 of allocate and free, and peak resident memory; \
      of every one less is better.

      Examples:
        poolbench export results.json --format bencher | bencher run --adapter json …
        poolbench export results.json --format benchmark-action --output output.json    # tool: customSmallerIsBetter
      """)

  @Argument(help: ArgumentHelp("A file that 'poolbench run --json' wrote.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("bencher or benchmark-action.", valueName: "format"))
  var format: String

  @Option(help: ArgumentHelp("Writes there (default: standard output).", valueName: "file"))
  var output: String?

  mutating func validate() throws {
    _ = try chosen()
    if let output, WorkloadLoading.areSame(output, input) {
      throw ValidationError("\(output) is read; name another file to write")
    }
  }

  private func chosen() throws -> DashboardExport {
    guard let export = DashboardExport(rawValue: format) else {
      let known = DashboardExport.allCases.map(\.rawValue)
      let hint = nearest(to: format, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw ValidationError("'\(format)' is not a format\(hint) (known: \(known.joined(separator: ", ")))")
    }
    return export
  }

  func run() throws {
    let export = try chosen()
    try reportingFailures {
      let file: ResultFile
      do {
        file = try ResultFile.read(input)
      } catch {
        throw Failure(.badInput, ["error: \(error)"])
      }
      if let damage = file.damage {
        Console.error("warning: \(input): \(damage)")
      } else if !file.isComplete {
        Console.error("warning: \(input): interrupted, or still being measured: what is missing is left out")
      }
      let text = export.text(file.results)
      if let output, output != "-" {
        try OutputFile(path: output).write(text, isFinal: true)
      } else {
        try Console.print(text)
      }
      return .ok
    }
  }
}
