import ArgumentParser
import Driver
import Foundation
import Workload

/// `compare --run`: measures two builds, or two libraries, in one run and compares them block by block.
struct ComparisonRun {
  private let paths: [String]
  private let workloadPaths: [String]
  private let options: ComparisonOptions
  private let measuring: ComparisonRunOptions

  init(inputs: [String], options: ComparisonOptions, measuring: ComparisonRunOptions) {
    paths = Array(inputs.prefix(2))
    workloadPaths = Array(inputs.dropFirst(2))
    self.options = options
    self.measuring = measuring
  }

  func run() throws {
    let thresholds = try options.thresholds()
    let passes = try measuring.chosenPasses(thresholds)
    try reportingFailures {
      let builds = try paths.map { path in
        guard let build = ComparedBuild(path: path) else {
          throw Failure(.libraryMissing, ["error: there is no program, folder or library \(path)"])
        }
        return build
      }
      var (plan, sides) = try self.plan(builds)
      plan.passes = passes
      let prepared = try prepare()
      let fewest = Comparer.fewestBlocks(plan, prepared, thresholds)
      plan.blocks = BlockPolicy(
        count: measuring.blocks, budget: measuring.budget.flatMap(ListSyntax.duration), fewest: fewest)
      try requirePrograms(plan)
      try refuseToOverwrite()
      // Before a file is written over.
      try requireSameWork(plan, prepared)
      if let blocks = measuring.blocks, blocks < fewest {
        Console.error(
          "warning: --blocks \(blocks) may not tell a change: over all cells and metrics it takes \(fewest)")
      }
      let output = try ComparisonOutput(options)
      let writer = try measuring.json.map { try ResultWriter(path: $0) }
      #if DEBUG
        Console.error("warning: built without optimisation: the figures mean nothing; build with -c release")
      #endif
      return try measure(plan, prepared, sides, thresholds, output, writer)
    }
  }

  /// Two builds of every subject, or two preloaded libraries.
  private func plan(_ builds: [ComparedBuild]) throws -> (RunPlan, ComparedSides) {
    let names = ComparedBuild.names
    var plan = RunPlan(subjects: [], reference: Subject(.glibc))
    let sides: ComparedSides
    switch (builds[0], builds[1]) {
    case (.folder(let base), .folder(let new)):
      let chosen = try options.subject == nil ? ComparedBuild.defaultSubjects : options.subjects.map(subject)
      if chosen.isEmpty { throw Failure(.usage, ["error: --subject names no subject"]) }
      plan.subjects = chosen.flatMap { [$0.of(build: names.base), $0.of(build: names.new)] }
      plan.builds = [names.base: base, names.new: new]
      sides = .builds(base: names.base, new: names.new)
    case (.library(let base), .library(let new)):
      if options.subject != nil {
        throw Failure(.usage, ["error: two libraries are two subjects of their own: --subject names none here"])
      }
      plan.subjects = [names.base, names.new].map { Subject(.preloaded, preloadName: $0) }
      plan.preloads = [names.base: base, names.new: new]
      sides = .subjects(base: plan.subjects[0], new: plan.subjects[1])
    default:
      throw Failure(.usage, ["error: --run takes two programs or two libraries, not one of each"])
    }
    plan.reference = plan.subjects[0]
    plan.seeds = measuring.seeds ?? 1
    // What is compared is known right after the drain.
    plan.settles = false
    plan.memoryLimit = UInt64(Double(SystemMemory.available) * MeasureOptions.memoryShare)
    return (plan, sides)
  }

  private func subject(_ name: String) throws -> Subject {
    do {
      return try Subject(parsing: name)
    } catch {
      throw Failure(.usage, ["error: --subject: \(error)"])
    }
  }

  private func prepare() throws -> [PreparedWorkload] {
    var prepared: [PreparedWorkload] = []
    var faults: [String] = []
    for path in try WorkloadLoading.files(workloadPaths) {
      do {
        let (workload, warnings) = try WorkloadLoading.load(path, overrides: WorkloadOverrides())
        for warning in warnings { Console.error(warning) }
        if let fault = MemoryCheck.fault(workload, path: path, memoryBytes: SystemMemory.total) { faults.append(fault) }
        prepared.append(workload)
      } catch {
        faults += error.messages
      }
    }
    if !faults.isEmpty { throw WorkloadFault(faults) }
    return prepared
  }

