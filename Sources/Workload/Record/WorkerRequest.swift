/// What the driver asks of one worker run, and how that stands on the worker's command line.
///
/// The description itself arrives on standard input.
public struct WorkerRequest: Equatable, Sendable {
  public var subject: Subject
  public var pass: Pass
  /// File name shown in the record and base of the `histogram` paths.
  public var workloadName: String
  public var directory: String
  public var overrides: WorkloadOverrides
  public var adaptations: [Adaptation]
  /// No warm-up replay.
  public var isCold: Bool
  /// Whether the memory pass waits 100 ms and 1 s after the drain.
  public var settles: Bool
  /// Generate and digest the stream, replay nothing.
  public var onlyGenerates: Bool
  /// Where the first lane's words go, without the drain, little-endian; only together with `onlyGenerates`.
  public var dumpPath: String?
  /// Replay slice by slice as commands arrive on standard input, behind the description and a zero byte.
  public var steps: Bool
  /// Processors that the lanes are pinned to, lane by lane and from the first again when there are more lanes; empty to
  /// leave that to the system.
  public var processors: [Int]

  public init(
    subject: Subject, pass: Pass, workloadName: String, directory: String = ".",
    overrides: WorkloadOverrides = WorkloadOverrides(), adaptations: [Adaptation] = [], isCold: Bool = false,
    settles: Bool = true, onlyGenerates: Bool = false, dumpPath: String? = nil, steps: Bool = false,
    processors: [Int] = []
  ) {
    self.subject = subject
    self.pass = pass
    self.workloadName = workloadName
    self.directory = directory
    self.overrides = overrides
    self.adaptations = adaptations
    self.isCold = isCold
    self.settles = settles
    self.onlyGenerates = onlyGenerates
    self.dumpPath = dumpPath
    self.steps = steps
    self.processors = processors
  }
}

/// What the command line changes in a description.
public struct WorkloadOverrides: Equatable, Sendable {
  public var seed: UInt64?
  public var threads: Int?
  /// Allocations per lane over all phases; the phases shrink or grow in proportion.
  public var operations: UInt64?
  /// `--set n=1000`.
  public var parameters: [Parameter]

  public init(seed: UInt64? = nil, threads: Int? = nil, operations: UInt64? = nil, parameters: [Parameter] = []) {
    self.seed = seed
    self.threads = threads
    self.operations = operations
    self.parameters = parameters
  }
}

extension WorkerRequest {
  /// The worker's arguments, without its program name.
  public var arguments: [String] {
    var list = ["--protocol", "\(RunRecord.protocolVersion)", "--subject", subject.nameInWorker]
    list += ["--pass", pass.rawValue, "--workload", workloadName]
    list += ["--directory", directory]
    if subject.base == .preloaded { list += ["--preloaded", subject.preloadName] }
    if let seed = overrides.seed { list += ["--seed", "\(seed)"] }
    if let threads = overrides.threads { list += ["--threads", "\(threads)"] }
    if let operations = overrides.operations { list += ["--operations", "\(operations)"] }
    for parameter in overrides.parameters { list += ["--set", "\(parameter.name)=\(parameter.value)"] }
    for adaptation in adaptations { list += ["--adapt", adaptation.rawValue] }
    if isCold { list.append("--cold") }
    if !settles { list.append("--no-settle") }
    if onlyGenerates { list.append("--generate-only") }
    if let dumpPath { list += ["--dump", dumpPath] }
    if steps { list.append("--step") }
    if !processors.isEmpty { list += ["--processors", processors.map(String.init).joined(separator: ",")] }
    return list
  }

  /// - Throws: `SubjectError` with a sentence for the person who ran the worker by hand.
  public init(arguments: [String]) throws(SubjectError) {
    var values: [String: [String]] = [:]
    var flags: Set<String> = []
    let flagNames: Set = ["--cold", "--no-settle", "--generate-only", "--step"]
    let valueNames: Set = [
      "--subject", "--pass", "--workload", "--directory", "--preloaded", "--seed", "--threads", "--operations", "--set",
      "--adapt", "--dump", "--protocol", "--processors",
    ]
    var index = 0
    while index < arguments.count {
      let name = arguments[index]
      if flagNames.contains(name) {
        flags.insert(name)
      } else if valueNames.contains(name), index + 1 < arguments.count {
        index += 1
        values[name, default: []].append(arguments[index])
      } else if valueNames.contains(name) {
        throw SubjectError("\(name) needs a value")
      } else {
        throw SubjectError("'\(name)' is not an argument of a worker")
      }
      index += 1
    }
    func number<T: FixedWidthInteger>(_ name: String, _ type: T.Type) throws(SubjectError) -> T? {
      guard let text = values[name]?.last else { return nil }
      guard let number = T(text) else { throw SubjectError("\(name) takes a whole number, not '\(text)'") }
      return number
    }
    if let version = try number("--protocol", Int.self), version != RunRecord.protocolVersion {
      throw SubjectError(
        "this worker speaks protocol \(RunRecord.protocolVersion), the driver asks for \(version): build both anew, or "
          + "compare two builds with the older one's poolbench")
    }
    subject = try Subject(parsing: values["--subject"]?.last ?? "glibc", preloads: values["--preloaded"] ?? [])
    let passName = values["--pass"]?.last ?? Pass.throughput.rawValue
    guard let pass = Pass(rawValue: passName) else { throw SubjectError("'\(passName)' is not a pass") }
    self.pass = pass
    workloadName = values["--workload"]?.last ?? "standard input"
    directory = values["--directory"]?.last ?? "."
    overrides = WorkloadOverrides(
      seed: try number("--seed", UInt64.self), threads: try number("--threads", Int.self),
      operations: try number("--operations", UInt64.self))
    for text in values["--set"] ?? [] {
      guard let equals = text.firstIndex(of: "=") else { throw SubjectError("--set takes NAME=VALUE, not '\(text)'") }
      overrides.parameters.append(
        Parameter(name: String(text[..<equals]), value: String(text[text.index(after: equals)...])))
    }
    adaptations = []
    for text in values["--adapt"] ?? [] {
      guard let adaptation = Adaptation(rawValue: text) else { throw SubjectError("'\(text)' is not an adaptation") }
      adaptations.append(adaptation)
    }
    isCold = flags.contains("--cold")
    settles = !flags.contains("--no-settle")
    dumpPath = values["--dump"]?.last
    onlyGenerates = flags.contains("--generate-only") || dumpPath != nil
    steps = flags.contains("--step")
    processors = []
    for text in (values["--processors"]?.last ?? "").split(separator: ",") {
      guard let processor = Int(text), processor >= 0 else {
        throw SubjectError("--processors takes numbers such as 0,1, not '\(text)'")
      }
      processors.append(processor)
    }
  }
}
