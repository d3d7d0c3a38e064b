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
        "major_faults", "voluntary_switches", "involuntary_switches", "setting", "adaptation", "stream_digest",
        "turns", "instructions", "cycles", "l1d_misses", "cache_misses", "tlb_misses", "mmap_calls", "munmap_calls",
        "madvise_calls", "asked_rate", "achieved_rate", "late_starts", "access_p50_ns", "access_p90_ns",
        "access_p99_ns", "access_p999_ns", "access_p9999_ns", "access_max_ns",
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

  @Test func `a run tells its own seed, its turns and its counters`() throws {
    var results = results
    var record = Samples.record(Subject(.glibc), .throughput)
    record.add(.instructions, 5_000_000)
    record.add(.tlbMisses, 17)
    record.add(.adviseCalls, 2)
    record.add(.askedRate, 1500.5)
    record.add(.achievedRate, 1200)
    record.add(.lateStarts, 9)
    results.workloads[0].cells[0].runs[0] = RunResult(
      pass: .throughput, repetition: 1, seed: 8, tookTurns: true, status: .ok, record: record)
    let rows = parse(CSVDocument.header + CSVDocument.body(results.workloads[0]))
    let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
    #expect(row["seed"] == "8" && row["turns"] == "1" && row["instructions"] == "5000000" && row["cycles"] == "")
    #expect(row["tlb_misses"] == "17" && row["madvise_calls"] == "2" && row["mmap_calls"] == "")
    #expect(row["asked_rate"] == "1500.5" && row["achieved_rate"] == "1200" && row["late_starts"] == "9")
    let whole = try #require(table.first { $0["pass"] == "throughput" && $0["subject"] == "tcmalloc" })
    #expect(whole["seed"] == "7" && whole["turns"] == "0" && whole["access_p50_ns"] == "")
    #expect(table.first { $0["pass"] == "memory" }?["turns"] == "")
  }

  @Test func `a line of the result file carries the same columns, but for those that take two runs`() throws {
    let workload = results.workloads[0]
    let cell = try #require(workload.cell(Subject(.tcmalloc)))
    for run in cell.runs {
      let line = ResultLines.run(0, workload, cell, run)
      let root = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let members = try #require(root["run"] as? [String: Any])
      let row = try #require(
        table.first {
          $0["subject"] == "tcmalloc" && $0["pass"] == run.pass.rawValue && $0["repetition"] == "\(run.repetition)"
        })
      for (name, text) in row {
        let isOwn = !text.isEmpty && name != "net_ns_per_op" && !name.hasPrefix("control_")
        let value = members[name].map { $0 as? String ?? "\(($0 as? NSNumber)?.doubleValue ?? .nan)" }
        let isAlike = value == text || value.flatMap(Double.init).map { $0 == Double(text) } == true
        #expect(isOwn ? isAlike : value == nil, "\(name)")
      }
    }
  }

  @Test func `any text survives JSON`() throws {
    let text = "quote \" backslash \\ tab \t bell \u{7} newline \n é 🙂"
    let value = JSONValue.object([("a", .text(text))])
    for written in [value.text(), value.line] {
      let data = Data(written.utf8)
      #expect((try JSONSerialization.jsonObject(with: data) as? [String: String])?["a"] == text)
    }
  }
}