  private func refuseToOverwrite() throws {
    let read = try WorkloadLoading.files(workloadPaths) + paths
    try options.refuseToOverwrite(read)
    guard let json = measuring.json else { return }
    if read.contains(where: { WorkloadLoading.areSame($0, json) }) {
      throw Failure(.usage, ["error: --json \(json) is read; name another file to write"])
    }
    if try options.outputs().contains(where: { $0.path.map { WorkloadLoading.areSame($0, json) } ?? false }) {
      throw Failure(.usage, ["error: --json and --format name the same file, \(json)"])
    }
  }

  private func requirePrograms(_ plan: RunPlan) throws {
    let folders = plan.builds.isEmpty ? [WorkerFolder.ownFolder] : plan.builds.values.sorted()
    let missing = folders.flatMap { folder in
      WorkerFolder.missingPrograms(for: plan.subjects, in: folder).map {
        "error: the worker program \($0) is missing in \(folder); build the package there"
      }
    }
    let unfit = [("BASE", ComparedBuild.names.base), ("NEW", ComparedBuild.names.new)].compactMap { side, name in
      plan.preloads[name].flatMap { PreloadCheck.fault(of: $0) }.map { "error: \(side): \($0)" }
    }
    if !(missing + unfit).isEmpty { throw Failure(.libraryMissing, missing + unfit) }
  }

  /// Figures of different work are no comparison: nothing is measured then.
  private func requireSameWork(_ plan: RunPlan, _ prepared: [PreparedWorkload]) throws {
    let names = ComparedBuild.names
    guard let base = plan.builds[names.base], let new = plan.builds[names.new] else { return }
    let probe = BuildProbe(launcher: ProcessLauncher(folder: WorkerFolder.ownFolder), folders: (base, new))
    let faults = probe.faults(prepared, plan.subjects)
    if faults.isEmpty { return }
    throw Failure(
      .notComparable,
      faults.map { "error: \($0)" } + [
        "  run the older build's poolbench, or measure each build with its own 'poolbench run --json' and compare the files"
      ])
  }

  private func measure(
    _ plan: RunPlan, _ prepared: [PreparedWorkload], _ sides: ComparedSides, _ thresholds: Thresholds,
    _ output: ComparisonOutput, _ writer: ResultWriter?
  ) throws -> ExitStatus {
    var results = ResultSet(
      machine: .current(), tool: .current(builtIn: WorkerFolder.ownFolder), date: Date().formatted(.iso8601),
      arguments: Array(CommandLine.arguments.dropFirst()), workloads: [])
    let session = ComparisonSession(writer: writer)
    try writer?.begin(results, plan: plan, workloads: prepared)
    Interruption.watch()
    let runner = Runner(plan: plan, launcher: ProcessLauncher(folder: WorkerFolder.ownFolder))
    let isComplete = try runner.run(prepared, into: &results, observer: session)
    try writer?.end(isComplete: isComplete)

    let file = ComparedFile(label: "this run", results: results, plan: plan, isComplete: isComplete)
    func compare() throws -> ExitStatus {
      var comparison = try Comparer(thresholds: thresholds).compare(file, between: sides)
      comparison.base.label = paths[0]
      comparison.new.label = paths[1]
      for (name, side) in [(ComparedBuild.names.base, \Comparison.base), (ComparedBuild.names.new, \.new)] {
        if let folder = plan.builds[name] { comparison[keyPath: side].tool = .current(builtIn: folder) }
      }
      return try output.write(comparison)
    }
    if isComplete { return try refusing(compare) }
    do {
      _ = try refusing(compare)
      Console.error("interrupted: the comparison is of what was measured until then")
    } catch let failure as Failure where failure.status == .badInput {
      Console.error("interrupted before anything was measured")
    }
    return .interrupted
  }
}

/// What the user sees of it while it goes on.
private final class ComparisonSession: RunnerObserver {
  private let writer: ResultWriter?
  private let progress: ProgressLine? =
    Console.errors.isTerminal
    ? ProgressLine(
      width: Console.errors.width, paint: Console.errors.paint, write: { OutputFile.writeToStandardError($0) }) : nil

  init(writer: ResultWriter?) { self.writer = writer }

  func willRun(_ step: Step) { progress?.show(step) }

  func didRun(_ results: ResultSet) throws(OutputError) {
    progress?.clear()
    try writer?.update(results)
  }

  func didFinishWorkload(_ results: ResultSet) throws(OutputError) {
    progress?.clear()
    try writer?.update(results)
  }
}
