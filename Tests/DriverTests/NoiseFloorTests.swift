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

  @Test func `both modes are measured, turns on one processor`() throws {
    let launcher = launcher([1])
    var told: [String] = []
    let floor = try NoiseFloor.measure(launcher: launcher, processors: [3], effort: Self.effort) { mode, pair, pairs in
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

  @Test func `a quiet machine needs the fewest blocks`() throws {
    let floor = try NoiseFloor.measure(launcher: launcher([1]), processors: [], effort: Self.effort)
    #expect(NoiseFindings(floor: NoiseFloor(turns: floor.turns, whole: floor.whole)).turns.verdict == .fine)
    #expect(floor.turns.deviation == 0 && floor.turns.robustDeviation == 0)
    #expect(floor.turns.estimate?.ratio == 1)
  }

  @Test func `a machine on which nothing can be found misleads`() {
    let wild = NoiseFloor.Mode(logarithms: (0..<24).map { $0 % 2 == 0 ? 0.4 : -0.4 })
    #expect(wild.blocks == nil)
    let findings = NoiseFindings(floor: NoiseFloor(turns: wild, whole: wild)).all
    #expect(findings.map(\.verdict) == [.misleading, .notable])
    #expect(findings[0].found.contains("24 pairs"))
  }

  @Test func `deviations are those of the definition`() {
    let mode = NoiseFloor.Mode(logarithms: [0.01, 0.02, 0.03, 0.04, 0.30])
    #expect(abs(mode.deviation - 0.12390) < 1e-4)
    // The median distance from 0.03 is 0.01.
    #expect(abs(mode.robustDeviation - 0.014826) < 1e-9)
  }

  @Test func `the place in a pair favours neither side`() throws {
    // Every second worker is slower; called new in one pair and base in the next.
    let floor = try NoiseFloor.measure(launcher: launcher([1, 2]), processors: [], effort: Self.effort)
    #expect(abs(floor.whole.logarithms.reduce(0, +)) < 1e-12)
    #expect(floor.whole.logarithms.allSatisfy { abs(abs($0) - log(2)) < 1e-9 })
  }

  @Test func `a failure and an interruption end it with a reason`() {
    let crash = FakeLauncher { _, _, _ in LaunchOutcome(ending: .signalled(SIGSEGV)) }
    let fault = #expect(throws: NoiseFault.self) {
      try NoiseFloor.measure(launcher: crash, processors: [], effort: Self.effort)
    }
    #expect(fault?.description.contains("SIGSEGV") == true && fault?.isInterruption == false)
    let stop = FakeLauncher { _, _, _ in LaunchOutcome(ending: .interrupted) }
    let interruption = #expect(throws: NoiseFault.self) {
      try NoiseFloor.measure(launcher: stop, processors: [], effort: Self.effort)
    }
    #expect(interruption?.isInterruption == true)
  }

  @Test func `time that is up ends a mode once a prescription is possible`() throws {
    var effort = Self.effort
    effort.budget = .zero
    let floor = try NoiseFloor.measure(launcher: launcher([1]), processors: [], effort: effort)
    #expect(floor.turns.logarithms.count == BlockPrescription.fewestValues)
  }
}
