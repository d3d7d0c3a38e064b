import ArgumentParser
import Driver
import Workload

/// What is judged and how it is shown.
struct ComparisonOptions: ParsableArguments {
  @Option(
    name: .customLong("threshold"), parsing: .singleValue,
    help: ArgumentHelp(
      "Tolerated change of a metric (default: throughput=2%,p99=5%,rss=5%); naming one of p50, p90, p999, drained, "
        + "instructions judges it too, off leaves one out.", valueName: "metric=percent,…"))
  var thresholdTexts: [String] = []

  @Option(help: ArgumentHelp("Only these subjects; with --run, the subjects to measure.", valueName: "list"))
  var subject: String?

  @Option(help: ArgumentHelp("Only these workloads.", valueName: "list"))
  var workload: String?

  @Flag(help: "Exit status 3 when a cell is inconclusive, or has no verdict for want of blocks.")
  var strict = false

  @Flag(help: "Compares in spite of different machines, seeds or workloads, and says what differs.")
  var force = false

  @Option(
    name: .customLong("format"), parsing: .singleValue,
    help: ArgumentHelp(
      "table (default), markdown, csv, json, junit or github; FORMAT=FILE writes a file; may be repeated.",
      valueName: "format"))
  var formatTexts: [String] = []

  @Option(help: ArgumentHelp("Writes there what would go to standard output.", valueName: "file"))
  var output: String?

  mutating func validate() throws {
    _ = try thresholds()
    _ = try outputs()
  }

  func thresholds() throws -> Thresholds {
    if thresholdTexts.isEmpty { return Thresholds() }
    do {
      return try Thresholds(parsing: thresholdTexts.joined(separator: ","))
    } catch {
      throw ValidationError(error.description)
    }
  }

  var subjects: [String] { subject.map(ListSyntax.split) ?? [] }
  var workloads: [String] { workload.map(ListSyntax.split) ?? [] }

  /// One format and where it goes; nil is standard output.
  struct Output: Equatable {
    var format: ComparisonFormat
    var path: String?
  }

  func outputs() throws -> [Output] {
    if output == "" { throw ValidationError("--output takes a file's name") }
    let list = try (formatTexts.isEmpty ? ["table"] : formatTexts).map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let format = ComparisonFormat(rawValue: parts[0]) else {
        let known = ComparisonFormat.allCases.map(\.rawValue)
        let hint = nearest(to: parts[0], in: known).map { "; did you mean '\($0)'?" } ?? ""
        throw ValidationError("'\(parts[0])' is not a format\(hint) (known: \(known.joined(separator: ", ")))")
      }
      if parts.count > 1, parts[1].isEmpty { throw ValidationError("--format \(text) names no file") }
      let path = parts.count > 1 ? parts[1] : output
      return Output(format: format, path: path == "-" ? nil : path)
    }
    // Annotations are lines that their reader finds among others.
    let standard = list.filter { $0.path == nil && $0.format != .github }
    if standard.count > 1 {
      throw ValidationError("only one format can go to standard output; write the others as FORMAT=FILE")
    }
    let paths = list.compactMap(\.path)
    for (index, path) in paths.enumerated()
    where paths[..<index].contains(where: { WorkloadLoading.areSame($0, path) }) {
      throw ValidationError("two formats name the file \(path)")
    }
    return list
  }

  /// - Throws: `ValidationError` if a file that is read would be written over.
  func refuseToOverwrite(_ inputs: [String]) throws {
    for path in try outputs().compactMap(\.path)
    where inputs.contains(where: { WorkloadLoading.areSame($0, path) }) {
      throw ValidationError("\(path) is read; name another file to write")
    }
  }
}
