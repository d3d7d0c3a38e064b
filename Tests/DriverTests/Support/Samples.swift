import Workload

@testable import Driver

/// Records, descriptions and results that tests are made of.
enum Samples {
  static let machine = Machine(
    processor: "Test CPU @ 2.50GHz", cores: 2, memoryBytes: 8 << 30, kernel: "Linux 6.1.0", architecture: "x86_64",
    libc: "glibc 2.36", hugePages: "madvise", governor: "n/a", addressRandomisation: "full", load: "0.10",
    groupLimits: [])

  static let digest = "00000000cafef00d"

  /// A single class of 64 bytes that dies at once, unless told otherwise.
  static func description(
    threads: Int = 1, operations: UInt64 = 1000, classes: [ObjectClass]? = nil, scopes: [Scope] = []
  ) -> WorkloadDescription {
    let used = classes ?? [ObjectClass(name: "all", size: .fixed(64), lifetime: .drawn(.fixed(0)))]
    let phase = Phase(
      name: "main", operations: operations, threads: threads,
      mix: used.indices.map { ClassShare(classIndex: $0, weight: used[$0].share) })
    return WorkloadDescription(
      name: "sample", summary: "A heap for tests", seed: 7, threads: threads, scopes: scopes, classes: used,
      phases: [phase])
  }

  static func workload(_ description: WorkloadDescription = description()) -> PreparedWorkload {
    PreparedWorkload(
      fileName: "sample.txt", directory: "/", text: Array("size = 64\n".utf8), overrides: WorkloadOverrides(),
      description: description)
  }

  static func owner(of subject: Subject) -> String {
    switch subject.base {
    case .jemalloc: "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"
    case .tcmalloc: "/usr/lib/x86_64-linux-gnu/libtcmalloc.so.4"
    default: "/lib/x86_64-linux-gnu/libc.so.6"
    }
  }

  static func version(of subject: Subject) -> String {
    switch subject.base {
    case .jemalloc: "jemalloc 5.3.0"
    case .tcmalloc: "gperftools 2.10"
    default: "glibc 2.36"
    }
  }

  /// A complete record; `cost` scales every figure.
  static func record(_ subject: Subject, _ pass: Pass, cost: Double = 1, repetition: Int = 1) -> RunRecord {
    var record = RunRecord()
    record.add(.subject, subject.nameInWorker)
    record.add(.pass, pass.rawValue)
    record.add(.status, "ok")
    record.add(.mallocOwner, owner(of: subject))
    record.add(.freeOwner, owner(of: subject))
    record.add(.libraryVersion, version(of: subject))
    record.add(.streamDigest, digest)
    record.add(.ops, 1_000_000)
    let wobble = 1 + Double(repetition - 1) * 0.02
    record.add(.wallNanoseconds, Int(20_000_000 * cost * wobble))
    record.add(.cpuNanoseconds, Int(19_000_000 * cost * wobble))
    record.add(.minorFaults, Int(12_345 * cost))
    record.add(.majorFaults, 0)
    record.add(.voluntarySwitches, 3)
    record.add(.involuntarySwitches, repetition)
    if pass == .latency {
      record.add(.ticksPerSecond, 1_000_000_000)
      for (kind, weight) in [(OperationKind.allocate, 1.0), (.free, 0.8)] {
        let ticks = [(10, 40 * cost * weight), (950, 60 * cost * weight), (40, 4000 * cost * weight)]
        let buckets = ticks.map { "\(LatencyBuckets.index(of: UInt64($0.1))):\($0.0)" }
        record.add(.histogram, "\(kind.rawValue) 1 \(buckets.joined(separator: " "))")
        record.add(.maximum, "\(kind.rawValue) \(UInt64(1_500_000 * cost * weight))")
      }
    }
    if pass == .memory {
      let mebibyte = 0x1p20
      let figures: [(RecordKey, Double)] = [
        (.baselineResident, 2), (.peakResident, 90 + 20 * cost), (.meanResident, 70 + 20 * cost), (.peakLive, 80),
        (.waste, 4 * cost), (.drainedResident, 30 * cost), (.settledResident, 20 * cost), (.purgedResident, 3 * cost),
        (.exitedResident, 3 * cost), (.addressSpace, 200 + 50 * cost),
      ]
      for (key, value) in figures { record.add(key, Int(value * mebibyte)) }
    }
    return record
  }

  /// What a good worker answers: each seed has a stream of its own.
  static func record(_ request: WorkerRequest, cost: Double = 1) -> RunRecord {
    guard let seed = request.overrides.seed else { return record(request.subject, request.pass, cost: cost) }
    var answer = RunRecord()
    for field in record(request.subject, request.pass, cost: cost).fields {
      guard let key = RecordKey(rawValue: field.key) else { continue }
      answer.add(key, key == .streamDigest ? "\(digest)\(seed)" : field.value)
    }
    return answer
  }

  static func cost(of subject: Subject) -> Double {
    switch subject.base {
    case .glibc: 1
    case .jemalloc: 0.8
    case .tcmalloc: 0.6
    case .preloaded: 0.7
    case .threadCache: 0.5
    case .fixedShared: 0.4
    case .fixed: 0.25
    case .region: 0.2
    case .null: 0.1
    default: 0.3
    }
  }

  /// All default subjects measured on `description`, but jemalloc, which crashed in its second run.
  static func results(_ description: WorkloadDescription, repetitions: Int = 3) -> ResultSet {
    let plan = RunPlan(subjects: RunPlan.defaultSubjects, reference: Subject(.glibc))
    var workload = workload(description).emptyResult(cells: plan.cells(for: description))
    workload.streamDigests = [workload.seed: digest]
    for index in workload.cells.indices where workload.cells[index].fit.word != "skipped" {
      let subject = workload.cells[index].subject
      workload.cells[index].version = version(of: subject)
      for repetition in 1...repetitions {
        for pass in plan.passes {
          let record = record(subject, pass, cost: cost(of: subject), repetition: repetition)
          workload.cells[index].runs.append(
            RunResult(pass: pass, repetition: repetition, seed: workload.seed, status: .ok, record: record))
        }
      }
    }
    if let index = workload.cells.firstIndex(where: { $0.subject == Subject(.jemalloc) }) {
      let crash = RunStatus(.crashed, detail: "SIGSEGV", note: "free(): invalid \"pointer\", twice")
      workload.cells[index].runs[1] = RunResult(pass: .latency, repetition: 1, status: crash)
    }
    return ResultSet(
      machine: machine, tool: ToolVersion(version: "0.1.0", commit: "0123456789"), date: "2026-01-02T03:04:05Z",
      arguments: ["run", "sample.txt"], workloads: [workload])
  }

  /// Two phases' worth of classes: one scoped, one not.
  static var mixedClasses: [ObjectClass] {
    [
      ObjectClass(name: "scratch", size: .fixed(48), lifetime: .scope(0)),
      ObjectClass(name: "session", size: .fixed(256), lifetime: .drawn(.fixed(100))),
    ]
  }

  static let requestScope = Scope(name: "request", length: .fixed(50))
}
