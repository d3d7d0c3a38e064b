import ArgumentParser
import Driver

/// Where the results go.
struct OutputOptions: ParsableArguments {
  @Flag(help: "One table a workload, however wide.")
  var wide = false

  @Flag(
    help: "Also what pools counted of themselves in the timed replay: hits of each tier, fetches, returns, merges.")
  var stats = false

  @Option(
    help: ArgumentHelp(
      "Writes every repetition's figures as comma-separated values; - is standard output, in place of the tables.",
      valueName: "file"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      """
      Writes every run as it ends, with the machine and the workloads' text, as JSON lines: what --resume goes on with; \
      - is standard output.
      """, valueName: "file"))
  var json: String?

  mutating func validate() throws {
    if csv == "-", json == "-" { throw ValidationError("only one of --csv and --json can go to standard output") }
    if let csv, let json, WorkloadLoading.areSame(csv, json) {
      throw ValidationError("--csv and --json name the same file")
    }
    if csv == "" || json == "" { throw ValidationError("--csv and --json take a file's name, or -") }
  }

  /// - Throws: `ValidationError` if results would be written over a file that is read.
  func refuseToOverwrite(_ workloads: [String]) throws {
    for (option, path) in [("--csv", csv), ("--json", json)] {
      guard let path, path != "-", workloads.contains(where: { WorkloadLoading.areSame($0, path) }) else { continue }
      throw ValidationError("\(option) \(path) would overwrite the workload; name another file")
    }
  }

  /// Whether standard output belongs to a format for programs.
  var takesStandardOutput: Bool { csv == "-" || json == "-" }
}
