import ArgumentParser
import Driver
import Workload

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Shows the subjects with what each can serve, and the workloads.",
    discussion: """
      Examples:
        poolbench list --preload mimalloc=/usr/lib/libmimalloc.so.2
        poolbench list --pools
      """)

  @OptionGroup(title: "Subjects") var subjectOptions: SubjectOptions

  @Option(help: ArgumentHelp("Folder of workloads (default: the one that came with the program).", valueName: "folder"))
  var workloads: String?

  @Flag(help: "Shows instead what each pool of this repository can serve in its own form.")
  var pools = false

  func run() throws {
    if pools {
      return try reportingFailures {
        try Console.print(PoolList().text(width: Console.output.width, paint: Console.output.paint))
        return .ok
      }
    }
    var (subjects, preloads, _) = try subjectOptions.chosen()
    if subjectOptions.subjects == nil { subjects.append(Subject(.null)) }
    try reportingFailures {
      try SubjectOptions.requirePreloadable(preloads)
      let probe = VersionProbe(launcher: ProcessLauncher(folder: WorkerFolder.ownFolder), preloads: preloads)
      let list = SubjectList(subjects.map(probe.entry(of:)))
      let (width, paint) = (Console.output.width, Console.output.paint)
      try Console.print(list.text(width: width, paint: paint) + "\n")
      guard let folder = workloads ?? WorkloadFolder.find() else {
        try Console.print("workloads: no folder of them is near; --workloads names one\n")
        return .ok
      }
      try Console.print(paint("workloads in \(folder)", .heading) + "\n")
      let entries = try WorkloadLoading.files([folder]).map { path in
        do {
          let description = try WorkloadLoading.load(path, overrides: WorkloadOverrides()).workload.description
          return (path.split(separator: "/").last.map(String.init) ?? path, description.summary ?? "")
        } catch {
          return (path.split(separator: "/").last.map(String.init) ?? path, "cannot be read: see poolbench explain")
        }
      }
      try Console.print(WorkloadList(entries).text(width: width, paint: paint))
      return .ok
    }
  }
}
