import Testing
import Workload

@testable import Driver

struct RunnerTests {
  private let glibc = Subject(.glibc)
  private let jemalloc = Subject(.jemalloc)

  private func measure(
    _ launcher: FakeLauncher, _ plan: RunPlan, _ description: WorkloadDescription = Samples.description(),
    isInterrupted: @escaping () -> Bool = { false }
  ) throws -> (results: ResultSet, isComplete: Bool, observer: CountingObserver) {
    var results = ResultSet(
      machine: Samples.machine, tool: ToolVersion(version: "0", commit: nil), date: "", arguments: [], workloads: [])
    let observer = CountingObserver()
    let runner = Runner(plan: plan, launcher: launcher, isInterrupted: isInterrupted)
    let isComplete = try runner.run([Samples.workload(description)], into: &results, observer: observer)
    return (results, isComplete, observer)
  }

  private func plan(_ subjects: [Subject], passes: [Pass] = [.throughput], repetitions: Int? = 2) -> RunPlan {
    RunPlan(subjects: subjects, reference: subjects[0], passes: passes, blocks: BlockPolicy(count: repetitions))
  }

  @Test func `the harness's own cost is always measured`() throws {
    let launcher = FakeLauncher()
    let (results, isComplete, _) = try measure(launcher, plan([glibc]))
    #expect(isComplete)
    #expect(results.cells.map(\.subject.name) == ["glibc", "null"])
    #expect(launcher.launches.count == 4)
  }

  @Test func `null, which hands out one memory, is not verified`() throws {
    let launcher = FakeLauncher()
    let (results, _, _) = try measure(launcher, plan([glibc], passes: [.verification, .throughput], repetitions: 1))
    let verified = try launcher.launches.map { try WorkerRequest(arguments: $0.arguments) }
      .filter { $0.pass == .verification }.map(\.subject)
    #expect(verified == [glibc])
    #expect(results.cells.map(\.status.kind) == [.ok, .ok])
  }

  @Test func `a subject that ends scopes in bulk brings its own baseline`() throws {
    let description = Samples.description(classes: Samples.mixedClasses, scopes: [Samples.requestScope])
    let (results, _, _) = try measure(FakeLauncher(), plan([glibc, Subject(.region)]), description)
    #expect(results.cells.map(\.subject.name) == ["glibc", "region", "null", "null[bulk]"])
    #expect(results.workloads[0].controlSubject(of: Subject(.region)).name == "null[bulk]")
    #expect(results.workloads[0].controlSubject(of: glibc).name == "null")
  }

  @Test func `a skipped subject is not run and needs no baseline`() throws {
    let launcher = FakeLauncher()
    let (results, _, _) = try measure(launcher, plan([glibc, Subject(.region)]))
    #expect(results.cells.map(\.status.kind) == [.ok, .skipped, .ok])
    #expect(launcher.launches.count == 4)
  }

  @Test func `adaptations are asked for, and left out by native only`() throws {
    let description = Samples.description(threads: 2)
    let launcher = FakeLauncher()
    _ = try measure(launcher, plan([glibc, Subject(.fixed)], repetitions: 1), description)
    let request = try launcher.launches.map { try WorkerRequest(arguments: $0.arguments) }.first {
      $0.subject == Subject(.fixed)
    }
    #expect(request?.adaptations == [.perLane])

    var native = plan([glibc, Subject(.fixed)])
    native.nativeOnly = true
    let (results, _, _) = try measure(FakeLauncher(), native, description)
    #expect(results.cells[1].status.kind == .skipped)
    #expect(results.cells[1].status.note.contains("one pool per lane"))
  }

