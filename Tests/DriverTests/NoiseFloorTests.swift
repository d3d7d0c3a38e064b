import Foundation
import Testing
import Workload

@testable import Driver

struct NoiseFloorTests {
  private static let effort = NoiseFloor.Effort(turns: 12, whole: 10, operations: 1000, budget: .seconds(3600))

  /// Workers whose times follow each other as `times` says, from its beginning again at its end.
  private func launcher(_ times: [Double]) -> FakeLauncher {
    FakeLauncher { _, request, before in
      .record(Samples.record(request.subject, request.pass, cost: times[before % times.count]))
    }
  }

  /// The measurement without the simulation behind it, which takes long in a debug build.
  private func measure(
    _ launcher: FakeLauncher, processors: [Int] = [], effort: NoiseFloor.Effort = effort,
    progress: (String, Int, Int) -> Void = { _, _, _ in }
  ) throws(NoiseFault) -> NoiseFloor {
    try NoiseFloor.measure(
      launcher: launcher, processors: processors, effort: effort, prescribe: { $0.count }, progress: progress)
  }

  @Test func `both modes are measured, turns on one processor`() throws {
    let launcher = launcher([1])
    var told: [String] = []
    let floor = try measure(launcher, processors: [3]) { mode, pair, pairs in
      told.append("\(mode) \(pair)/\(pairs)")
    }
    #expect(floor.turns.logarithms == [Double](repeating: 0, count: 12))
    #expect(floor.whole.logarithms.count == 10)
    #expect(told.first == "turns 1/12" && told.last == "whole runs 10/10")
    let requests = launcher.launches.compactMap { try? WorkerRequest(arguments: $0.arguments) }
    #expect(requests.prefix(24).allSatisfy { $0.steps && $0.processors == [3] })
    #expect(requests.dropFirst(24).allSatisfy { !$0.steps && $0.processors.isEmpty })
  }

  @Test func `the workload is one that every worker can read`() throws {
    let result = WorkloadDescription.parse(
      Array(NoiseFloor.workload.utf8), fileName: "noise-floor.txt", overrides: WorkloadOverrides(operations: 1000),
      loadHistogram: { _ in .success([]) })
    #expect(result.diagnostics.isEmpty)
    let description = try #require(result.description)
    #expect(description.lanes == 1 && description.phases.count == 1)
  }

  @Test func `the blocks of a quiet machine are those that were prescribed`() throws {
    let floor = try measure(launcher([1]))
    #expect(floor.turns.blocks == 12 && floor.whole.blocks == 10)
    #expect(NoiseFindings(floor: floor).all.allSatisfy { $0.verdict == .fine })
    #expect(floor.turns.deviation == 0 && floor.turns.robustDeviation == 0)
    #expect(floor.turns.estimate?.ratio == 1)
  }

  @Test func `a machine on which nothing can be found misleads`() {
    let wild = NoiseFloor.Mode(logarithms: (0..<24).map { $0 % 2 == 0 ? 0.4 : -0.4 }, blocks: nil)
    let findings = NoiseFindings(floor: NoiseFloor(turns: wild, whole: wild)).all
    #expect(findings.map(\.verdict) == [.misleading, .notable])
    #expect(findings[0].found.contains("24 pairs"))
  }

  @Test func `deviations are those of the definition`() {
    let mode = NoiseFloor.Mode(logarithms: [0.01, 0.02, 0.03, 0.04, 0.30], blocks: nil)
    #expect(abs(mode.deviation - 0.12349) < 1e-4)
    // The median distance from 0.03 is 0.01.
    #expect(abs(mode.robustDeviation - 0.014826) < 1e-9)
  }

  @Test func `the place in a pair favours neither side`() throws {
    // Every second worker is slower; called new in one pair and base in the next.
    let floor = try measure(launcher([1, 2]))
    #expect(abs(floor.whole.logarithms.reduce(0, +)) < 1e-12)
    #expect(floor.whole.logarithms.allSatisfy { abs(abs($0) - log(2)) < 1e-9 })
  }

  @Test func `a failure and an interruption end it with a reason`() {
    let crash = FakeLauncher { _, _, _ in LaunchOutcome(ending: .signalled(SIGSEGV)) }
    let fault = #expect(throws: NoiseFault.self) {
      try measure(crash)
    }
    #expect(fault?.description.contains("SIGSEGV") == true && fault?.isInterruption == false)
    let stop = FakeLauncher { _, _, _ in LaunchOutcome(ending: .interrupted) }
    let interruption = #expect(throws: NoiseFault.self) {
      try measure(stop)
    }
    #expect(interruption?.isInterruption == true)
  }

  @Test func `time that is up ends a mode once a prescription is possible`() throws {
    var effort = Self.effort
    effort.budget = .zero
    let floor = try measure(launcher([1]), effort: effort)
    #expect(floor.turns.logarithms.count == BlockPrescription.fewestValues)
  }
}
