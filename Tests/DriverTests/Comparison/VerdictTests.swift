import Testing
import Workload

@testable import Driver

/// What an interval and a p value add up to.
struct VerdictTests {
  typealias Make = ComparisonSamples

  @Test(arguments: [
    (1.05, 1.03...1.07, Verdict.regressed), (1.05, 1.02...1.07, .inconclusive), (1.05, 1.01...1.09, .inconclusive),
    (0.95, 0.93...0.97, .improved), (0.95, 0.93...0.985, .inconclusive), (1.0, 0.99...1.01, .same),
    (1.0, 0.98...1.02, .same), (1.0, 0.97...1.01, .inconclusive), (1.0, 0.9...1.1, .inconclusive),
  ])
  func `an interval about a threshold of 2 percent`(
    ratio: Double, interval: ClosedRange<Double>, verdict: Verdict
  ) throws {
    let cell = try Make.verdict(Make.saying(Make.estimate(ratio, interval)))
    #expect(cell.verdict == verdict)
    #expect(cell.reason.isEmpty)
    #expect(cell.estimate?.ratio == ratio)
    #expect(cell.threshold == 0.02)
  }

  @Test func `a threshold of its own moves the border`() throws {
    let inference = Make.saying(Make.estimate(1.05, 1.03...1.07))
    #expect(try Make.verdict(inference, try Thresholds(parsing: "throughput=7%")).verdict == .same)
    #expect(try Make.verdict(inference, try Thresholds(parsing: "throughput=4%")).verdict == .inconclusive)
    #expect(try Make.verdict(inference, try Thresholds(parsing: "throughput=2.5")).verdict == .regressed)
  }

  @Test(arguments: [(1.05, 1.03...1.07, "worse"), (0.95, 0.93...0.97, "better")])
  func `an interval alone is not enough: the corrected test must agree`(
    ratio: Double, interval: ClosedRange<Double>, side: String
  ) throws {
    let cell = try Make.verdict(Make.saying(Make.estimate(ratio, interval), p: 0.051))
    #expect(cell.verdict == .inconclusive)
    #expect(cell.reason == "the whole interval is \(side), but over 2 tests p is 0.05")
    #expect(try Make.verdict(Make.saying(Make.estimate(ratio, interval), p: 0.05)).verdict != .inconclusive)
  }

  @Test func `among many cells the correction takes a verdict away that a cell alone would get`() throws {
    let values = [Double](repeating: 10, count: 10)
    let inference = Make.saying(Make.estimate(1.05, 1.03...1.07), p: 0.02, adjusted: { Holm.adjusted($0) })
    func regressed(_ subjects: [Subject]) throws -> (Int, Int) {
      var comparer = Comparer(thresholds: Thresholds())
      comparer.inference = inference
      let cells = subjects.map { Make.cell(of: $0, values) }
      let comparison = try comparer.compare(Make.file("old", cells), Make.file("new", cells))
      return (comparison.count(.regressed), comparison.tests)
    }
    #expect(try regressed([Subject(.region)]) == (1, 2))
    #expect(try regressed([Subject(.region), Subject(.fixed)]) == (0, 4))
  }

  @Test func `what could have been shown, and what would decide, follow from the spread`() throws {
    let cell = try Make.verdict(Make.saying(Make.estimate(1.0, 0.97...1.03, error: 0.012)))
    #expect(cell.verdict == .inconclusive)
    let detectable = try #require(cell.detectable)
    #expect(detectable == MinimumDetectable.change(Make.estimate(1, 1...1, error: 0.012), threshold: 0.02))
    // 10 × (3.605 × 0.012 ÷ log 1.02)²
    #expect(cell.blocksToDecide == 48)
    let hopeless = try Make.verdict(Make.saying(Make.estimate(1.0, 0.5...1.5, error: 0.2)))
    #expect(hopeless.blocksToDecide == nil)
    let zero = try Make.verdict(
      Make.saying(Make.estimate(1.0, 0.97...1.03)), try Thresholds(parsing: "throughput=0"))
    #expect(zero.blocksToDecide == nil)
  }

  @Test func `the nearer the ratio is to a threshold, the more blocks it takes, and never as few as there are`() {
    func blocks(_ ratio: Double, error: Double, tests: Int = 2) -> Int? {
      BlocksToDecide.count(
        Make.estimate(ratio, ratio * 0.9...ratio * 1.1, blocks: 20, error: error), threshold: 0.02, tests: tests,
        isPaired: true)
    }
    // 20 × (3.605 × 0.005 ÷ (log 1.02 − log 1.015))² is 269.6.
    #expect(blocks(1.015, error: 0.005) == 270)
    // The other threshold is nearer: 20 × (3.605 × 0.005 ÷ (log 0.99 − log 0.98))² is 63.04.
    #expect(blocks(0.99, error: 0.005) == 64)
    #expect(blocks(1.019, error: 0.005) == nil)
    #expect(blocks(1.02, error: 0.0001) == nil)
    #expect(blocks(1.1, error: 0.001) == 21)
    // 2⁻²⁴ × 500,000 is 0.03.
    #expect(blocks(1.1, error: 0.001, tests: 500_000) == 24)
  }

