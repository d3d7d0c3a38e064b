import Testing
import Workload

@testable import Driver

/// What is held against what, and which blocks count as pairs.
struct PairingTests {
  typealias Make = ComparisonSamples

  @Test func `within a file only blocks count that both have, of one seed`() {
    let base = Make.cell([1, 2, 4, 8], seeds: [7, 8, 7, 8])
    var new = Make.cell([1, 3, 4, 8, 16], seeds: [7, 8, 9, 8, 7])
    new.runs.removeFirst()
    let pairs = Observations(Quantity(.throughput), base: base, new: new, isPaired: true)
    #expect(pairs.base == [2, 8] && pairs.new == [3, 8])
    #expect(pairs.logarithms?.count == 2)
    let loose = Observations(Quantity(.throughput), base: base, new: new, isPaired: false)
    #expect(loose.base == [1, 2, 4, 8] && loose.new == [3, 4, 8, 16] && loose.logarithms == nil)
  }

  @Test func `a run in turns and one as a whole are no pair`() {
    let base = Make.cell([1, 2, 4], turns: true)
    var new = Make.cell([1, 3, 4], turns: true)
    new.runs[1].tookTurns = false
    let pairs = Observations(Quantity(.throughput), base: base, new: new, isPaired: true)
    #expect(pairs.base == [1, 4] && pairs.new == [1, 4])
  }

  @Test func `workloads of one name are matched in their order`() throws {
    func file(_ label: String, _ centers: [Double]) -> ComparedFile {
      var file = Make.file(label, [Make.cell([Double](repeating: centers[0], count: 10))])
      file.results.workloads += centers.dropFirst().map { center in
        Make.file("", [Make.cell([Double](repeating: center, count: 10))]).results.workloads[0]
      }
      return file
    }
    let comparison = try Comparer().compare(file("old", [10, 20]), file("new", [10, 30]))
    #expect(comparison.workloads.map(\.name) == ["churn", "churn (2)"])
    #expect(comparison.cells.map(\.verdict) == [.same, .regressed])
    let bencher = DashboardExport.bencher.text(file("old", [10, 20]).results)
    #expect(bencher.contains("\"churn/thread-cache\"") && bencher.contains("\"churn (2)/thread-cache\""))
  }

  @Test func `pairs see a change that drift hides from two files`() throws {
    // Each block is 10 % slower than the one before, and the second subject always 5 % slower than the first.
    let base = (0..<12).map { 10 * (1 + 0.1 * Double($0)) }
    let new = base.enumerated().map { $1 * ($0 % 2 == 0 ? 1.049 : 1.051) }
    let other = Subject(.region)
    let within = try Comparer().compare(
      Make.file("one", [Make.cell(base), Make.cell(of: other, new)]),
      between: .subjects(base: Make.subject, new: other))
    #expect(within.isPaired && within.cells[0].verdict == .regressed)
    #expect(within.cells[0].subject == "region")
    #expect(within.base.label == "thread-cache" && within.new.label == "region")
    let apart = try Comparer().compare(Make.file("old", [Make.cell(base)]), Make.file("new", [Make.cell(new)]))
    #expect(!apart.isPaired && apart.cells[0].verdict == .inconclusive)
  }

  @Test func `builds of a file are compared subject by subject`() throws {
    let pools = [Subject(.threadCache), Subject(.region)]
    let cells = pools.flatMap { pool in
      [("base", 10.0), ("head", pool.base == .region ? 11 : 10)].map { build, time in
        Make.cell(of: pool.of(build: build), [Double](repeating: time, count: 10))
      }
    }
    var file = Make.file("one", cells)
    file.plan.builds = ["base": "/a", "head": "/b"]
    let sides = try ComparedSides("base", "head", in: file)
    #expect(sides == .builds(base: "base", new: "head"))
    let comparison = try Comparer().compare(file, between: sides)
    #expect(comparison.cells.map(\.name) == ["region · throughput", "thread-cache · throughput"])
    #expect(comparison.cells.map(\.verdict) == [.regressed, .same])
    let one = try Comparer(subjects: ["region"]).compare(file, between: sides)
    #expect(one.cells.map(\.subject) == ["region"])
  }

  @Test(arguments: [("region", "region", "two different names"), ("regoin", "thread-cache", "did you mean 'region'?")])
  func `names that cannot be sides`(base: String, new: String, words: String) {
    let file = Make.file("one", [Make.cell([1]), Make.cell(of: Subject(.region), [1])])
    let fault = #expect(throws: SubjectError.self) { try ComparedSides(base, new, in: file) }
    #expect(fault?.description.contains(words) == true)
  }

  @Test func `filters keep what they name, and a wrong name is told`() throws {
    let values = [Double](repeating: 10, count: 10)
    let file = Make.file("one", [Make.cell(values), Make.cell(of: Subject(.region), values)])
    #expect(try Comparer(subjects: ["region"]).compare(file, file).cells.map(\.subject) == ["region"])
    #expect(try Comparer(workloads: ["churn"]).compare(file, file).cells.count == 2)
    let refusal = #expect(throws: ComparisonRefusal.self) {
      try Comparer(workloads: ["chrun"]).compare(file, file)
    }
    #expect(
      refusal == .nothing("no workload 'chrun' was measured; did you mean 'churn'? (measured: churn)"))
    #expect(throws: ComparisonRefusal.self) { try Comparer(subjects: ["glibc"]).compare(file, file) }
  }
}
