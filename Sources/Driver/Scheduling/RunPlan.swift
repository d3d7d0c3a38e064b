public import Workload

/// What a `run` measures on every workload, and how.
public struct RunPlan: Equatable, Sendable {
  /// In the order of the table.
  public var subjects: [Subject]
  /// The subject that ratios are taken against; one of `subjects`.
  public var reference: Subject
  public var passes: [Pass]
  /// How many blocks, each a repetition of every subject.
  public var blocks: BlockPolicy
  /// Blocks go through so many seeds in turn, from the workload's own upwards; all subjects of a block have the same.
  public var seeds: Int
  /// Whether the workers of one block take turns on one processor, slice by slice, in the throughput pass of a workload
  /// of one lane; else each of them runs as a whole.
  public var takesTurns: Bool
  /// Processors that lanes are pinned to; empty to let the system choose. Turns are taken on the last one.
  public var processors: [Int]
  /// Leaves out what runs only by an adaptation.
  public var nativeOnly: Bool
  public var isCold: Bool
  public var settles: Bool
  /// Of one worker run; nil to take it from the estimate.
  public var timeout: Duration?
  /// Resident bytes of a worker.
  public var memoryLimit: UInt64
  /// Library of each `--preload` name.
  public var preloads: [String: String]
  /// Folder of the worker programs of each `--build` name.
  public var builds: [String: String]
  /// Whether the harness's own cost is measured too, which only a study of the noise can do without.
  public var measuresHarness = true

  public init(
    subjects: [Subject], reference: Subject, passes: [Pass] = [.throughput, .latency, .memory],
    blocks: BlockPolicy = BlockPolicy(), seeds: Int = 1, takesTurns: Bool = true, processors: [Int] = [],
    nativeOnly: Bool = false, isCold: Bool = false, settles: Bool = true, timeout: Duration? = nil,
    memoryLimit: UInt64 = .max, preloads: [String: String] = [:], builds: [String: String] = [:]
  ) {
    self.subjects = subjects
    self.reference = reference
    self.passes = passes
    self.blocks = blocks
    self.seeds = seeds
    self.takesTurns = takesTurns
    self.processors = processors
    self.nativeOnly = nativeOnly
    self.isCold = isCold
    self.settles = settles
    self.timeout = timeout
    self.memoryLimit = memoryLimit
    self.preloads = preloads
    self.builds = builds
  }

  /// Blocks of a pass before anybody looks whether they suffice.
  public func repetitions(of pass: Pass) -> Int { blocks.least(of: pass) }

  /// Subjects of a run that names none.
  public static let defaultSubjects: [Subject] = [
    Subject(.glibc), Subject(.jemalloc), Subject(.tcmalloc), Subject(.threadCache), Subject(.fixed),
    Subject(.fixedShared), Subject(.region),
  ]

  /// The cells of a workload: the subjects with their fit, then the harness's own cost, with scopes ended in bulk
  /// also where a subject ends them so.
  public func cells(for description: WorkloadDescription) -> [CellResult] {
    var list = subjects
    if !measuresHarness { return list.map { CellResult(subject: $0, fit: fit($0, description)) } }
    if !list.contains(Subject(.null)) { list.append(Subject(.null)) }
    var cells = list.map { CellResult(subject: $0, fit: fit($0, description)) }
    let bulk = Subject(.null, options: [.bulk])
    let needsBulk = cells.contains { cell in
      if case .skipped = cell.fit { return false }
      return cell.subject.base != .null && cell.subject.capabilities.endsScopesInBulk
    }
    if needsBulk, !list.contains(bulk) { cells.append(CellResult(subject: bulk, fit: .native)) }
    return cells
  }

  private func fit(_ subject: Subject, _ description: WorkloadDescription) -> Fit {
    let fit = Fit.of(subject, description)
    guard nativeOnly, case .adapted(let adaptations) = fit else { return fit }
    let how = adaptations.map(\.explanation).joined(separator: ", ")
    return .skipped("only adapted (\(how)), and --native-only leaves that out")
  }
}
