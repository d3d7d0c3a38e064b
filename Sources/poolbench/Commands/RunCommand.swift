import ArgumentParser
import Driver
import Foundation
import Workload

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Replays workloads against every subject and prints what it measured.",
    discussion: """
      Examples:
        poolbench run workloads/web-server.txt
        poolbench run workloads --quick --csv results.csv
        poolbench run workloads/churn.txt --threads 1,2,4,8 --subjects glibc,jemalloc
        poolbench run workloads/request.txt --set n=10,100,1000
        poolbench run workloads/pairs.txt --preload mi=/usr/lib/libmimalloc.so.2
        poolbench run workloads --json results.jsonl
        poolbench run --resume results.jsonl

      Exit status: 0 all measured or skipped, 2 a cell failed, 64 usage, 65 bad workload, 69 a library is missing, \
      73 output cannot be written, 130 interrupted.
      """)

  @Argument(help: ArgumentHelp("Workload files, or folders of them.", valueName: "workload"))
  var workloads: [String] = []

  @OptionGroup(title: "Subjects") var subjectOptions: SubjectOptions
  @OptionGroup(title: "Workload") var overrides: OverrideOptions
  @OptionGroup(title: "Measurement") var measuring: MeasureOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Resuming") var resuming: ResumeOptions

  mutating func validate() throws {
    _ = try measuring.plan(subjectOptions.chosen())
    if resuming.file != nil { return try resuming.refuseOthers(workloads: workloads, output: output) }
    if resuming.force { throw ValidationError("--force goes with --resume") }
    if workloads.isEmpty { throw ValidationError("name a workload file or a folder of them") }
  }

  func run() throws {
    if let file = resuming.file { return try reportingFailures { try resume(file) } }
    let plan = try measuring.plan(subjectOptions.chosen())
    try reportingFailures {
      let prepared = try prepare()
      let used = plan.subjects + [Subject(.null)]
      try SubjectOptions.requirePresent(used, plan.preloads)
      try output.refuseToOverwrite(WorkloadLoading.files(workloads))
      let files = try ResultFiles(csv: output.csv, json: output.json)
      warnOfDebugBuild()
      return try measure(prepared, plan, files)
    }
  }

  /// Every file at every setting; all faults of all files at once.
  private func prepare() throws -> [PreparedWorkload] {
    var prepared: [PreparedWorkload] = []
    var faults: [String] = []
    var shown: Set<String> = []
    let memory = SystemMemory.total
    for path in try WorkloadLoading.files(workloads) {
      for combination in try overrides.combinations() {
        do {
          var (workload, warnings) = try WorkloadLoading.load(path, overrides: combination.overrides)
          for warning in warnings where shown.insert(warning).inserted { Console.error(warning) }
          if measuring.quick, combination.overrides.operations == nil {
            let cores = ProcessInfo.processInfo.activeProcessorCount
            var fewer = combination.overrides
            fewer.operations = QuickMode.operations(workload.description, cores: cores)
            workload = try WorkloadLoading.load(path, overrides: fewer).workload
          }
          workload.setting = combination.setting
          if let fault = MemoryCheck.fault(workload, path: path, memoryBytes: memory) { faults.append(fault) }
          prepared.append(workload)
        } catch {
          faults += error.messages.filter { shown.insert($0).inserted }
        }
      }
    }
    if !faults.isEmpty { throw WorkloadFault(faults) }
    return prepared
  }

  private func measure(_ prepared: [PreparedWorkload], _ plan: RunPlan, _ files: ResultFiles) throws -> ExitStatus {
    let results = ResultSet(
      machine: .current(), tool: .current(builtIn: WorkerFolder.ownFolder),
      date: Date().formatted(.iso8601), arguments: Array(CommandLine.arguments.dropFirst()), workloads: [])
    return try measure(prepared, plan, files, into: results, isNew: true)
  }

  /// Runs what `results` lacks.
  func measure(
    _ prepared: [PreparedWorkload], _ plan: RunPlan, _ files: ResultFiles, into start: ResultSet, isNew: Bool
  ) throws -> ExitStatus {
    var results = start
    let session = RunSession(plan: plan, options: output, files: files, total: prepared)
    try session.begin(results, isNew: isNew)
    Interruption.watch()
    let runner = Runner(plan: plan, launcher: ProcessLauncher(folder: WorkerFolder.ownFolder))
    let isComplete = try runner.run(prepared, into: &results, observer: session)
    try session.end(results, isComplete: isComplete)
    return status(results, isComplete: isComplete)
  }

  func warnOfDebugBuild() {
    #if DEBUG
      Console.error("warning: built without optimisation: the figures mean nothing; build with -c release")
    #endif
  }

  func status(_ results: ResultSet, isComplete: Bool) -> ExitStatus {
    if !isComplete {
      Console.error("interrupted: what was measured until then is above and in the files")
      return .interrupted
    }
    let statuses = results.cells.map(\.status)
    if statuses.contains(where: { $0.kind == .libraryMissing }) { return .libraryMissing }
    return statuses.contains(where: \.isFailure) ? .cellFailed : .ok
  }
}
