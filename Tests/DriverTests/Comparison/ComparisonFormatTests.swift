import Foundation
import FoundationXML
import Testing
import Workload

@testable import Driver

/// One comparison with a cell of every kind, in every format.
struct ComparisonFormatTests {
  typealias Make = ComparisonSamples

  private static func cell(
    _ subject: String, _ quantity: Quantity, _ verdict: Verdict, _ ratio: Double, base: Double, reason: String = ""
  ) -> CellComparison {
    var cell = CellComparison(
      workload: "churn", subject: subject, quantity: quantity, verdict: verdict, reason: reason)
    cell.base = base
    cell.new = base * ratio
    cell.baseBlocks = 20
    cell.newBlocks = 20
    cell.estimate = Make.estimate(ratio, ratio - 0.01...ratio + 0.01, blocks: 20, error: 0.005)
    cell.estimate?.outliers = verdict == .same ? 1 : 0
    cell.threshold = 0.02
    cell.worse = verdict == .regressed ? 0.0002 : 1
    cell.better = verdict == .improved ? 0.0002 : 1
    cell.detectable = 0.038
    if verdict == .inconclusive { cell.blocksToDecide = 34 }
    cell.baseVersion = subject == "jemalloc" ? "jemalloc 5.2.1" : ""
    cell.newVersion = subject == "jemalloc" ? "jemalloc 5.3.0" : ""
    let fit = subject == "fixed" ? Fit.adapted([.segregated]) : .native
    cell.baseWay = (try? Subject(parsing: subject)).map { CellComparison.Way(subject: $0, fit: fit) }
    cell.newWay = cell.baseWay
    return cell
  }

  private static let comparison: Comparison = {
    var crashed = CellComparison(
      workload: "churn", subject: "region", verdict: .regressed,
      reason: "failed in NEW: crashed (SIGSEGV): free(): <bad> \"pointer\" & 100 %\u{1}")
    crashed.baseBlocks = 20
    let cells = [
      crashed, cell("thread-cache", Quantity(.throughput), .regressed, 1.0512, base: 12.34),
      cell("jemalloc[MALLOC_CONF=a|b]", Quantity(.p99, of: .free), .inconclusive, 1.025, base: 980),
      cell("glibc", Quantity(.rss), .improved, 0.93, base: 120e6),
      cell("jemalloc", Quantity(.throughput), .same, 1.001, base: 20),
      cell("fixed", Quantity(.throughput), .same, 1.002, base: 9),
      cell(
        "glibc", Quantity(.p99, of: .allocate), .noVerdict, 1.3, base: 30, reason: "below what the clock can tell"),
    ]
    let added = CellComparison(workload: "pairs threads=2", subject: "fixed", verdict: .added, reason: "only in NEW")
    let failed = CellComparison(
      workload: "pairs threads=2", subject: "glibc", verdict: .failed, reason: "on both sides: timed out")
    return Comparison(
      base: Comparison.Side(
        label: "old.json", tool: ToolVersion(version: "0.1.0", commit: "0123456789"), date: "2026-01-02T03:04:05Z"),
      new: Comparison.Side(
        label: "new.json", tool: ToolVersion(version: "0.1.0", commit: nil), date: "2026-01-03T03:04:05Z"),
      machine: Samples.machine, isPaired: false, thresholds: Thresholds(),
      workloads: [
        WorkloadComparison(name: "churn", cells: cells, control: Make.estimate(1.04, 1.03...1.05)),
        WorkloadComparison(name: "pairs threads=2", cells: [failed, added], control: nil),
      ],
      warnings: ["different: kernel: Linux 6.1 and Linux 6.2"], tests: 10)
  }()

  private func text(_ format: ComparisonFormat, isStrict: Bool = false, width: Int = 100, paint: Paint = .plain)
    -> String
  {
    format.text(Self.comparison, isStrict: isStrict, width: width, paint: paint)
  }

  @Test(arguments: [
    (ComparisonFormat.markdown, "md"), (.csv, "csv"), (.json, "json"), (.junit, "xml"), (.github, "github"),
  ])
  func `each format is as stored`(format: ComparisonFormat, ending: String) {
    expectSnapshot(text(format), "comparison.\(ending)")
  }

  @Test(arguments: [60, 100])
  func `a table keeps to the width of its terminal`(width: Int) {
    let text = text(.table, width: width)
    expectSnapshot(text, "comparison-\(width).txt")
    for line in text.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    #expect(!text.contains("\u{1B}["))
    #expect(self.text(.table, width: width, paint: Paint(isColoured: true)).contains("\u{1B}[31m"))
  }

