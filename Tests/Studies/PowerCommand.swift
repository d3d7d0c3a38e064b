import ArgumentParser
import Driver
import Foundation
import Workload

/// How often real comparisons on this machine invent a change, find one of 5 %, and mistake one of 2 %.
struct PowerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "power",
    abstract: "Measures false alarms and power of comparisons on this machine.",
    discussion: """
      Needs workers that were built with POOLBENCH_SLOWED=1. First the noise floor is measured as `poolbench doctor` \
      does and the number of blocks prescribed; then each comparison measures that many blocks of a subject against \
      itself, and against itself slowed down by 5 % and by 2 %, and judges them as `poolbench compare` does. Shares \
      stand with their one-sided 95 % binomial bounds. Exit status 1 if the bounds refute that at most 1 % of the \
      comparisons without a change call one, or that at least 95 % of the slow-downs by 5 % are found, or if one by 2 % \
      was ever called improved.
      """)

  @Option(help: "Folder of the slowed workers.") var workers: String
  @Option(help: "A workload of one lane.") var workload: String
  @Option(help: "Allocations of one replay.") var operations: UInt64 = 500_000
  @Option(help: "Comparisons of each kind.") var comparisons = 300
  @Option(help: "Blocks of a comparison, instead of those prescribed.") var blocks: Int?
  @Option(help: "Seed of the orders.") var seed: UInt64 = 1

  /// What each kind of comparison holds against the unchanged subject.
  private enum Kind: Int, CaseIterable {
    case same, slowBy5, slowBy2

    var percent: String {
      switch self {
      case .same: "0"
      case .slowBy5: "5"
      case .slowBy2: "2"
      }
    }
    var name: String {
      switch self {
      case .same: "the same (A/A)"
      case .slowBy5: "slower by 5 %"
      case .slowBy2: "slower by 2 %"
      }
    }
  }

  /// In turn, so that the study doesn't rest on one heap's behaviour.
  private static let bases: [Subject.Base] = [.glibc, .jemalloc, .threadCache]

  func validate() throws {
    if comparisons < 1 { throw ValidationError("--comparisons has to be at least 1") }
    if let blocks, blocks < StoppingRule.fewestForVerdict {
      throw ValidationError("--blocks has to be at least \(StoppingRule.fewestForVerdict)")
    }
  }

  func run() throws {
    let launcher = ProcessLauncher(folder: workers)
    Interruption.watch()
    let machine = Machine.current()
    print("\(machine.processor), \(machine.cores) cores, \(machine.kernel), load \(machine.load)")
    let blocks = try blocks ?? prescribed(launcher)
    var overrides = WorkloadOverrides(threads: 1, operations: operations)
    overrides.seed = nil
    let prepared = try WorkloadLoading.load(workload, overrides: overrides).workload
    let start = ContinuousClock.now
    var verdicts: [Kind: [Verdict: Int]] = [:]
    var logarithms: [Kind: [Double]] = [:]
    var deviations: [Double] = []
    // The kinds take turns: slow changes of the machine fall on all alike.
    for number in 0..<comparisons {
      for kind in Kind.allCases {
        let base = Self.bases[number % Self.bases.count]
        let cell = try compare(base, kind, prepared, blocks: blocks, number: number, launcher)
        verdicts[kind, default: [:]][cell.verdict, default: 0] += 1
        if let estimate = cell.estimate {
          logarithms[kind, default: []].append(log(estimate.ratio))
          deviations.append(estimate.standardError)
        }
      }
      let done = number + 1
      if done % 10 == 0 {
        let left = (ContinuousClock.now - start) / done * (comparisons - done)
        FileHandle.standardError.write(Data("\(done)/\(comparisons), \(Units.duration(left)) left\n".utf8))
      }
    }
    print(
      "\(comparisons) comparisons of each kind, \(blocks) blocks each, \(prepared.description.name) with \(operations) operations"
    )
    print(
      "took \(Units.duration(ContinuousClock.now - start)); subjects \(Self.bases.map(\.rawValue).joined(separator: ", ")) in turn"
    )
    try report(verdicts, logarithms)
  }

  private func prescribed(_ launcher: any Launcher) throws -> Int {
    let processors = ProcessorSet.own?.preferred.map { [$0] } ?? []
    let floor = try NoiseFloor.measure(launcher: launcher, processors: processors)
    print(
      "noise floor by turns: \(floor.turns.logarithms.count) pairs, SD \(percent(floor.turns.deviation)), robust SD "
        + percent(floor.turns.robustDeviation))
    guard let blocks = floor.turns.blocks else {
      print("no number of blocks finds a change of 5 % on this machine")
      throw ExitCode(1)
    }
    print("prescribed: \(blocks) blocks")
    return blocks
  }

  /// One comparison from its workers to its verdict.
  private func compare(
    _ base: Subject.Base, _ kind: Kind, _ workload: PreparedWorkload, blocks: Int, number: Int,
    _ launcher: any Launcher
  ) throws -> CellComparison {
    // Both sides name the variable; the second name keeps them apart where both are the same.
    func subject(_ percent: String, _ side: String) -> Subject {
      Subject(
        base,
        environment: [
          Subject.EnvironmentVariable(name: "POOLBENCH_SLOWED_PERCENT", value: percent),
          Subject.EnvironmentVariable(name: "SIDE", value: side),
        ])
    }
    let (old, new) = (subject("0", "base"), subject(kind.percent, "new"))
    // Which side stands first must not matter.
    let subjects = number % 2 == 0 ? [old, new] : [new, old]
    var plan = RunPlan(subjects: subjects, reference: old, passes: [.throughput], blocks: BlockPolicy(count: blocks))
    plan.measuresHarness = false
    var workload = workload
    workload.overrides.seed = seed &+ UInt64(number)
    workload.description.seed = seed &+ UInt64(number)
    var results = ResultSet(
      machine: .current(), tool: ToolVersion(version: ToolVersion.number, commit: nil), date: "", arguments: [],
      workloads: [])
    let observer = Silent()
    guard try Runner(plan: plan, launcher: launcher).run([workload], into: &results, observer: observer) else {
      throw ExitCode(130)
    }
    let file = ComparedFile(label: "study", results: results, plan: plan)
    let comparison = try Comparer(thresholds: try Thresholds(parsing: "p99=off,rss=off"))
      .compare(file, between: .subjects(base: old, new: new))
    guard let cell = comparison.cells.first, cell.estimate != nil else {
      print("a comparison has no figures: \(comparison.cells.first?.sentence ?? "no cell")")
      throw ExitCode(2)
    }
    return cell
  }

  private func report(_ verdicts: [Kind: [Verdict: Int]], _ logarithms: [Kind: [Double]]) throws {
    var refuted = 0
    for kind in Kind.allCases {
      let counts = verdicts[kind] ?? [:]
      let ratios = (logarithms[kind] ?? []).sorted()
      func quantile(_ share: Double) -> String {
        ratios.isEmpty ? "–" : Units.fixed((exp(ratios[Int(share * Double(ratios.count - 1))]) - 1) * 100, 2)
      }
      let words = [Verdict.regressed, .inconclusive, .same, .improved].map { "\(counts[$0] ?? 0) \($0.rawValue)" }
      print("\(kind.name): \(words.joined(separator: ", "))")
      print("  measured change, %: median \(quantile(0.5)), 5 % … 95 %: \(quantile(0.05)) … \(quantile(0.95))")
      let regressed = counts[.regressed] ?? 0
      let improved = counts[.improved] ?? 0
      switch kind {
      case .same:
        refuted += show("false alarms", .atMost(0.01), regressed + improved)
      case .slowBy5:
        refuted += show("found", .atLeast(0.95), regressed)
      case .slowBy2:
        print("  called improved: \(improved)")
        refuted += improved > 0 ? 1 : 0
      }
    }
    print(refuted == 0 ? "nothing refuted" : "refuted: \(refuted)")
    if refuted > 0 { throw ExitCode(1) }
  }

  private func show(_ name: String, _ claim: Claim, _ count: Int) -> Int {
    let finding = Finding(claim: claim, seen: Binomial(count, of: comparisons))
    print("  \(name), %: \(finding.text)")
    return finding.isRefuted ? 1 : 0
  }

  private func percent(_ share: Double) -> String { Units.fixed(share * 100, 2) + " %" }
}

/// Nobody looks at a study's progress run by run.
private final class Silent: RunnerObserver {
  func willRun(_ step: Step) {}
  func didRun(_ results: ResultSet) {}
  func didFinishWorkload(_ results: ResultSet) {}
}
