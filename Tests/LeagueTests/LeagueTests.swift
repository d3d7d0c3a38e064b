import Driver
import Testing
import Workload

@testable import League

/// The rows of the table on results that are made up.
struct LeagueTests {
  private func dropIn(_ own: [Double], blocks: Int = 12, noise: Double = 0.01) -> League {
    let names = ["churn", "kv-store", "compiler", "fleet-1"]
    return League(
      Measured(groups: [
        "drop-in": zip(names, own).map {
          Synthetic.timed($0, Synthetic.field($1), blocks: blocks, noise: noise)
        }
      ]))
  }

  @Test func `thread-cache is held against the best rival of each workload`() {
    let one = Synthetic.timed("one", Synthetic.field(10, [30, 12, 25, 15]))
    let two = Synthetic.timed("two", Synthetic.field(10, [30, 20, 13, 15]))
    let cells = League(Measured(groups: ["drop-in": [one, two]])).best("drop-in")
    #expect(cells.map(\.rival) == ["jemalloc", "tcmalloc"])
    #expect(abs(cells[0].ratio - 1.2) < 0.03 && abs(cells[1].ratio - 1.3) < 0.03)
  }

  @Test func `the geometric mean may be met where one workload is under`() {
    let league = dropIn([10, 10, 10, 17])
    #expect(league.verdict("geometric mean") == .met)
    #expect(league.verdict("never under") == .missed(["fleet-1"]))
    #expect(league.missed == 1)
  }

  @Test func `a mean short of its target is missed`() {
    #expect(dropIn([14, 14, 14, 14]).verdict("geometric mean") == .missed(["geometric mean"]))
    #expect(dropIn([14, 14, 14, 14]).verdict("never under") == .met)
    #expect(dropIn([13.04, 13.04, 13.04, 13.04], noise: 0.05).verdict("geometric mean") == .open(["geometric mean"]))
  }

  @Test func `the mean's interval is narrower than that of a cell`() throws {
    let cells = dropIn([10, 11, 12, 13], noise: 0.2).best("drop-in")
    let mean = try #require(Bootstrap.geometricMean(of: cells.map(\.logarithms), seed: 1))
    let single = try #require(Bootstrap.ratio(paired: cells[0].logarithms, seed: 1))
    #expect(mean.spread < single.spread)
    let product = cells.reduce(1) { $0 * $1.ratio }
    #expect(abs(mean.ratio - product.squareRoot().squareRoot()) < 1e-12)
    #expect(Bootstrap.geometricMean(of: [], seed: 1) == nil)
    #expect(Bootstrap.geometricMean(of: [[0.1, 0.2], [0.1]], seed: 1) == nil)
  }

  @Test func `held-back workloads have lines of their own`() {
    var groups = dropIn([10, 10, 10, 10]).measured.groups
    groups["held-back"] = [Synthetic.timed("secret", Synthetic.field(20))]
    let league = League(Measured(groups: groups))
    #expect(league.lines.filter { $0.workloads.contains("held back: secret") }.count == 2)
    #expect(league.missed == 2)
  }

  @Test func `foreign frees are held against mimalloc alone`() {
    func verdict(_ own: Double) -> Standing? {
      let rivals = [(Synthetic.threadCache, own), (Synthetic.mimalloc, 10.0)]
      return League(
        Measured(groups: [
          "foreign": [Synthetic.timed("xmalloc", rivals), Synthetic.timed("message-passing", rivals)]
        ])
      ).verdict("at least 1.0×")
    }
    #expect(verdict(8) == .met)
    #expect(verdict(12) == .missed(["xmalloc", "message-passing"]))
  }

  @Test func `resident memory is held against the smallest, on heaps of 64 MiB`() {
    func league(_ peak: Double, _ settled: Double, live: Double = 100) -> League {
      League(
        Measured(groups: [
          "memory": [
            Synthetic.memory(
              "burst", live: live,
              [
                (Synthetic.threadCache, peak, settled), (Subject(.glibc), 120, 5), (Subject(.jemalloc), 110, 9),
                (Subject(.tcmalloc), 130, 60), (Synthetic.mimalloc, 115, 7),
              ])
          ]
        ]))
    }
    #expect(league(115, 5).verdict("peak RSS") == .met)
    #expect(league(116, 5).verdict("peak RSS") == .missed(["burst"]))
    // Of glibc, which is not the one with the smallest peak.
    #expect(league(115, 5).verdict("1 s after") == .met)
    #expect(league(115, 5.1).verdict("1 s after") == .missed(["burst"]))
    #expect(league(200, 5, live: 30).verdict("peak RSS") == .unknown("no verdict: 30.0 MiB of peak live, under 64 MiB"))
  }

