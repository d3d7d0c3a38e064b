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

  /// Twelve blocks of turns: one subject noisy and late, one verified, two too near to each other, one with an outlier.
  private var eventful: ResultSet {
    var results = Samples.results(Samples.description(), repetitions: 12)
    results.workloads[0].cells.removeAll { $0.subject == Subject(.region) }
    for index in results.workloads[0].cells.indices {
      let subject = results.workloads[0].cells[index].subject
      for place in results.workloads[0].cells[index].runs.indices {
        var run = results.workloads[0].cells[index].runs[place]
        run.tookTurns = run.pass == .throughput
        run.seed = 7 + UInt64(run.repetition % 3)
        guard run.status.kind == .ok, let record = run.record else { continue }
        var more: [(RecordKey, String)] = []
        var factor = 1.0
        switch subject.base {
        case .jemalloc: factor = 1 + 0.2 * Double(run.repetition % 5)
        case .fixed: factor = 1 + 0.01 * Double(run.repetition % 4)
        // As fast as the fixed pool, within its error.
        case .fixedShared: factor = 0.63
        case .tcmalloc where run.repetition == 4: factor = 1.3
        default: break
        }
        if run.pass == .latency {
          more = [(.askedRate, "500000"), (.achievedRate, subject.base == .jemalloc ? "412000" : "499900")]
          more.append((.latestStartNanoseconds, "1234567"))
        }
        if run.pass == .throughput, subject.base == .glibc {
          more = [(.instructions, "60000000"), (.cycles, "30000000"), (.tlbMisses, "4200"), (.adviseCalls, "17")]
        }
        var changed = RunRecord()
        for field in record.fields {
          guard let key = RecordKey(rawValue: field.key) else { continue }
          let isTime = key == .wallNanoseconds
          changed.add(key, isTime ? "\(Int((Double(field.value) ?? 0) * factor))" : field.value)
        }
        for (key, value) in more { changed.add(key, value) }
        run.record = changed
        run.status.note = subject.base == .null ? "" : "pages are large"
        results.workloads[0].cells[index].runs[place] = run
      }
      results.workloads[0].cells[index].runs.removeAll { $0.pass == .memory || $0.status.kind != .ok }
      if subject.base == .threadCache {
        results.workloads[0].cells[index].runs.append(
          RunResult(pass: .verification, repetition: 1, seed: 7, status: .ok,
            record: Samples.record(subject, .verification)))
      }
    }
    return results
  }

  @Test func `noise, outliers, rates, turns, seeds and verification are told`() {
    let text = report(eventful, width: 100)
    expectSnapshot(text, "table-eventful.txt")
    // A pass without figures has no table.
    #expect(!text.contains("RSS"))
  }

  @Test func `a wide table has counters`() {
    expectSnapshot(report(eventful, width: 100, isWide: true), "table-counters.txt")
  }

  @Test func `a run that measured nothing has words for every row`() {
    var results = Samples.results(Samples.description())
    for index in results.workloads[0].cells.indices { results.workloads[0].cells[index].runs = [] }
    let text = report(results, width: 100)
    #expect(text.contains("glibc          not measured") && text.contains("region         skipped:"))
    #expect(!text.contains("Mops/s") && !text.contains("faults"))
  }

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
