import Foundation
import Testing
import Workload

@testable import Driver

struct ColumnsTests {
  private var results: ResultSet { Samples.results(Samples.description()) }

  @Test func `the columns stand in their documented order, new ones at the end`() {
    let latency = ["allocate", "free", "resize", "scope_end", "control"].flatMap { kind in
      ["p50", "p90", "p99", "p999", "p9999", "max"].map { "\(kind)_\($0)_ns" }
    }
    let documented =
      [
        "workload", "subject", "version", "how", "lanes", "seed", "pass", "repetition", "status", "note", "ops",
        "wall_ns", "cpu_ns", "gross_ns_per_op", "net_ns_per_op", "mops_per_s",
      ] + latency + [
        "baseline_rss_bytes", "peak_rss_bytes", "mean_rss_bytes", "peak_live_bytes", "overhead_ratio", "waste_bytes",
        "drained_rss_bytes", "settled_rss_bytes", "purged_rss_bytes", "exited_rss_bytes", "minor_faults",
        "major_faults", "voluntary_switches", "involuntary_switches",
      ]
    #expect(Array(Columns.names.prefix(documented.count)) == documented)
    #expect(Set(Columns.names).count == Columns.names.count)
  }

  /// A reader of RFC 4180 that knows nothing of the writer.
  private func parse(_ text: String) -> [[String]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      var row = rows[rows.count - 1]
      if isQuoted {
        if scalar == "\"", scalars.first == "\"" {
          row[row.count - 1].append("\"")
          scalars.removeFirst()
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          row[row.count - 1].unicodeScalars.append(scalar)
        }
      } else if scalar == "\"" {
        isQuoted = true
      } else if scalar == "," {
        row.append("")
      } else if scalar == "\n" {
        rows[rows.count - 1] = row
        rows.append([""])
        continue
      } else if scalar != "\r" {
        row[row.count - 1].unicodeScalars.append(scalar)
      }
      rows[rows.count - 1] = row
    }
    return rows.dropLast()
  }

  private var table: [[String: String]] {
    let rows = parse(CSVDocument.header + CSVDocument.body(results.workloads[0]))
    return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(rows[0], $0)) }
  }

  @Test func `every row has every column, one row for each run and each skipped cell`() {
    let rows = parse(CSVDocument.header + CSVDocument.body(results.workloads[0]))
    #expect(rows.allSatisfy { $0.count == Columns.names.count })
    // Seven that run in three passes and repetitions, and region, which is skipped.
    #expect(rows.count == 1 + 7 * 9 + 1)
  }

  @Test func `raw numbers carry no unit`() throws {
    let row = try #require(
      table.first { $0["subject"] == "tcmalloc" && $0["pass"] == "throughput" && $0["repetition"] == "2" })
    #expect(row["ops"] == "1000000" && row["wall_ns"] == "12240000" && row["version"] == "gperftools 2.10")
    #expect(row["gross_ns_per_op"] == "12.24" && row["net_ns_per_op"] == "10.2" && row["mops_per_s"] == "81.699")
    #expect(row["peak_rss_bytes"] == "" && row["allocate_p50_ns"] == "" && row["note"] == "")
    let memory = try #require(table.first { $0["subject"] == "glibc" && $0["pass"] == "memory" })
    #expect(memory["peak_rss_bytes"] == "115343360" && memory["overhead_ratio"] == "1.35")
    #expect(memory["gross_ns_per_op"] == "")
    let latency = try #require(table.first { $0["subject"] == "glibc" && $0["pass"] == "latency" })
    #expect(latency["allocate_p50_ns"] == "60" && latency["control_p50_ns"] == "6")
    #expect(latency["allocate_max_ns"] == "1500000" && latency["resize_p50_ns"] == "")
  }

  @Test func `what happened to a cell is told`() throws {
    let crash = try #require(table.first { $0["status"] == "crashed (SIGSEGV)" })
    #expect(crash["subject"] == "jemalloc" && crash["note"] == "free(): invalid \"pointer\", twice")
    let skipped = try #require(table.first { $0["how"] == "skipped" })
    #expect(skipped["subject"] == "region" && skipped["status"] == "skipped" && skipped["pass"] == "")
    #expect(skipped["note"]?.contains("no class ends with a scope") == true)
  }

  @Test(
    arguments: [
      (1.0, "1"), (0.0004, "0"), (-0.0004, "0"), (12.3456, "12.346"), (-2.5, "-2.5"),
      (123_456_789.125, "123456789.125"),
      (.nan, ""),
    ] as [(Double, String)])
  func `numbers are plain decimals`(value: Double, text: String) {
    #expect(CSVDocument.plain(value) == text)
  }

  @Test func `the document is JSON with everything in it`() throws {
    let text = JSONDocument.text(results, workloads: results.workloads.map(JSONDocument.workload))
    let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(root["schema"] as? String == "poolbench-results" && root["version"] as? Int == 1)
    #expect((root["machine"] as? [String: Any])?["cores"] as? Int == 2)
    let workload = try #require((root["workloads"] as? [[String: Any]])?.first)
    #expect(workload["text"] as? String == "size = 64\n" && workload["seed"] as? String == "7")
    let cells = try #require(workload["cells"] as? [[String: Any]])
    #expect(cells.count == 8)
    let glibc = try #require(cells.first { $0["subject"] as? String == "glibc" })
    let runs = try #require(glibc["runs"] as? [[String: Any]])
    #expect(runs.count == 9)
    #expect(runs[0]["wall_ns"] as? Int == 20_000_000 && runs[0]["gross_ns_per_op"] as? Double == 20)
    let record = try #require(runs[1]["record"] as? [String: Any])
    #expect((record["histogram"] as? [String])?.count == 2 && record["malloc_owner"] != nil)
    let jemalloc = try #require(cells.first { $0["subject"] as? String == "jemalloc" })
    #expect(jemalloc["status"] as? String == "crashed (SIGSEGV)")
  }

  @Test func `a document without workloads is whole too`() throws {
    var empty = results
    empty.workloads = []
    let root = try JSONSerialization.jsonObject(with: Data(JSONDocument.text(empty, workloads: []).utf8))
    #expect(((root as? [String: Any])?["workloads"] as? [Any])?.isEmpty == true)
  }

  @Test func `any text survives JSON`() throws {
    let text = "quote \" backslash \\ tab \t bell \u{7} newline \n é 🙂"
    let data = Data(JSONValue.object([("a", .text(text))]).text().utf8)
    #expect((try JSONSerialization.jsonObject(with: data) as? [String: String])?["a"] == text)
  }
}
