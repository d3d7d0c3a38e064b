import ArgumentParser
import Driver

/// Going on with a run that was interrupted.
struct ResumeOptions: ParsableArguments {
  @Option(
    name: .customLong("resume"),
    help: ArgumentHelp(
      "Goes on with the run that wrote this file by --json: measures what is missing and adds it to the file.",
      valueName: "file"))
  var file: String?

  @Flag(help: "Resumes also on another machine than the one that the run was begun on.")
  var force = false

  /// Options that say nothing of what is measured.
  private static let companions = ["--resume", "--force", "--csv", "--wide", "--stats"]

  /// What is measured stands in the file.
  ///
  /// - Throws: `ValidationError` that names the first other argument.
  func refuseOthers(workloads: [String], output: OutputOptions) throws {
    if let first = workloads.first {
      throw ValidationError("--resume takes the workloads from its file; leave out '\(first)'")
    }
    let names = CommandLine.arguments.dropFirst().filter { $0.hasPrefix("--") }.map { text in
      text.prefix { $0 != "=" }
    }
    if let other = names.first(where: { name in !Self.companions.contains { $0 == name } }) {
      let remedy = other == "--json" ? "it adds to its own file" : "it takes the plan from its file"
      throw ValidationError("\(other) does not go with --resume: \(remedy)")
    }
    if let file, let csv = output.csv, WorkloadLoading.areSame(file, csv) {
      throw ValidationError("--csv and --resume name the same file")
    }
  }
}