  @Test func `fewer blocks than the correction lets anything through with are warned of`() throws {
    let pools: [Subject.Base] = [.threadCache, .region, .fixed, .fixedShared]
    let cells = pools.flatMap { pool in
      ["base", "head"].map { Make.cell(of: Subject(pool).of(build: $0), Make.noisy(10, spread: 0.001, count: 8)) }
    }
    let file = Make.file("one", cells)
    let sides = ComparedSides.builds(base: "base", new: "head")
    // 2⁻⁸ × 8 is 0.03, 2⁻⁸ × 16 is 0.06: 16 tests take nine blocks.
    #expect(try Comparer().compare(file, between: sides).warnings.isEmpty)
    var more = file
    more.results.workloads.append(file.results.workloads[0])
    let comparison = try Comparer().compare(more, between: sides)
    #expect(comparison.warnings == ["8 blocks cannot tell a change among 16 tests: it takes --blocks 9"])
    // Of equal names the second has a number.
    #expect(comparison.workloads.map(\.name) == ["churn", "churn (2)"])
  }

  @Test func `many tests need more pairs than the few that a verdict does`() {
    #expect(BlocksToDecide.fewest(tests: 1) == StoppingRule.fewestForVerdict)
    // 2⁻¹¹ × 100 is 0.049, 2⁻¹⁰ × 100 is 0.098.
    #expect(BlocksToDecide.fewest(tests: 100) == 11)
    // 16 over 8 is 12,870, of which 0.05 is 643.5; 18 over 9 is 48,620.
    #expect(BlocksToDecide.fewest(tests: 643, isPaired: false) == 8)
    #expect(BlocksToDecide.fewest(tests: 644, isPaired: false) == 9)
  }

  @Test(arguments: [true, false])
  func `under eight blocks there are figures but no verdict`(isPaired: Bool) throws {
    func verdict(_ count: Int) throws -> CellComparison {
      let cells = [Make.cell(Make.noisy(10, spread: 0.001, count: count))]
      let other = Make.cell(of: Subject(.region), Make.noisy(12, spread: 0.001, count: count, seed: 2))
      if isPaired {
        let file = Make.file("one", cells + [other])
        return try Comparer().compare(
          file, between: .subjects(base: Make.subject, new: Subject(.region))
        ).cells[0]
      }
      var new = other
      new.subject = Make.subject
      return try Comparer().compare(Make.file("old", cells), Make.file("new", [new])).cells[0]
    }
    let few = try verdict(7)
    #expect(few.verdict == .noVerdict)
    #expect(few.reason == "7 of the 8 blocks that a verdict needs; --blocks 8 measures them")
    #expect(few.estimate != nil)
    #expect(try verdict(8).verdict == .regressed)
    let one = try verdict(1)
    #expect(one.verdict == .noVerdict && one.estimate == nil && one.base != nil)
  }

  @Test func `real statistics on real noise`() throws {
    func verdict(_ center: Double) throws -> Verdict {
      let base = Make.cell(Make.noisy(10, spread: 0.008, count: 20))
      let new = Make.cell(Make.noisy(center, spread: 0.008, count: 20, seed: 2))
      return try Comparer().compare(Make.file("old", [base]), Make.file("new", [new])).cells[0].verdict
    }
    #expect(try verdict(10) == .same)
    #expect(try verdict(10.6) == .regressed)
    #expect(try verdict(9.4) == .improved)
    #expect(try verdict(10.2) == .inconclusive)
  }

  @Test func `cells stand worst first`() throws {
    let pools: [(Subject.Base, Double)] = [(.region, 10), (.fixed, 12), (.fixedShared, 8), (.threadCache, 15)]
    let base = pools.map { Make.cell(of: Subject($0.0), Make.noisy(10, spread: 0.001, count: 10)) }
    let new = pools.map { Make.cell(of: Subject($0.0), Make.noisy($0.1, spread: 0.001, count: 10, seed: 3)) }
    let crashed = Make.failed(Subject(.glibc))
    let comparison = try Comparer().compare(
      Make.file("old", base + [Make.cell(of: Subject(.glibc), [1, 1])]), Make.file("new", new + [crashed]))
    #expect(comparison.cells.map(\.subject) == ["glibc", "thread-cache", "fixed", "fixed-shared", "region"])
    #expect(comparison.cells.map(\.verdict) == [.regressed, .regressed, .regressed, .improved, .same])
  }
}
