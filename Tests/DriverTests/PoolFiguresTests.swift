import Testing
import Workload

@testable import Driver

/// What a pool counted of itself, over the runs and as a table.
struct PoolFiguresTests {
  /// Adds counts to the throughput runs of a subject, scaled by the repetition.
  static func adding(
    _ counts: [String: Int], to subject: Subject, allocations: Int = 500_000, _ results: inout ResultSet
  ) {
    for workload in results.workloads.indices {
      guard let cell = results.workloads[workload].cells.firstIndex(where: { $0.subject == subject }) else { continue }
      for place in results.workloads[workload].cells[cell].runs.indices {
        let run = results.workloads[workload].cells[cell].runs[place]
        guard run.pass == .throughput else { continue }
        for (name, value) in counts {
          results.workloads[workload].cells[cell].runs[place].record?.add(statistic: name, value * run.repetition)
        }
        results.workloads[workload].cells[cell].runs[place].record?.add(.allocations, allocations)
      }
    }
  }

  static let counts = [
    "list.misses": 10_000, "reserve.requests": 10_000, "reserve.misses": 2_500, "central.requests": 2_500,
    "central.misses": 0, "central.lock-waits": 7, "thread.steals": 3,
  ]

  private var results: ResultSet {
    var results = Samples.results(Samples.description())
    Self.adding(Self.counts, to: Subject(.threadCache), &results)
    Self.adding(["slots.misses": 600_000], to: Subject(.fixed), &results)
    return results
  }

  @Test func `tiers stand in the order in which requests pass through them`() throws {
    let cell = try #require(results.workloads[0].cell(Subject(.threadCache)))
    let figures = try #require(PoolFigures(cell))
    #expect(figures.tiers.map(\.name) == ["list", "reserve", "central", "thread"])
    // Medians of three runs: of the second one.
    #expect(figures.tiers.map(\.hitRate) == [1 - 20_000 / 500_000, 0.75, 1, nil])
    #expect(figures.tiers[2].counts.map(\.name) == ["lock-waits", "misses", "requests"])
    #expect(figures.tiers[2].counts[0].value == 14)
    #expect(figures.tiers[2].counts[0].perThousand == 14.0 / 500)
    #expect(figures.tiers[3].requests == nil)
  }

  @Test func `more misses than requests are no hits`() throws {
    let cell = try #require(results.workloads[0].cell(Subject(.fixed)))
    #expect(PoolFigures(cell)?.tiers.map(\.hitRate) == [0])
  }

  @Test func `without counts, or allocations to hold them against, there are none`() throws {
    let glibc = try #require(results.workloads[0].cell(Subject(.glibc)))
    #expect(PoolFigures(glibc) == nil)
    var bare = Samples.results(Samples.description())
    Self.adding(Self.counts, to: Subject(.threadCache), allocations: 0, &bare)
    #expect(PoolFigures(try #require(bare.workloads[0].cell(Subject(.threadCache)))) == nil)
  }

  private func report(_ results: ResultSet, width: Int, shows: Bool = true) -> String {
    let report = ResultReport(
      results, reference: Subject(.glibc), passes: [.throughput], showsStatistics: shows)
    return report.body(width: width, isWide: false, paint: .plain) + report.legend(width: width, paint: .plain)
  }

  /// One more subject that counts the same.
  private var twins: ResultSet {
    var results = results
    guard var twin = results.workloads[0].cell(Subject(.threadCache)) else { return results }
    twin.subject = Subject(.threadCache, options: [.inline])
    results.workloads[0].cells.append(twin)
    return results
  }

  @Test(arguments: [60, 100])
  func `a table of counts`(width: Int) {
    let text = report(twins, width: width)
    expectSnapshot(text, "statistics-\(width).txt")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
  }

  @Test func `a sweep has its settings side by side`() {
    var results = results
    let workload = results.workloads[0]
    results.workloads = [1, 2].map { threads in
      var setting = workload
      setting.setting = [Parameter(name: "threads", value: "\(threads)")]
      return setting
    }
    let text = report(results, width: 100)
    expectSnapshot(text, "statistics-sweep.txt")
  }

  @Test func `they stand there when asked for`() {
    #expect(!report(results, width: 100, shows: false).contains("list"))
    let none = report(Samples.results(Samples.description()), width: 100)
    #expect(none.contains("no subject counted anything of itself") && !none.contains("/1K"))
  }
}