  @Test func `a worker gets the description, its own variables and nothing else`() throws {
    let subject = Subject(.glibc, environment: [.init(name: "MALLOC_ARENA_MAX", value: "1")])
    let preloaded = Subject(.preloaded, preloadName: "mi")
    var plan = plan([subject, preloaded], repetitions: 1)
    plan.preloads = ["mi": "/lib/libmi.so"]
    let launcher = FakeLauncher()
    _ = try measure(launcher, plan)
    let launches = launcher.launches.sorted { $0.arguments[3] < $1.arguments[3] }
    #expect(launches.map(\.arguments).map { $0[3] } == ["glibc[MALLOC_ARENA_MAX=1]", "mi", "null"])
    #expect(launches[0].environment == [.init(name: "MALLOC_ARENA_MAX", value: "1")])
    #expect(launches[1].environment == [.init(name: "LD_PRELOAD", value: "/lib/libmi.so")])
    #expect(launches[2].environment.isEmpty)
    #expect(launches.allSatisfy { $0.program == "poolbench-glibc" && $0.input == Array("size = 64\n".utf8) })
  }

  @Test func `a crash costs its own cell and no further run of it`() throws {
    let launcher = FakeLauncher { _, request, _ in
      request.subject.base == .jemalloc
        ? LaunchOutcome(ending: .signalled(11)) : .record(Samples.record(request))
    }
    let (results, isComplete, _) = try measure(launcher, plan([glibc, jemalloc], repetitions: 3))
    #expect(isComplete)
    #expect(results.cells.map(\.status.words) == ["ok", "crashed (SIGSEGV)", "ok"])
    #expect(results.cells.map(\.runs.count) == [3, 1, 3])
  }

  @Test func `a stream that differs fails the later cell`() throws {
    let launcher = FakeLauncher { _, request, before in
      var record = RunRecord()
      for field in Samples.record(request).fields {
        guard let key = RecordKey(rawValue: field.key) else { continue }
        record.add(key, key == .streamDigest && before == 2 ? "other" : field.value)
      }
      return .record(record)
    }
    let (results, _, observer) = try measure(launcher, plan([glibc, jemalloc], repetitions: 1))
    #expect(results.cells.filter(\.status.isFailure).map(\.subject) == [observer.steps[0].subjects[2]])
    #expect(results.workloads[0].streamDigest == Samples.digest)
  }

  @Test func `an interruption keeps what was measured`() throws {
    let launcher = FakeLauncher { _, request, before in
      before < 4 ? .record(Samples.record(request)) : LaunchOutcome(ending: .interrupted)
    }
    let (results, isComplete, observer) = try measure(
      launcher, plan([glibc, jemalloc], passes: [.latency]), isInterrupted: { launcher.launches.count > 4 })
    #expect(!isComplete)
    #expect(results.cells.map(\.runs.count).reduce(0, +) == 4)
    #expect(results.cells.allSatisfy { !$0.status.isFailure })
    #expect(observer.finished == 1 && launcher.launches.count == 5)
  }

  @Test func `progress counts every run and tells the time that is left`() throws {
    let (_, _, observer) = try measure(FakeLauncher(), plan([glibc, jemalloc], passes: [.latency]))
    #expect(observer.steps.map(\.number) == [1, 2, 3, 4, 5, 6])
    #expect(observer.steps.allSatisfy { $0.total == 6 && $0.subjects.count == 1 && !$0.mayGrow })
    #expect(observer.steps[0].remaining == nil)
    #expect(observer.steps[3].remaining == .milliseconds(30))
    #expect(observer.updates == 6)
  }

  @Test func `a worker that cannot serve a workload skips its cell`() throws {
    let launcher = FakeLauncher { _, request, _ in
      var record = RunRecord()
      record.add(.status, request.subject.base == .jemalloc ? "unsupported" : "ok")
      record.add(.note, "too wide")
      return request.subject.base == .jemalloc
        ? .record(record) : .record(Samples.record(request))
    }
    let (results, _, _) = try measure(launcher, plan([glibc, jemalloc]))
    #expect(results.cells[1].status == RunStatus(.skipped, note: "too wide"))
  }
}
