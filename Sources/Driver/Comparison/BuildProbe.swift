public import Workload

/// Asks the workers of two builds whether they do the same work, before anything is measured.
public struct BuildProbe {
  private let launcher: any Launcher
  private let folders: (base: String, new: String)

  /// - Parameter folders: of the worker programs.
  public init(launcher: any Launcher, folders: (base: String, new: String)) {
    self.launcher = launcher
    self.folders = folders
  }

  /// What keeps the builds from being compared on these workloads, a sentence each; none if nothing does.
  public func faults(_ workloads: [PreparedWorkload], _ subjects: [Subject]) -> [String] {
    var programs: [Subject] = []
    for subject in subjects where !programs.contains(where: { $0.base.workerName == subject.base.workerName }) {
      programs.append(subject)
    }
    return programs.flatMap { faults(workloads, $0) }
  }

  private func faults(_ workloads: [PreparedWorkload], _ subject: Subject) -> [String] {
    var faults: [String] = []
    for (index, workload) in workloads.enumerated() {
      let name = workload.description.name
      let answers = [("BASE", folders.base), ("NEW", folders.new)].map { ($0, digest(workload, subject, $1)) }
      for case (let side, .failure(let fault)) in answers {
        // What fails at the first workload has little to do with it.
        if index == 0 {
          return ["\(side)'s \(subject.base.workerName) cannot be asked for its stream: \(fault.description)"]
        }
        faults.append("\(name): \(side) cannot draw the stream: \(fault.description)")
      }
      if case (.success(let base), .success(let new)) = (answers[0].1, answers[1].1), base != new {
        faults.append(
          "\(name): the two builds draw different streams (BASE \(base), NEW \(new)), so they would do different work")
      }
    }
    return faults
  }

  private func digest(
    _ workload: PreparedWorkload, _ subject: Subject, _ folder: String
  ) -> Result<String, SubjectError> {
    let request = WorkerRequest(
      subject: Subject(subject.base == .preloaded ? .glibc : subject.base), pass: .throughput,
      workloadName: workload.fileName, directory: workload.directory, overrides: workload.overrides,
      onlyGenerates: true)
    let outcome = launcher.run(
      Launch(
        program: subject.base.workerName, folder: folder, arguments: request.arguments, input: workload.text,
        timeout: .seconds(120)))
    let tail = outcome.errorTail.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    switch outcome.ending {
    case .exited(0): break
    case .notStarted(let reason): return .failure(SubjectError(reason))
    // A worker from before there was a protocol to ask for.
    case .exited where tail.contains("'--protocol' is not an argument"):
      return .failure(SubjectError("it speaks a protocol before 2, this poolbench \(RunRecord.protocolVersion)"))
    default: return .failure(SubjectError(tail.isEmpty ? "it ended as \(outcome.ending)" : tail))
    }
    do {
      let record = try RunRecord(parsing: String(decoding: outcome.output, as: UTF8.self))
      guard let digest = record[.streamDigest] else { return .failure(SubjectError("its record names no stream")) }
      return .success(digest)
    } catch .otherVersion(let version) {
      return .failure(SubjectError("it speaks protocol \(version), this poolbench \(RunRecord.protocolVersion)"))
    } catch {
      return .failure(SubjectError("it wrote no record"))
    }
  }
}
