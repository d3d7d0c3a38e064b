import Driver
import Foundation
import TestSupport
import Testing
import Workload

@testable import League

struct LeagueReportTests {
  @Test func `the table has a line for every target, and the cells stand below`() {
    let league = League(
      Measured(groups: ["drop-in": [Synthetic.timed("churn", Synthetic.field(10))]], faults: ["x is not complete"]))
    let lines = LeagueReport(league).markdown().split(separator: "\n").map(String.init)
    let rows = lines.filter { $0.hasPrefix("| thread-cache") || $0.hasPrefix("| fixed") || $0.hasPrefix("| region") }
    #expect(rows.count == league.lines.count)
    // As many fields in each.
    #expect(Set(rows.map { $0.split(separator: "|").count }) == [6])
    // Mimalloc's is the best of the rivals' times.
    let cells = lines.first { $0.hasPrefix("| churn | 10.0 |") }?.split(separator: "|").map(String.init) ?? []
    #expect(cells.map { $0.contains("**") } == [false, false, false, false, false, true], "\(cells)")
    #expect(cells.last?.hasPrefix(" **1.5") == true || cells.last?.hasPrefix(" **1.49") == true, "\(cells)")
    #expect(lines.last == "Not all is there: x is not complete.")
  }

  @Test func `a marked section is replaced, and only that`() throws {
    let page = "# A\n\n<!-- league -->\nold\n<!-- /league -->\n\nB\n"
    let once = try #require(MarkedSection.replacing(in: page, by: "new\n"))
    #expect(once == "# A\n\n<!-- league -->\n\nnew\n\n<!-- /league -->\n\nB\n")
    #expect(MarkedSection.replacing(in: once, by: "new\n") == once)
    #expect(MarkedSection.replacing(in: "<!-- /league -->\n<!-- league -->\n", by: "") == nil)
    #expect(MarkedSection.replacing(in: "nothing", by: "") == nil)
  }

  @Test func `the README has the section`() throws {
    let readme = try String(contentsOf: BuiltProducts.packageRoot.appending(path: "README.md"), encoding: .utf8)
    #expect(MarkedSection.replacing(in: readme, by: "new") != nil && readme.contains("\n## Standing\n"))
  }

  @Test func `lines of comparisons are read as they are written`() {
    let line = ComparedLine("pairs\tfixed\tboost-pool\t0.9876\t0.9701\t1.0012\t20")
    #expect(line?.workload == "pairs" && line?.interval == 0.9701...1.0012 && line?.pairs == 20)
    #expect(ComparedLine("pairs\tfixed\tboost-pool\t0.9876\t0.9701\t1.0012") == nil)
    #expect(ComparedLine("pairs\tfixed\tboost-pool\t1\t1.2\t1.1\t20") == nil)
    #expect(ComparedLine("pairs\tfixed\tboost-pool\tx\t1\t1.1\t20") == nil)
  }

  @Test func `a folder is read file by file, and what is wrong with it is told`() throws {
    try TemporaryFolder.with { folder in
      try Data("pairs\tfixed\tboost-pool\t1\t0.9\t1.1\t20\nnonsense\n".utf8)
        .write(to: folder.appending(path: "compared.fixed.tsv"))
      try Data("{}\n".utf8).write(to: folder.appending(path: "drop-in.jsonl"))
      try Data("not read".utf8).write(to: folder.appending(path: "drop-in.txt"))
      let measured = Measured(folder: folder.path)
      #expect(measured.compared.count == 1)
      #expect(measured.groups.isEmpty)
      #expect(measured.faults.count == 2)
    }
  }
}
