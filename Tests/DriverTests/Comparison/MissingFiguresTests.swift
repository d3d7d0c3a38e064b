import Testing
import Workload

@testable import Driver

/// Cells of which a side has no figures, or figures that mean nothing.
struct MissingFiguresTests {
  typealias Make = ComparisonSamples

  /// What a side may have of a cell.
  enum Side: CaseIterable, Sendable { case absent, skipped, failed, unmeasured, measured }

  private func cell(_ side: Side) -> [CellResult] {
    switch side {
    case .absent: []
    case .skipped: [Make.skipped()]
    case .failed: [Make.failed()]
    case .unmeasured: [CellResult(subject: Make.subject, fit: .native)]
    case .measured: [Make.cell([Double](repeating: 10, count: 10))]
    }
  }

  @Test(arguments: [
    (Side.measured, Side.measured, Verdict.same, ""), (.measured, .absent, .regressed, "missing in NEW"),
    (.measured, .failed, .regressed, "failed in NEW: crashed (SIGSEGV)"),
    (.measured, .skipped, .regressed, "skipped in NEW: it cannot"),
    (.measured, .unmeasured, .regressed, "missing in NEW (interrupted)"),
    (.absent, .measured, .added, "only in NEW"), (.skipped, .measured, .added, "skipped in BASE"),
    (.failed, .measured, .failed, "in BASE alone: crashed (SIGSEGV)"),
    (.failed, .failed, .failed, "on both sides: crashed (SIGSEGV)"),
    (.failed, .absent, .failed, "in BASE, and NEW has no figures: crashed (SIGSEGV)"),
    (.absent, .failed, .failed, "in NEW, and BASE has no figures: crashed (SIGSEGV)"),
    (.unmeasured, .measured, .noVerdict, "interrupted before it was measured"),
  ])
  func `a side without figures`(base: Side, new: Side, verdict: Verdict, reason: String) throws {
    let comparison = try Comparer().compare(Make.file("old", cell(base)), Make.file("new", cell(new)))
    #expect(comparison.cells.map(\.verdict) == [verdict])
    #expect(comparison.cells.first?.reason == reason)
    #expect(comparison.cells.first?.isUndecided == (verdict == .noVerdict))
  }

