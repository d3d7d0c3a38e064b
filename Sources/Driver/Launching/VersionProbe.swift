public import Workload

/// Asks workers what they are, by a run of a single operation.
public struct VersionProbe {
  private let launcher: any Launcher
  private let preloads: [String: String]
  private let builds: [String: String]

  /// What every subject can serve.
  private static let workload = """
    operations = 1
    [scope one]
    length = 1
    [objects all]
    size = 16
    lifetime = scope(one)

    """

  public init(launcher: any Launcher, preloads: [String: String], builds: [String: String] = [:]) {
    self.launcher = launcher
    self.preloads = preloads
    self.builds = builds
  }

  public func entry(of subject: Subject) -> SubjectList.Entry {
    let verdict = probe(subject)
    guard verdict.status.kind == .ok else {
      return SubjectList.Entry(subject: subject, version: verdict.status.sentence, isAvailable: false)
    }
    let own = subject.base.isMalloc ? verdict.record?[.libraryVersion] ?? "" : "poolbench \(ToolVersion.number)"
    return SubjectList.Entry(subject: subject, version: own, isAvailable: true)
  }

  /// What a worker says of itself after one operation, and whether that is to be believed.
  ///
  /// - Parameter operations: how many more than that it may time, for a pass that needs some.
  func probe(_ subject: Subject, pass: Pass = .throughput, operations: UInt64? = nil) -> (
    status: RunStatus, record: RunRecord?
  ) {
    let request = WorkerRequest(
      subject: subject, pass: pass, workloadName: "version.txt",
      overrides: WorkloadOverrides(operations: operations), isCold: true, settles: false)
    var environment = subject.environment
    if let library = preloads[subject.preloadName] {
      environment.insert(Subject.EnvironmentVariable(name: "LD_PRELOAD", value: library), at: 0)
    }
    let outcome = launcher.run(
      Launch(
        program: subject.base.workerName, folder: builds[subject.build], arguments: request.arguments,
        environment: environment, input: Array(Self.workload.utf8), timeout: .seconds(10)))
    return RecordJudge(subject: subject, pass: pass, preload: preloads[subject.preloadName]).judge(outcome)
  }
}
