import ArgumentParser
import Driver
import Foundation
import Workload

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows what a workload means before it runs, or how a pool works.",
    discussion: """
      For each phase and class the expected live objects and bytes (Little's law) and operation counts, sizes and \
      lifetimes with bars, the estimated time, and which subjects can serve it and which cannot, and why. With \
      --subject a page on a pool of this repository: layout, costs, options, limits, what it is good for.

      Examples:
        poolbench explain workloads/web-server.txt
        poolbench explain --subject nginx
      """)

  @Argument(help: ArgumentHelp("Workload files, or folders of them.", valueName: "workload"))
  var workloads: [String] = []

  @Option(
    name: .customLong("subject"), parsing: .singleValue,
    help: ArgumentHelp(
      "A pool of this repository to explain; may be repeated.", valueName: "name"))
  var pools: [String] = []

  @OptionGroup(title: "Subjects") var subjectOptions: SubjectOptions
  @OptionGroup(title: "Workload") var overrides: OverrideOptions

  @Flag(help: "Prints the description in its canonical form instead.")
  var canonical = false

  mutating func validate() throws {
    if workloads.isEmpty, pools.isEmpty {
      throw ValidationError("name a workload file, a folder of them, or a pool by --subject")
    }
    if !workloads.isEmpty, !pools.isEmpty { throw ValidationError("--subject goes without workloads") }
    _ = try pools.map(Self.page)
  }

  /// The page on a pool.
  private static func page(_ name: String) throws -> PoolExplanation {
    let subject = try SubjectOptions.subject(name, preloads: [])
    if let page = PoolExplanation(subject) { return page }
    throw ValidationError(
      "--subject: there is a page on the pools of this repository alone: "
        + Subject.Base.pools.map(\.rawValue).joined(separator: ", "))
  }

  func run() throws {
    if !pools.isEmpty {
      return try reportingFailures {
        let (width, paint) = (Console.output.width, Console.output.paint)
        try Console.print(pools.map { try Self.page($0).text(width: width, paint: paint) }.joined(separator: "\n"))
        return .ok
      }
    }
    var (subjects, preloads, _) = try subjectOptions.chosen()
    if subjectOptions.subjects == nil { subjects.append(Subject(.null)) }
    let combinations = try overrides.combinations()
    try reportingFailures {
      try SubjectOptions.requirePreloadable(preloads)
      var texts: [String] = []
      var faults: [String] = []
      for path in try WorkloadLoading.files(workloads) {
        for combination in combinations {
          do throws(WorkloadFault) {
            let (workload, warnings) = try WorkloadLoading.load(path, overrides: combination.overrides)
            for warning in warnings { Console.error(warning) }
            texts.append(explain(workload.description, subjects))
          } catch {
            faults += error.messages
          }
        }
      }
      try Console.print(texts.joined(separator: "\n"))
      if !faults.isEmpty { throw WorkloadFault(faults) }
      return .ok
    }
  }

  private func explain(_ description: WorkloadDescription, _ subjects: [Subject]) -> String {
    if canonical { return WorkloadLoading.canonicalText(description) }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return Explanation(description, subjects: subjects, cores: cores)
      .text(width: Console.output.width, paint: Console.output.paint)
  }
}
