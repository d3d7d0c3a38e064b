import Synchronization
import Testing
import Workload

@testable import Driver

/// Turns, seeds, the stopping rule, budgets, and what is done when a run is continued.
struct RunnerBlocksTests {
  private let glibc = Subject(.glibc)
  private let jemalloc = Subject(.jemalloc)

  private static func empty(_ workloads: [WorkloadResult] = []) -> ResultSet {
    ResultSet(
      machine: Samples.machine, tool: ToolVersion(version: "0", commit: nil), date: "", arguments: [],
      workloads: workloads)
  }

  private func measure(
    _ launcher: FakeLauncher, _ plan: RunPlan, from earlier: [WorkloadResult] = [],
    workloads: [PreparedWorkload] = [Samples.workload()], isInterrupted: @escaping () -> Bool = { false },
    now: @escaping () -> Duration = { .zero }, available: UInt64 = 1 << 40
  ) throws -> (results: ResultSet, observer: CountingObserver) {
    var results = Self.empty(earlier)
    let observer = CountingObserver()
    let runner = Runner(
      plan: plan, launcher: launcher, isInterrupted: isInterrupted, now: now, available: { available })
    _ = try runner.run(workloads, into: &results, observer: observer)
    return (results, observer)
  }

  private func plan(_ subjects: [Subject], passes: [Pass] = [.throughput], blocks: Int? = 2) -> RunPlan {
    RunPlan(subjects: subjects, reference: subjects[0], passes: passes, blocks: BlockPolicy(count: blocks))
  }

  /// A launcher whose runs' times wander by `noise`.
  private func noisy(_ noise: Double) -> FakeLauncher {
    FakeLauncher { _, request, before in
      var random = SplitMix64(state: UInt64(before))
      let wobble = Double(random.next() % 1000) / 1000 - 0.5
      return .record(Samples.record(request, cost: 1 + noise * wobble))
    }
  }

  private func blocks(_ results: ResultSet, _ pass: Pass = .throughput) -> [Int] {
    results.cells[0].runs.filter { $0.pass == pass }.map(\.repetition)
  }

  // MARK: Turns

  @Test func `a block's workers take turns, pinned to the processor asked for`() throws {
    let launcher = FakeLauncher()
    var plan = plan([glibc, jemalloc], passes: [.throughput, .memory])
    plan.processors = [0, 3]
    let (results, observer) = try measure(launcher, plan)
    #expect(launcher.turns.map(\.launches.count) == [3, 3])
    #expect(launcher.turns[0].seed != launcher.turns[1].seed)
    for request in launcher.requests {
      #expect(request.steps == (request.pass == .throughput))
      #expect(request.processors == (request.pass == .throughput ? [3] : [0, 3]))
    }
    #expect(launcher.turns.flatMap(\.launches).allSatisfy { $0.processors == [3] })
    #expect(results.cells.flatMap(\.runs).allSatisfy { $0.tookTurns == ($0.pass == .throughput) })
    #expect(observer.steps.filter { $0.pass == .throughput }.map(\.subjects.count) == [3, 3])
    #expect(observer.steps.map(\.number).last == 12 && observer.updates == 8)
  }

  @Test func `turns are taken on the driver's last processor by default`() throws {
    let launcher = FakeLauncher()
    _ = try measure(launcher, plan([glibc, jemalloc]))
    let last = ProcessorSet.own?.preferred
    #expect(launcher.requests.allSatisfy { $0.processors == last.map { [$0] } ?? [] })
  }

