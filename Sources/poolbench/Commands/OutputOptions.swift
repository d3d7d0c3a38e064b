import ArgumentParser

/// Where the results go.
struct OutputOptions: ParsableArguments {
  @Flag(help: "One table a workload, however wide.")
  var wide = false

  @Option(
    help: ArgumentHelp(
      "Writes every repetition's figures as comma-separated values; - is standard output, in place of the tables.",
      valueName: "file"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "Writes everything, with the machine and the workloads' text, as JSON; - is standard output.", valueName: "file"))
  var json: String?

  mutating func validate() throws {
    if csv == "-", json == "-" { throw ValidationError("only one of --csv and --json can go to standard output") }
    if let csv, csv == json { throw ValidationError("--csv and --json name the same file") }
    if csv == "" || json == "" { throw ValidationError("--csv and --json take a file's name, or -") }
  }

  /// Whether standard output belongs to a format for programs.
  var takesStandardOutput: Bool { csv == "-" || json == "-" }
}
