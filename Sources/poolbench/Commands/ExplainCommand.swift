import ArgumentParser
import Driver
import Foundation
import Workload

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows what a workload means before it runs.",
    discussion: """
      For each phase and class the expected live objects and bytes (Little's law) and operation counts, sizes and \
      lifetimes with bars, the estimated time, and which subjects can serve it and which cannot, and why.

      Example:
        poolbench explain workloads/web-server.txt
      """)

  @Argument(help: ArgumentHelp("Workload files, or folders of them.", valueName: "workload"))
  var workloads: [String]

  @OptionGroup(title: "Subjects") var subjectOptions: SubjectOptions
  @OptionGroup(title: "Workload") var overrides: OverrideOptions

  @Flag(help: "Prints the description in its canonical form instead.")
  var canonical = false

  func run() throws {
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
