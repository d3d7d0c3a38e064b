import ArgumentParser
import Driver
import Workload

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Says whether this machine can be measured on, and how many blocks that takes.",
    discussion: """
      Looks at what sets a processor's speed, at memory, limits, clocks and allocators, item by item, each with the \
      command that mends it; then measures glibc against itself for about twenty seconds, and from that says how many \
      blocks find a change of 5 %.

      Examples:
        poolbench doctor
        poolbench doctor --no-noise --format json

      Exit status: 0 figures measured here mean something, 1 they would mislead, 64 usage, 69 a library is missing, \
      73 output cannot be written, 130 interrupted.
      """)

  @OptionGroup(title: "Subjects") var subjectOptions: SubjectOptions

  enum Format: String, CaseIterable, ExpressibleByArgument { case table, json }

  @Option(help: ArgumentHelp("How the findings are written: table or json.", valueName: "format"))
  var format = Format.table

  @Flag(name: .customLong("no-noise"), help: "Leaves out the noise floor, the part that takes time.")
  var leavesOutNoise = false

  /// Status of a machine on which figures would mislead.
  private static let misleading = ExitCode(1)

  mutating func validate() throws {
    let chosen = try subjectOptions.chosen()
    for name in chosen.builds.keys.sorted() where !chosen.subjects.contains(where: { $0.build == name }) {
      throw ValidationError("--build \(name): name a subject of it, such as --subjects jemalloc@\(name)")
    }
  }

  func run() throws {
    let (subjects, preloads, builds) = try subjectOptions.chosen()
    var misleads = false
    try reportingFailures {
      let missing = WorkerFolder.missingPrograms(for: [Subject(.glibc)], in: WorkerFolder.ownFolder)
      if !missing.isEmpty { try SubjectOptions.requirePresent([Subject(.glibc)], preloads) }
      try SubjectOptions.requirePreloadable(preloads)
      Interruption.watch()
      let doctor = Doctor(
        launcher: ProcessLauncher(folder: WorkerFolder.ownFolder), subjects: subjects, preloads: preloads,
        builds: builds)
      let terminal = Console.errors
      func show(_ text: String) {
        guard terminal.isTerminal else { return }
        OutputFile.writeToStandardError(
          "\r" + terminal.paint(String(text.prefix(terminal.width - 1)), .faint) + "\u{1B}[K")
      }
      let diagnosis: Diagnosis?
      do throws(NoiseFault) {
        diagnosis = try doctor.examine(effort: leavesOutNoise ? nil : NoiseFloor.Effort(), progress: show)
      } catch {
        diagnosis = nil
      }
      show("")
      // Workers that were stopped on the way are no findings.
      guard let diagnosis, !Interruption.isRequested else {
        Console.error("interrupted: nothing is said of the machine")
        return .interrupted
      }
      let tool = ToolVersion.current(builtIn: WorkerFolder.ownFolder)
      switch format {
      case .json: try Console.print(diagnosis.json(tool: tool))
      case .table:
        #if DEBUG
          Console.error("warning: built without optimisation: the figures mean nothing; build with -c release")
        #endif
        try Console.print(
          DoctorReport(diagnosis, paint: Console.output.paint).text(width: Console.output.width))
      }
      misleads = diagnosis.misleads
      return .ok
    }
    if misleads { throw Self.misleading }
  }
}