  @Test func `whole runs where turns are not wanted or do not fit into memory`() throws {
    let launcher = FakeLauncher()
    var whole = plan([glibc, jemalloc])
    whole.takesTurns = false
    let (plain, _) = try measure(launcher, whole)
    #expect(launcher.turns.isEmpty && launcher.requests.allSatisfy { !$0.steps && $0.processors.isEmpty })
    #expect(plain.cells.flatMap(\.runs).allSatisfy { $0.status == .ok })

    let small = FakeLauncher()
    let (results, _) = try measure(small, plan([glibc, jemalloc]), available: 1000)
    #expect(small.turns.isEmpty)
    #expect(
      results.cells.flatMap(\.runs).allSatisfy { !$0.tookTurns && $0.status.note.contains("ran whole: 3 workers") })
  }

  @Test func `one that fails in turns drops out, and the rest go on without it`() throws {
    let launcher = FakeLauncher { _, request, _ in
      request.subject.base == .jemalloc
        ? LaunchOutcome(ending: .misspoke("it lied")) : .record(Samples.record(request))
    }
    let (results, observer) = try measure(launcher, plan([glibc, jemalloc], blocks: 3))
    #expect(launcher.turns.map(\.launches.count) == [3, 2, 2])
    #expect(results.cells.map(\.status.sentence) == ["ok", "failed: it lied", "ok"])
    #expect(observer.steps.map(\.number) == [1, 5, 8] && observer.steps.allSatisfy { $0.total == 9 })
  }

  @Test func `builds of a subject take turns with each other, from their own folders`() throws {
    let launcher = FakeLauncher()
    let subjects = [glibc, jemalloc].flatMap { [$0.of(build: "base"), $0.of(build: "head")] }
    var plan = plan(subjects, blocks: 1)
    plan.builds = ["base": "/old", "head": "/new"]
    _ = try measure(launcher, plan)
    #expect(launcher.turns.count == 2 && launcher.launches.count == 5)
    for turn in launcher.turns {
      #expect(turn.launches.map(\.folder) == ["/old", "/new"])
      #expect(Set(turn.launches.map { $0.arguments[3] }).count == 1)
    }
  }

  // MARK: Seeds

  @Test func `blocks go through the seeds, and each has a stream of its own`() throws {
    let launcher = FakeLauncher()
    var plan = plan([glibc], blocks: 5)
    plan.seeds = 2
    let (results, _) = try measure(launcher, plan)
    #expect(launcher.requests.compactMap(\.overrides.seed) == [7, 7, 8, 8, 7, 7, 8, 8, 7, 7])
    #expect(results.cells[0].runs.map(\.seed) == [7, 8, 7, 8, 7])
    #expect(results.workloads[0].streamDigests == [7: Samples.digest + "7", 8: Samples.digest + "8"])
    #expect(results.cells.allSatisfy { $0.status == .ok })
  }

  // MARK: The stopping rule

  @Test func `ten blocks are enough for steady ratios`() throws {
    let (results, observer) = try measure(FakeLauncher(), plan([glibc, jemalloc], blocks: nil))
    #expect(blocks(results) == Array(1...10))
    #expect(observer.steps.allSatisfy { $0.repetitions == 10 && $0.mayGrow && $0.total == 30 })
  }

  @Test func `noise adds blocks, up to forty`() throws {
    let (results, observer) = try measure(noisy(0.5), plan([glibc, jemalloc], blocks: nil))
    #expect(blocks(results) == Array(1...40))
    let last = try #require(observer.steps.last)
    #expect(last.total == 120 && last.number == 118 && last.repetitions == 40 && !last.mayGrow)
    #expect(observer.steps[15].repetitions == 20 && observer.steps[15].total == 60)
  }

  @Test func `a number of blocks is a number of blocks, and other passes have their own`() throws {
    #expect(blocks(try measure(noisy(0.5), plan([glibc, jemalloc], blocks: 12)).results) == Array(1...12))
    let (results, _) = try measure(noisy(0.5), plan([glibc, jemalloc], passes: [.throughput, .memory], blocks: nil))
    #expect(blocks(results).count == 40 && blocks(results, .memory) == [1, 2])
  }

  @Test func `only native subjects with figures decide`() throws {
    let launcher = FakeLauncher { _, request, before in
      if request.subject.base == .jemalloc { return LaunchOutcome(ending: .signalled(11)) }
      let isUnsteady = request.subject.base == .null
      return .record(Samples.record(request, cost: isUnsteady ? 1 + Double(before % 7) : 1))
    }
    #expect(blocks(try measure(launcher, plan([glibc, jemalloc], blocks: nil)).results).count == 10)
  }

  @Test func `builds are compared with their counterpart`() throws {
    let subjects = [glibc, jemalloc].flatMap { [$0.of(build: "base"), $0.of(build: "head")] }
    // Blocks wander by themselves and the subjects apart from each other, but builds not from each other.
    let launcher = FakeLauncher { _, request, before in
      .record(Samples.record(request, cost: request.subject.base == .jemalloc ? 1 + Double(before / 5 % 7) : 1))
    }
    var plan = plan(subjects, blocks: nil)
    plan.takesTurns = false
    let (results, _) = try measure(launcher, plan)
    let workload = results.workloads[0]
    #expect(workload.counterpart(of: subjects[3], reference: subjects[0]) == subjects[2])
    #expect(workload.counterpart(of: subjects[2], reference: subjects[0]) == subjects[0])
    #expect(blocks(results).count == 10)
  }

  // MARK: Budgets

  /// A clock that each launch moves on by a second.
  private func clock(_ launcher: FakeLauncher) -> () -> Duration { { .seconds(launcher.launches.count) } }

  @Test func `a budget ends the blocks, shared by the workloads`() throws {
    let launcher = noisy(0.5)
    var plan = plan([glibc, jemalloc], blocks: nil)
    plan.blocks.budget = .seconds(90)
    let (results, observer) = try measure(
      launcher, plan, workloads: [Samples.workload(), other], now: clock(launcher))
    // Three launches a block, 45 seconds a workload.
    #expect(results.workloads.map { $0.cells[0].runs.count } == [15, 15])
    // Of the second one the rest up to the second look was still in sight.
    #expect(observer.steps.last?.total == 105)
  }

  @Test func `a spent budget begins nothing, also of a fixed number of blocks`() throws {
    let launcher = FakeLauncher()
    var plan = plan([glibc], passes: [.throughput, .memory], blocks: 30)
    plan.blocks.budget = .seconds(7)
    let (results, _) = try measure(launcher, plan, now: clock(launcher))
    #expect(blocks(results) == [1, 2] && blocks(results, .memory) == [1, 2])
  }

  @Test func `without a budget a minute is spent on more blocks`() throws {
    let launcher = noisy(0.5)
    let (results, _) = try measure(launcher, plan([glibc, jemalloc], blocks: nil), now: clock(launcher))
    #expect(blocks(results) == Array(1...30))
  }

  /// Another workload than ``Samples/workload(_:)``.
  private var other: PreparedWorkload {
    var workload = Samples.workload()
    workload.text = Array("size = 65\n".utf8)
    return workload
  }

  // MARK: Going on

  @Test func `runs that are there are not run again`() throws {
    let plan = plan([glibc, jemalloc], passes: [.latency, .memory])
    let whole = try measure(FakeLauncher(), plan).results
    for keep in 0...12 {
      var kept = keep
      var part = whole.workloads[0]
      for index in part.cells.indices {
        part.cells[index].runs.removeAll { _ in
          kept -= 1
          return kept < 0
        }
      }
      part.cells[0].runs.append(RunResult(pass: .memory, repetition: 2, status: RunStatus(.interrupted)))
      let launcher = FakeLauncher()
      let (results, observer) = try measure(launcher, plan, from: [part])
      #expect(launcher.launches.count == 12 - keep && observer.updates == 12 - keep)
      #expect(observer.steps.last.map { $0.number <= 12 && $0.total == 12 } ?? true)
      func runs(_ results: ResultSet) -> [[String]] {
        results.cells.map { $0.runs.map { "\($0.pass) \($0.repetition) \($0.status.words)" }.sorted() }
      }
      #expect(runs(results) == runs(whole))
    }
  }

  @Test func `a block of turns that lacks a run is taken anew, whole`() throws {
    let plan = plan([glibc, jemalloc], blocks: 3)
    var part = try measure(FakeLauncher(), plan).results.workloads[0]
    part.cells[1].runs.removeAll { $0.repetition == 2 }
    let launcher = FakeLauncher { _, request, _ in .record(Samples.record(request, cost: 3)) }
    let (results, _) = try measure(launcher, plan, from: [part])
    #expect(launcher.turns.map(\.launches.count) == [3])
    for cell in results.cells {
      #expect(cell.runs.map(\.repetition).sorted() == [1, 2, 3])
      #expect(cell.run(.throughput, repetition: 2)?.grossNanoseconds == 60)
      #expect(cell.run(.throughput, repetition: 1)?.grossNanoseconds == 20)
    }
  }

  @Test func `an interrupted block of turns leaves nothing, and a failed cell stays failed`() throws {
    let interrupted = FakeLauncher { _, request, before in
      if before == 4 { return LaunchOutcome(ending: .interrupted) }
      return request.subject.base == .jemalloc
        ? LaunchOutcome(ending: .signalled(6)) : .record(Samples.record(request))
    }
    let plan = plan([glibc, jemalloc], blocks: 3)
    let (part, _) = try measure(interrupted, plan, isInterrupted: { interrupted.launches.count > 4 })
    #expect(part.cells.map(\.runs.count) == [1, 1, 1])
    let launcher = FakeLauncher()
    let (results, _) = try measure(launcher, plan, from: part.workloads)
    #expect(results.cells.map(\.runs.count) == [3, 1, 3] && results.cells[1].status.words == "crashed (SIGABRT)")
    #expect(launcher.turns.map(\.launches.count) == [2, 2])
  }

  @Test func `workloads that are not reached keep what was known of them`() throws {
    let plan = plan([glibc], blocks: 1)
    let known = try measure(FakeLauncher(), plan, workloads: [Samples.workload(), other]).results.workloads
    let launcher = FakeLauncher()
    let (results, observer) = try measure(
      launcher, plan, from: known, workloads: [Samples.workload(), other], isInterrupted: { true })
    #expect(launcher.launches.isEmpty && observer.finished == 1)
    #expect(results.workloads == known)
  }
}