  @Test func `the summary counts every verdict`() {
    #expect(
      ComparisonWords(Self.comparison).summary
        == "2 regressed, 1 failed, 1 improved, 2 same, 1 inconclusive (the smallest change these could have shown: 3.8 %), "
        + "1 without a verdict, 1 only in NEW")
    var calm = Self.comparison
    calm.workloads = [WorkloadComparison(name: "churn", cells: [Self.comparison.cells[4]], control: nil)]
    #expect(ComparisonWords(calm).summary == "nothing regressed, 1 same")
    calm.workloads = [WorkloadComparison(name: "pairs", cells: [Self.comparison.cells.last].compactMap { $0 })]
    #expect(ComparisonWords(calm).summary == "nothing decided, 1 only in NEW")
  }

  @Test func `a long name is cut in the middle of the subject, never in the quantity`() {
    let marks = ComparisonMarks(Self.comparison)
    let cell = Self.comparison.cells[2]
    #expect(marks.name(cell) == "jemalloc[MALLOC_CONF=a|b] · p99 free")
    #expect(marks.name(cell, limit: 30) == "jemalloc[…CONF=a|b] · p99 free")
    #expect(marks.name(cell, limit: 30).count == 30)
    let adapted = Self.comparison.cells[5]
    #expect(marks.name(adapted) == "fixed°† · throughput")
    #expect(text(.table, width: 60).contains("· p99 free"))
  }

  @Test func `every row of a Markdown table has as many cells as its head`() {
    let rows = text(.markdown).split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(rows.count == 7 + 6)
    for row in rows {
      #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 10, "\(row)")
    }
  }

  @Test func `the JSON is read back with the figures that went in`() throws {
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(text(.json).utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "poolbench-comparison" && document["version"] as? Int == 1)
    #expect(document["verdict"] as? String == "regressed" && document["paired"] as? Bool == false)
    let workloads = try #require(document["workloads"] as? [[String: Any]])
    let cells = try #require(workloads.first?["cells"] as? [[String: Any]])
    #expect(cells.count == 7)
    #expect(cells[5]["base_how"] as? String == "adapted" && cells[1]["new_how"] as? String == "native")
    #expect(abs((cells[1]["change_percent"] as? Double ?? 0) - 5.12) < 1e-9)
    #expect(cells[1]["noise_percent"] as? Double == 0.5 && cells[1]["blocks"] as? Int == 20)
    #expect(cells[2]["blocks_to_decide"] as? Int == 34)
    let control = try #require(workloads.first?["control"] as? [String: Any])
    #expect(abs((control["change_percent"] as? Double ?? 0) - 4) < 1e-9)
  }

  @Test func `CSV quotes what needs it, and every row has all columns`() {
    let lines = text(.csv).split(separator: "\r\n")
    #expect(lines.count == 1 + 9)
    #expect(lines[1].contains("\"failed in NEW: crashed (SIGSEGV): free(): <bad> \"\"pointer\"\" & 100 %\u{1}\""))
    #expect(lines[0].split(separator: ",").count == ComparisonRows.names.count)
    #expect(lines[2].split(separator: ",", omittingEmptySubsequences: false).count == ComparisonRows.names.count)
  }

  @Test func `workflow commands hide what would end them`() {
    #expect(
      ComparisonAnnotations.command("error", title: "a:b,c%", "50 %\r\nx: y, z")
        == "::error title=a%3Ab%2Cc%25::50 %25%0D%0Ax: y, z"
    )
    let lines = text(.github).split(separator: "\n")
    #expect(lines.first?.hasPrefix("::notice title=poolbench::2 regressed, 1 failed") == true)
    #expect(lines.count { $0.hasPrefix("::error ") } == 3)
    #expect(lines.count { $0.hasPrefix("::warning ") } == 2)
    #expect(text(.github, isStrict: true).split(separator: "\n").count { $0.hasPrefix("::error ") } == 4)
    #expect(text(.github, isStrict: true).split(separator: "\n").count { $0.hasPrefix("::warning ") } == 1)
    for line in lines { #expect(line.hasPrefix("::") && line.split(separator: "::").count >= 2) }
  }

  @Test func `more annotations than are shown end with their number`() {
    var many = Self.comparison
    many.warnings = [String](repeating: "odd", count: 11)
    let cell = Self.comparison.cells[1]
    many.workloads = [
      WorkloadComparison(name: "churn", cells: [CellComparison](repeating: cell, count: 25), control: nil)
    ]
    let lines = ComparisonFormat.github.text(many, isStrict: false, width: 80, paint: .plain).split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("::error ") } == ComparisonAnnotations.most)
    #expect(lines[0].hasPrefix("::notice title=poolbench::25 regressed"))
    #expect(lines[10] == "::error title=poolbench::16 more: see the summary of the job")
    #expect(lines.count { $0.hasPrefix("::warning ") } == ComparisonAnnotations.most)
    #expect(lines[20] == "::warning title=poolbench::2 more: see the summary of the job")
  }
}