  @Test func `what neither side can serve is nothing to compare, and so is the harness`() throws {
    let null = Make.cell(of: Subject(.null), [Double](repeating: 2, count: 10))
    let refusal = #expect(throws: ComparisonRefusal.self) {
      try Comparer().compare(Make.file("old", [Make.skipped(), null]), Make.file("new", [Make.skipped(), null]))
    }
    #expect(refusal == .empty)
    let timed = Make.file("old", [cell(.measured)[0]])
    #expect(throws: ComparisonRefusal.empty) {
      try Comparer(thresholds: try Thresholds(parsing: "throughput=off")).compare(timed, timed)
    }
  }

  @Test func `within one file an interruption is nobody's regression`() throws {
    let other = Subject(.region)
    func cells(_ new: CellResult) throws -> [CellComparison] {
      var base = Make.cell([Double](repeating: 10, count: 10))
      base.runs += Make.cell(.memory, costs: [1]).runs
      return try Comparer().compare(
        Make.file("one", [base, new]), between: .subjects(base: Make.subject, new: other)
      ).cells
    }
    let none = try cells(CellResult(subject: other, fit: .native))
    #expect(none.map(\.verdict) == [.noVerdict] && none[0].isUndecided)
    let timed = try cells(Make.cell(of: other, [Double](repeating: 10, count: 10)))
    #expect(timed.map(\.verdict) == [.same, .noVerdict])
    #expect(timed[1].reason == "not measured in NEW" && timed[1].isUndecided)
  }

  @Test func `a file that is not complete, or whose budget ended early, is warned of`() throws {
    let file = Make.file("old", cell(.measured))
    func warnings(_ change: (inout ComparedFile) -> Void) throws -> [String] {
      var new = file
      new.label = "new"
      change(&new)
      return try Comparer().compare(file, new).warnings
    }
    #expect(try warnings { _ in }.isEmpty)
    #expect(
      try warnings { $0.isComplete = false }
        == ["new: interrupted, or still being measured: what is missing counts as missing"])
    #expect(try warnings { $0.plan.blocks.count = 12 }.isEmpty)
    #expect(
      try warnings {
        $0.plan.passes = [.throughput]
        $0.plan.blocks = BlockPolicy(count: 12, budget: .seconds(1))
      } == ["new: churn: the budget was spent after 10 of 12 blocks of the throughput pass"])
  }

  @Test func `a workload that only one side has`() throws {
    let cells = cell(.measured)
    let comparison = try Comparer().compare(
      Make.file("old", cells, name: "one"), Make.file("new", cells, name: "two"))
    #expect(comparison.cells.map(\.verdict) == [.regressed, .added])
  }

  @Test func `a pass that NEW never ran is no regression, one that a cell alone has lost is`() throws {
    let timed = Make.cell([Double](repeating: 10, count: 10))
    var both = timed
    both.runs += Make.cell(.memory, costs: [1, 1]).runs
    func verdict(_ new: [CellResult]) throws -> CellComparison? {
      try Comparer().compare(Make.file("old", [both]), Make.file("new", new)).cells
        .first { $0.quantity?.metric == .rss }
    }
    #expect(try verdict([timed])?.verdict == .noVerdict)
    #expect(try verdict([timed])?.reason == "not measured in NEW")
    let other = Make.cell(of: Subject(.glibc), .memory, costs: [1, 1])
    #expect(try verdict([timed, other])?.verdict == .regressed)
    let reversed = try Comparer().compare(Make.file("old", [timed]), Make.file("new", [both]))
    #expect(reversed.cells.first { $0.quantity?.metric == .rss }?.verdict == .added)
  }

  @Test func `a percentile below the clock on both sides, and on one`() throws {
    // Of `Samples.record` the p99 of allocate is 60 × cost; the clock's is 60, so figures count from 120 on.
    func p99(_ base: Double, _ new: Double) throws -> CellComparison {
      func file(_ label: String, _ cost: Double) -> ComparedFile {
        let null = Make.cell(of: Subject(.null), .latency, costs: [Double](repeating: 1, count: 10))
        let own = Make.cell(.latency, costs: [Double](repeating: cost, count: 10))
        return Make.file(label, [null, own])
      }
      let comparison = try Comparer().compare(file("old", base), file("new", new))
      return try #require(comparison.cells.first { $0.quantity == Quantity(.p99, of: .allocate) })
    }
    #expect(try p99(1.2, 1.9).verdict == .noVerdict)
    #expect(try p99(1.2, 1.9).reason == "below what the clock can tell")
    #expect(try !p99(1.2, 1.9).isUndecided)
    // The clock's own cost only hides a part of what has changed.
    #expect(try p99(1.2, 5).verdict == .regressed)
    #expect(try p99(5, 1.2).verdict == .improved)
    #expect(try p99(5, 5).verdict == .same)
    #expect(try p99(1.95, 2.02).verdict == .noVerdict)
    #expect(try p99(1.95, 2.02).reason == "below what the clock can tell in BASE")
  }

  @Test func `memory of a small heap is judged only when asked`() throws {
    func small(_ cost: Double) -> CellResult {
      var cell = Make.cell(.memory, costs: [Double](repeating: cost, count: 10))
      for index in cell.runs.indices {
        var record = RunRecord()
        for field in cell.runs[index].record?.fields ?? [] {
          guard let key = RecordKey(rawValue: field.key) else { continue }
          record.add(key, key == .peakLive ? "1048576" : field.value)
        }
        cell.runs[index].record = record
      }
      return cell
    }
    func verdict(_ thresholds: Thresholds, _ cell: (Double) -> CellResult) throws -> CellComparison {
      try Comparer(thresholds: thresholds).compare(Make.file("old", [cell(1)]), Make.file("new", [cell(3)])).cells[0]
    }
    let silent = try verdict(Thresholds(), small)
    #expect(silent.verdict == .noVerdict)
    #expect(silent.reason.hasPrefix("under 64 MiB of peak live bytes") && !silent.isUndecided)
    #expect(try verdict(try Thresholds(parsing: "rss=5%"), small).verdict == .regressed)
    let large = try verdict(Thresholds()) { Make.cell(.memory, costs: [Double](repeating: $0, count: 10)) }
    #expect(large.verdict == .regressed)
  }

  @Test func `nothing left on a side is no ratio`() throws {
    let thresholds = try Thresholds(parsing: "drained=5%,rss=off")
    let cell = try Comparer(thresholds: thresholds).compare(
      Make.file("old", [Make.cell(.memory, costs: [Double](repeating: 0, count: 10))]),
      Make.file("new", [Make.cell(.memory, costs: [Double](repeating: 1, count: 10))])
    ).cells[0]
    #expect(cell.verdict == .noVerdict && cell.reason == "0 on a side: there is no ratio")
  }
}
