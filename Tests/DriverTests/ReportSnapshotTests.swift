import Testing
import Workload

@testable import Driver

struct ReportSnapshotTests {
  private func report(_ results: ResultSet, width: Int, isWide: Bool = false, paint: Paint = .plain) -> String {
    let report = ResultReport(results, reference: Subject(.glibc), passes: [.throughput, .latency, .memory])
    return report.head(width: width, paint: paint) + report.body(width: width, isWide: isWide, paint: paint)
      + report.legend(width: width, paint: paint)
  }

  private var mixed: ResultSet {
    Samples.results(
      Samples.description(threads: 2, classes: Samples.mixedClasses, scopes: [Samples.requestScope]))
  }

  /// A sweep over threads.
  private var sweep: ResultSet {
    var results = Samples.results(Samples.description())
    results.workloads = [1, 2, 4].map { threads in
      var workload = Samples.results(Samples.description(threads: threads)).workloads[0]
      workload.setting = [Parameter(name: "threads", value: "\(threads)")]
      return workload
    }
    return results
  }

  @Test func `a table on a hundred columns`() {
    let text = report(mixed, width: 100)
    expectSnapshot(text, "table-100.txt")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func `a table on sixty columns`() {
    let text = report(mixed, width: 60)
    expectSnapshot(text, "table-60.txt")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 60 })
  }

  @Test func `one wide table`() { expectSnapshot(report(mixed, width: 100, isWide: true), "table-wide.txt") }

  @Test func `a table in colour`() {
    expectSnapshot(report(mixed, width: 100, paint: Paint(isColoured: true)), "table-colour.txt")
  }

  @Test func `a table of one repetition of a small heap`() {
    var results = Samples.results(Samples.description(), repetitions: 1)
    for cell in results.workloads[0].cells.indices {
      for run in results.workloads[0].cells[cell].runs.indices {
        guard var record = results.workloads[0].cells[cell].runs[run].record else { continue }
        let fields = record.fields
        record = RunRecord()
        for field in fields {
          guard let key = RecordKey(rawValue: field.key) else { continue }
          record.add(key, key == .peakLive ? "1048576" : field.value)
        }
        results.workloads[0].cells[cell].runs[run].record = record
      }
    }
    expectSnapshot(report(results, width: 100), "table-small.txt")
  }

  @Test func `a scaling table`() { expectSnapshot(report(sweep, width: 100), "scaling-100.txt") }

  @Test func `an explanation`() {
    let classes =
      Samples.mixedClasses + [
        ObjectClass(
          name: "response", size: .fixed(4096), lifetime: .fifo(20), share: 0.5,
          calls: [CallShare(call: .malloc, weight: 3), CallShare(call: .aligned(64), weight: 1)], touch: .all,
          access: 2,
          write: 0.25, resize: Resize(share: 0.5), freedByOther: 0.5)
      ]
    var description = Samples.description(
      threads: 2, operations: 100_000, classes: classes, scopes: [Samples.requestScope])
    description.phases[0].rate = 500_000
    let subjects = RunPlan.defaultSubjects + [Subject(.null)]
    let text = Explanation(description, subjects: subjects, cores: 2).text(width: 80, paint: .plain)
    expectSnapshot(text, "explain.txt")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `a list of subjects`() {
    let entries =
      (RunPlan.defaultSubjects + [Subject(.null, options: [.bulk])]).map {
        SubjectList.Entry(subject: $0, version: Samples.version(of: $0), isAvailable: true)
      } + [SubjectList.Entry(subject: Subject(.tcmalloc), version: "library missing: libx.so", isAvailable: false)]
    expectSnapshot(SubjectList(entries).text(width: 100, paint: .plain), "list.txt")
  }

  @Test func `progress is one line, cut to the terminal`() {
    var step = Step(
      number: 12, total: 140, workload: "web-server", subjects: [Subject(.jemalloc)], pass: .latency, repetition: 2,
      repetitions: 3, remaining: .seconds(102))
    var written = ""
    ProgressLine(width: 100, paint: .plain) { written += $0 }.show(step)
    #expect(
      written == "\r 12/140 ━─────────────────── web-server · jemalloc · latency · block 2 of 3 · 1:42 left\u{1B}[K")
    let line = ProgressLine(width: 40, paint: .plain) { _ in }.line(step)
    #expect(line.count == 39 && line.hasSuffix("…"))
    step.subjects = [Subject(.glibc), Subject(.jemalloc)]
    step.mayGrow = true
    #expect(
      ProgressLine(width: 100, paint: .plain) { _ in }.line(step)
        .contains("2 in turns · latency · block 2 of 3 or more · 1:42"))
  }
}
