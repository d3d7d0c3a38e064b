import Driver
import Foundation
import Workload

extension RunCommand {
  /// Measures what is missing in a result file. One that is complete is shown as it is.
  func resume(_ path: String) throws -> ExitStatus {
    let (writer, file): (ResultWriter, ResultFile)
    do {
      (writer, file) = try ResultWriter.resuming(path)
    } catch let error as ResultFileError {
      throw Failure(.badInput, ["error: \(error)"])
    }
    try output.refuseToOverwrite(file.workloads.map(\.path))
    if let damage = file.damage { Console.error("\(path): \(damage), and the rest is dropped") }
    if file.isComplete {
      let files = try ResultFiles(csv: output.csv, resuming: nil)
      let session = RunSession(plan: file.plan, options: output, files: files, total: [])
      try session.begin(file.results, isNew: false)
      try session.end(file.results, isComplete: true)
      return status(file.results, isComplete: true)
    }
    try requireSameMachine(file.results.machine, path)
    try SubjectOptions.requirePresent(file.plan.subjects + [Subject(.null)], file.plan.preloads)
    let prepared = try prepare(file, path)
    warnOfDebugBuild()
    warnOfOtherVersions(file, path)
    let files = try ResultFiles(csv: output.csv, resuming: writer)
    try writer.proceed(
      after: file, tool: .current(builtIn: WorkerFolder.ownFolder), machine: .current(),
      date: Date().formatted(.iso8601))
    return try measure(prepared, file.plan, files, into: file.results, isNew: false)
  }

  private func requireSameMachine(_ machine: Machine, _ path: String) throws {
    let differences = Machine.current().differences(from: machine)
    if differences.isEmpty { return }
    let words = differences.map { "\($0.name) was \($0.other), is \($0.own)" }.joined(separator: "; ")
    let what = "\(path) was measured on another machine: \(words)"
    if !resuming.force {
      throw Failure(.badInput, ["error: \(what)", "go on there, start anew here, or mix the figures with --force"])
    }
    Console.error("warning: \(what)")
  }

  private func prepare(_ file: ResultFile, _ path: String) throws -> [PreparedWorkload] {
    do {
      let prepared = try file.prepared()
      let memory = SystemMemory.total
      let faults = prepared.compactMap { MemoryCheck.fault($0, path: $0.fileName, memoryBytes: memory) }
      if !faults.isEmpty { throw WorkloadFault(faults) }
      return prepared
    } catch let error as WorkloadFault {
      throw Failure(.badInput, ["error: \(path) cannot be gone on with:"] + error.messages)
    }
  }

  /// Figures of two versions in one file are for the user to judge.
  private func warnOfOtherVersions(_ file: ResultFile, _ path: String) {
    let tool = ToolVersion.current(builtIn: WorkerFolder.ownFolder)
    if tool != file.results.tool {
      Console.error("warning: \(path) was begun by poolbench \(file.results.tool.words), this is \(tool.words)")
    }
    for subject in file.plan.subjects where subject.base.isMalloc {
      guard let old = file.results.cells.first(where: { $0.subject == subject && !$0.version.isEmpty })?.version
      else { continue }
      let folder = file.plan.builds[subject.build] ?? WorkerFolder.ownFolder
      let probe = VersionProbe(launcher: ProcessLauncher(folder: folder), preloads: file.plan.preloads)
      let entry = probe.entry(of: subject)
      if entry.isAvailable, entry.version != old {
        Console.error("warning: \(path) was begun with \(subject.name) of version \(old), this is \(entry.version)")
      }
    }
  }
}
