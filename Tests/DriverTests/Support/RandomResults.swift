import TestSupport
import Workload

@testable import Driver

/// Random plans, workloads and results, the same ones for a seed each time: every kind of value that a result file has
/// to carry.
struct RandomResults {
  private var random: SplitMix64
  private var descriptions: RandomDescription

  init(seed: UInt64) {
    random = SplitMix64(state: seed)
    descriptions = RandomDescription(seed: seed, largestScale: 64)
  }

  mutating func plan() -> RunPlan {
    let builds = chance() ? ["base": "/builds/base", "head": "/builds/\(text())"] : [:]
    let preloads = chance() ? ["mi": "/lib/libmi.so", "sn": text()] : [:]
    var subjects = [Subject(.glibc)] + RunPlan.defaultSubjects.dropFirst().filter { _ in chance() }
    subjects.append(Subject(.glibc, environment: [.init(name: "A", value: "b=c"), .init(name: "B", value: "")]))
    subjects += preloads.keys.sorted().map { Subject(.preloaded, preloadName: $0) }
    if !builds.isEmpty { subjects.append(Subject(.threadCache, options: [.sized]).of(build: "head")) }
    return RunPlan(
      subjects: subjects, reference: subjects[below(subjects.count)], passes: Pass.allCases.filter { _ in chance() },
      blocks: BlockPolicy(
        count: chance() ? 7 : nil, budget: chance() ? .milliseconds(below(1000)) : nil, fewest: 1 + below(30)),
      seeds: 1 + below(9), takesTurns: chance(), processors: Array(0..<below(3)), nativeOnly: chance(),
      isCold: chance(), settles: chance(), timeout: chance() ? .nanoseconds(1 + below(1_000_000_000)) : nil,
      memoryLimit: chance() ? .max : random.next(), preloads: preloads, builds: builds)
  }

  mutating func workload() -> PreparedWorkload {
    let description = descriptions.next()
    return PreparedWorkload(
      fileName: "\(text()).txt", directory: "/a folder/\(text())", text: Array(description.canonicalText.utf8),
      overrides: WorkloadOverrides(
        seed: chance() ? random.next() : nil, threads: chance() ? below(9) : nil,
        operations: chance() ? random.next() : nil,
        parameters: chance() ? [Parameter(name: "n", value: text()), Parameter(name: "n", value: text())] : []),
      setting: chance() ? [Parameter(name: "threads", value: "4")] : [], description: description)
  }

  mutating func empty() -> ResultSet {
    var machine = Samples.machine
    machine.processor = text()
    machine.groupLimits = chance() ? [text(), text()] : []
    return ResultSet(
      machine: machine, tool: ToolVersion(version: text(), commit: chance() ? text() : nil), date: text(),
      arguments: (0..<below(4)).map { _ in text() }, workloads: [])
  }

  mutating func run(repetition: Int) -> RunResult {
    let kinds = RunStatus.Kind.allCases.filter { $0 != .interrupted }
    let kind = chance() ? .ok : kinds[below(kinds.count)]
    let pass = Pass.allCases[below(4)]
    return RunResult(
      pass: pass, repetition: repetition, seed: random.next(), tookTurns: pass == .throughput && chance(),
      status: RunStatus(kind, detail: chance() ? text() : "", note: chance() ? text() : ""),
      record: chance() || kind == .ok ? record() : nil, elapsed: chance() ? .nanoseconds(below(1 << 40)) : .zero)
  }

  /// With its keys in order, as a file gives them back.
  private mutating func record() -> RunRecord {
    var keys = (RecordKey.allCases.map(\.rawValue) + ["of_a_later_version"]).filter { _ in chance() }
    keys.sort()
    var text = "poolbench-record \(RunRecord.protocolVersion)\n"
    for key in keys {
      for _ in 0...below(3) { text += "\(key) \(self.text().filter { !$0.isNewline })\n" }
    }
    if chance() { text += "ticks_per_s 1000000000\nhistogram allocate 1 40:99 63:1\nmaximum allocate 63\n" }
    let lines = text.split(separator: "\n").dropFirst().sorted { $0.prefix { $0 != " " } < $1.prefix { $0 != " " } }
    let end = chance() ? "end\n" : ""
    let whole = "poolbench-record \(RunRecord.protocolVersion)\n" + lines.map { $0 + "\n" }.joined() + end
    // It has a header, so it can be read.
    return (try? RunRecord(parsing: whole)) ?? RunRecord()
  }

  // MARK: Draws

  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
  mutating func chance() -> Bool { random.next() & 1 == 0 }

  private mutating func text() -> String {
    let pieces = [
      "plain", "with a space", "\"quoted\"", "back\\slash", "line\nbreak", "\r\n", "tab\t", "\u{0}", "\u{7F}", "é",
      "e\u{301}", "🙂", "{\"run\":1}", ",\"sum\":\"0123456789abcdef\"}", "\u{2028}", "end", "18446744073709551615", "",
    ]
    return (0...below(3)).map { _ in pieces[below(pieces.count)] }.joined()
  }
}