  @Test func `an idle thread's memory is the growth by one more, without the harness's`() {
    func league(_ many: Double) -> League {
      let null = Subject(.null)
      return League(
        Measured(groups: [
          "idle": [
            Synthetic.memory("larson", lanes: 64, [(Synthetic.threadCache, 9, many), (null, 9, 2)]),
            Synthetic.memory("larson", lanes: 1, [(Synthetic.threadCache, 9, 1), (null, 9, 0.5)]),
          ]
        ]))
    }
    // 63 × 64 KiB, and 1.5 MiB of the harness.
    #expect(league(1 + 63.0 / 16 + 1.5).verdict("idle thread") == .met)
    #expect(league(1 + 63.0 / 16 + 1.6).verdict("idle thread") == .missed([]))
    #expect(League(Measured()).verdict("idle thread") == .unknown("not measured"))
  }

  @Test func `percentiles are judged where the clock tells them`() {
    func league(_ usual: Int, _ slow: Int) -> League {
      let rivals = [(Subject(.glibc), usual: 9, slow: 200), (Subject(.jemalloc), usual: 9, slow: 100)]
      return League(
        Measured(groups: [
          "latency": [
            Synthetic.latency("churn", [(Synthetic.threadCache, usual, slow)] + rivals + [(Subject(.null), 4, 10)])
          ]
        ]))
    }
    #expect(league(9, 90).verdict("p99 ") == .met)
    #expect(league(9, 130).verdict("p99 ") == .missed(["churn allocate", "churn free"]))
    // One step of the clock, and the width of a bucket, is as good as the best; more is not.
    #expect(league(9, 101).verdict("p99 ") == .met)
    #expect(league(9, 106).verdict("p99 ") == .missed(["churn allocate", "churn free"]))
    #expect(league(4, 15).verdict("p99 ") == .unknown("no verdict: below what the clock can tell"))
  }

  @Test func `pools of one size are held against glibc and the programs in C++`() {
    func league(_ own: Double, _ low: Double) -> League {
      let workload = Synthetic.timed("pairs", [(Subject(.fixed), own), (Subject(.glibc), 9)])
      let line = ComparedLine(
        workload: "pairs", subject: "fixed", comparator: "boost-pool", ratio: low + 0.02, interval: low...low + 0.04,
        pairs: 20)
      return League(Measured(groups: ["fixed": [workload]], compared: [line]))
    }
    #expect(league(2.5, 0.9).verdict("at least 3×", of: "fixed") == .met)
    #expect(league(4, 0.9).verdict("at least 3×", of: "fixed") == .missed(["pairs"]))
    #expect(league(2.5, 1).verdict("at most 1.05×", of: "fixed") == .met)
    #expect(league(2.5, 1.06).verdict("at most 1.05×", of: "fixed") == .missed(["pairs"]))
    #expect(league(2.5, 1.03).verdict("at most 1.05×", of: "fixed") == .open(["pairs"]))
    #expect(league(2.5, 1.03).verdict("at most 1.1×", of: "region") == .unknown("not measured"))
  }

  @Test func `a shared pool is held against one thread's own`() {
    let workload = Synthetic.timed("pairs", lanes: 1, [(Subject(.fixedShared), 3.5), (Subject(.fixed), 2)])
    let league = League(Measured(groups: ["shared-own": [workload]]))
    #expect(league.verdict("0.5×", of: "fixed-shared") == .met)
    #expect(league.verdict("3×", of: "fixed-shared") == .unknown("not measured"))
    let slow = Synthetic.timed("pairs", lanes: 1, [(Subject(.fixedShared), 4.5), (Subject(.fixed), 2)])
    #expect(
      League(Measured(groups: ["shared-own": [slow]])).verdict("0.5×", of: "fixed-shared")
        == .missed(["pairs, 1 thread"]))
  }

  @Test func `with nothing measured every target is there, and none is missed`() {
    let league = League(Measured())
    #expect(league.missed == 0)
    #expect(league.lines.count == 17)
    #expect(Set(league.lines.map(\.subject)) == ["thread-cache", "fixed", "fixed-shared", "region"])
    #expect(league.lines.allSatisfy { $0.verdict == .unknown("not measured") })
  }
}
