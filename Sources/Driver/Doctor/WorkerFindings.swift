import Foundation
import Workload

/// What workers find out about the machine: their clock, hardware counters, and whose `malloc` they have.
struct WorkerFindings {
  var files: SystemFiles
  var probe: VersionProbe

  init(
    files: SystemFiles, launcher: any Launcher, preloads: [String: String], builds: [String: String] = [:]
  ) {
    self.files = files
    probe = VersionProbe(launcher: launcher, preloads: preloads, builds: builds)
  }

  /// Operations that are enough for the clock's own percentiles.
  private static let clockOperations: UInt64 = 20_000
  /// Nanoseconds of a clock step above which common allocator calls vanish in it, and above which all do.
  private static let (coarseStep, uselessStep) = (100.0, 1000.0)

  /// The clock's step and cost, from the latency pass of the subject that does nothing.
  func clock() -> [Finding] {
    let verdict = probe.probe(Subject(.null), pass: .latency, operations: Self.clockOperations)
    guard verdict.status.kind == .ok, let record = verdict.record else {
      return [
        Finding(
          .clock, "step and cost", found: "not measured", .misleading,
          why: "the worker that times nothing fails: \(verdict.status.sentence)")
      ]
    }
    return Self.clock(record)
  }

  static func clock(_ record: RunRecord) -> [Finding] {
    var findings: [Finding] = []
    if let step = record[.clockStepNanoseconds].flatMap({ Double($0) }) {
      let verdict: Finding.Verdict = step > uselessStep ? .misleading : step > coarseStep ? .notable : .fine
      findings.append(
        Finding(
          .clock, "step", found: Units.nanoseconds(step), verdict,
          why: verdict == .fine ? "" : "latencies are whole multiples of it"))
    } else {
      findings.append(.unknown(.clock, "step"))
    }
    guard let figures = LatencySummary(record)?.figures[.allocate] else {
      return findings + [.unknown(.clock, "cost")]
    }
    let isDear = figures.p50 > coarseStep
    findings.append(
      Finding(
        .clock, "cost", found: "p50 \(Units.latency(figures.p50)), p99 \(Units.latency(figures.p99))",
        figures.p50 > uselessStep ? .misleading : isDear ? .notable : .fine,
        why: isDear ? "what a reading of the clock takes; percentiles under twice that get no verdict" : ""))
    return findings
  }

  /// Whether a worker gets figures from the hardware counters.
  func counters(_ record: RunRecord?) -> Finding {
    let name = "counters"
    let level = files.number("/proc/sys/kernel/perf_event_paranoid")
    let shown = level.map { "perf_event_paranoid \($0)" } ?? "no perf events"
    if record?.integer(.instructions) ?? 0 > 0 { return Finding(.clock, name, found: "work, \(shown)", .fine) }
    // From 3 on distributions forbid even a process's own user-space counts.
    if let level, level > 2 {
      return Finding(
        .clock, name, found: shown, .notable, why: "instructions and cache misses are not shown",
        remedy: "sudo sysctl kernel.perf_event_paranoid=2")
    }
    return Finding(
      .clock, name, found: "none, \(shown)", .notable,
      why: "instructions and cache misses are not shown; the machine or the container offers no counters")
  }

  /// Who owns `malloc` and `free` in the worker of `subject`.
  func identity(of subject: Subject) -> (finding: Finding, record: RunRecord?) {
    let (status, record) = probe.probe(subject)
    guard status.kind == .ok, let record else {
      let package = [Subject.Base.jemalloc: "libjemalloc-dev", .tcmalloc: "libgoogle-perftools-dev"][subject.base]
      let finding = Finding(
        .allocators, subject.name, found: status.words, .misleading, why: status.note,
        remedy: status.kind == .libraryMissing ? package.map { "sudo apt-get install \($0)" } : nil)
      return (finding, nil)
    }
    let owner = record[.mallocOwner].map { ($0 as NSString).lastPathComponent } ?? ""
    var facts = [record[.libraryVersion] ?? "", owner]
    if let build = record[.buildID], !build.isEmpty { facts.append("build \(build.prefix(12))") }
    let warned = !status.note.isEmpty
    let found = facts.filter { !$0.isEmpty }.joined(separator: ", ")
    return (Finding(.allocators, subject.name, found: found, warned ? .notable : .fine, why: status.note), record)
  }
}
