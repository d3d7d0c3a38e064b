import Testing
import Workload

@testable import Driver

struct StatisticsTests {
  @Test func `the median is the middle, or between the two middles`() {
    #expect(Sample([3, 1, 2])?.median == 2)
    #expect(Sample([4, 1, 3, 2])?.median == 2.5)
    #expect(Sample([]) == nil)
  }

  @Test func `the range needs two values`() {
    #expect(Figure([5], seed: 1)?.interval == nil && Figure([5], seed: 1)?.spread == nil)
    #expect(Figure([5, 9, 6], seed: 1)?.interval == 5...9)
    #expect(Figure([8, 10, 12], seed: 1)?.spread == 20)
  }

  private func latency(_ histogram: String, maximum: UInt64, ticks: Int = 1_000_000_000) -> LatencySummary? {
    var record = RunRecord()
    record.add(.ticksPerSecond, ticks)
    record.add(.histogram, "allocate 1 " + histogram)
    record.add(.maximum, "allocate \(maximum)")
    return LatencySummary(record)
  }

  @Test func `percentiles stand at the upper end of their bucket`() throws {
    // 990 of 40 ticks, 9 in the bucket of 1,000 (992...1,007), 1 of the maximum's.
    let bucket = LatencyBuckets.index(of: 1000)
    let far = LatencyBuckets.index(of: 50_000)
    let figures = try #require(latency("40:990 \(bucket):9 \(far):1", maximum: 50_000)?.figures[.allocate])
    #expect(figures.p50 == 40 && figures.p90 == 40 && figures.p99 == 40)
    #expect(figures.p999 == Double(LatencyBuckets.range(of: bucket).upperBound))
    #expect(figures.p9999 == 50_000 && figures.maximum == 50_000)
    #expect(figures.count == 1000)
  }

  @Test func `ticks become nanoseconds by the clock's rate`() throws {
    let figures = try #require(latency("50:10", maximum: 50, ticks: 2_500_000_000)?.figures[.allocate])
    #expect(figures.p50 == 20 && figures.maximum == 20)
  }

  @Test func `merging adds counts before percentiles are taken`() throws {
    let slow = try #require(latency("60:100", maximum: 60))
    let fast = try #require(latency("20:300", maximum: 20))
    let merged = try #require(LatencySummary(merging: [slow, fast]))
    #expect(merged.figures[.allocate]?.p50 == 20)
    #expect(merged.figures[.allocate]?.p90 == 60)
    #expect(merged.figures[.allocate]?.count == 400)
    #expect(LatencySummary(merging: [LatencySummary]()) == nil)
    // 60 ticks of a clock twice as fast.
    let faster = try #require(latency("60:300", maximum: 60, ticks: 2_000_000_000))
    #expect(LatencySummary(merging: [slow, faster])?.figures[.allocate]?.p50 == 30)
  }

  @Test func `unreadable histograms are refused`() {
    #expect(latency("9999999:1", maximum: 1) == nil)
    #expect(latency("3:x", maximum: 1) == nil)
    #expect(LatencySummary(RunRecord()) == nil)
  }

  private func summary(_ name: String, _ description: WorkloadDescription = Samples.description()) throws
    -> CellSummary
  {
    let workload = Samples.results(description).workloads[0]
    let cell = try #require(workload.cells.first { $0.subject.name == name })
    return CellSummary(cell, of: workload, reference: Subject(.glibc))
  }

  @Test func `net and ratio are taken within a block`() throws {
    let tcmalloc = try summary("tcmalloc")
    // Repetitions cost 1, 1.02 and 1.04 of 12 ns; null's 2 ns vary alike.
    #expect(abs((tcmalloc.gross?.median ?? 0) - 12.24) < 1e-9)
    #expect(abs((tcmalloc.net?.median ?? 0) - 10.2) < 1e-9)
    #expect(abs((tcmalloc.ratio?.median ?? 0) - 1 / 0.6) < 1e-6)
    #expect((tcmalloc.ratio?.spread ?? 1) < 1e-6)
    #expect(!tcmalloc.isNetNothing)
  }

  @Test func `a net within its own range of nothing is told as nothing`() {
    var workload = Samples.results(Samples.description()).workloads[0]
    for index in workload.cells.indices where workload.cells[index].subject == Subject(.fixed) {
      workload.cells[index].runs = (1...3).map { repetition in
        let cost = repetition == 2 ? 0.09 : 0.11
        return RunResult(
          pass: .throughput, repetition: repetition, status: .ok,
          record: Samples.record(Subject(.fixed), .throughput, cost: cost, repetition: repetition))
      }
    }
    let cell = workload.cells.first { $0.subject == Subject(.fixed) }
    #expect(cell.map { CellSummary($0, of: workload, reference: Subject(.glibc)).isNetNothing } == true)
  }

  @Test func `a percentile under twice the clock's own is below the clock`() throws {
    #expect(try !summary("fixed").isBelowClock(.allocate, \.p50))
    var workload = Samples.results(Samples.description()).workloads[0]
    for index in workload.cells.indices where workload.cells[index].subject == Subject(.fixed) {
      let record = Samples.record(Subject(.fixed), .latency, cost: 0.19)
      workload.cells[index].runs = [RunResult(pass: .latency, repetition: 1, status: .ok, record: record)]
    }
    let cell = try #require(workload.cells.first { $0.subject == Subject(.fixed) })
    #expect(CellSummary(cell, of: workload, reference: Subject(.glibc)).isBelowClock(.allocate, \.p50))
    // The clock itself is told as it is.
    #expect(try !summary("null").isBelowClock(.allocate, \.p50))
  }

  @Test func `overhead is of the baseline's growth`() throws {
    // 110 MiB at most, 2 MiB before, 80 MiB live.
    #expect(try summary("glibc").overhead?.median == 1.35)
    #expect(try !summary("glibc").isSmallHeap)
  }
}
