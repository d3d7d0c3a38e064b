import Foundation
import TestSupport
import Testing

/// `poolbench run` from the workload to the figures.
@Suite("poolbench run")
struct RunTests {
  @Test("Every default subject ends with figures or with a reason")
  func defaultSubjects() throws {
    try Poolbench.with { poolbench in
      let (result, rows) = try poolbench.measure([])
      #expect(result.end == .exit(0), "\(result.errors)")
      let subjects = ["glibc", "jemalloc", "tcmalloc", "thread-cache", "fixed", "fixed-shared", "region", "null"]
      for subject in subjects {
        let own = rows.filter { $0["subject"] == subject }
        #expect(!own.isEmpty, "\(subject)")
        for row in own where row["how"] != "skipped" {
          #expect(row["status"] == "ok", "\(subject): \(row["note"] ?? "")")
          if row["pass"] == "throughput" { #expect((row["wall_ns"].flatMap { Double($0) } ?? 0) > 0) }
        }
        for row in own where row["how"] == "skipped" { #expect(row["note"]?.isEmpty == false) }
      }
    }
  }

  @Test("The table has a row for each subject and fits 100 columns where nobody asks for more")
  func tableFits() throws {
    try Poolbench.with { poolbench in
      let result = try poolbench(["run", "small.txt", "--quick"])
      #expect(result.end == .exit(0), "\(result.errors)")
      for subject in ["glibc", "jemalloc", "tcmalloc", "thread-cache", "fixed", "region", "null"] {
        #expect(result.lines.contains { $0.hasPrefix(subject) }, "\(subject)")
      }
      #expect(result.lines.allSatisfy { $0.count <= 100 })
      #expect(!result.output.contains("\u{1B}"))
    }
  }

  @Test("What the thread cache counted of itself is shown when asked for, and kept in any case")
  func statistics() throws {
    try Poolbench.with { poolbench in
      let run = ["run", "small.txt", "--quick", "--subjects", "glibc,thread-cache", "--passes", "throughput"]
      let shown = try poolbench(run + ["--stats", "--json", "r.jsonl"])
      #expect(shown.end == .exit(0) && shown.output.contains("\nlist hits "), "\(shown)")
      let silent = try poolbench(["run", "--resume", "r.jsonl"])
      #expect(silent.end == .exit(0) && !silent.output.contains("list hits"), "\(silent)")
      let again = try poolbench(["run", "--resume", "r.jsonl", "--stats"])
      #expect(again.output == shown.output)
    }
  }

  @Test("A variable of the worker is set for its subject alone")
  func environmentVariant() throws {
    try Poolbench.with { poolbench in
      let (result, rows) = try poolbench.measure([
        "--subjects", "jemalloc,jemalloc[MALLOC_CONF=stats_print:true]", "--passes", "throughput",
      ])
      #expect(result.end == .exit(0), "\(result.errors)")
      #expect(rows.contains { $0["subject"] == "jemalloc[MALLOC_CONF=stats_print:true]" && $0["status"] == "ok" })
    }
  }

  @Test("Any other library is a subject by its path, with the version that it says it has")
  func preloadedLibrary() throws {
    try Poolbench.with { poolbench in
      let library = try #require(
        ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/libmimalloc.so.2.0" }
          .first { FileManager.default.fileExists(atPath: $0) })
      let (result, rows) = try poolbench.measure(["--subjects", "glibc", "--preload", "mimalloc=\(library)"])
      #expect(result.end == .exit(0), "\(result.errors)")
      let row = try #require(rows.first { $0["subject"] == "mimalloc" })
      #expect(row["status"] == "ok")
      #expect(row["version"]?.hasPrefix("mimalloc 2.") == true)
    }
  }

  @Test("A workload with faults ends with status 65, their places, and nothing run")
  func brokenWorkload() throws {
    try Poolbench.with { poolbench in
      let result = try poolbench(
        ["run", "small.txt", "--csv", "out.csv"], workload: "size = lognorml(48, 1)\nlifetme = 3\n")
      #expect(result.end == .exit(65))
      #expect(result.errors.contains("small.txt:1:8: error:"))
      #expect(result.errors.contains("did you mean 'lognormal'"))
      #expect(result.errors.contains("small.txt:2:1: error:"))
      #expect(result.output.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: poolbench.folder.appending(path: "out.csv").path))
    }
  }

  @Test("A workload larger than the machine's memory is refused with the estimate before anything runs")
  func tooLarge() throws {
    try Poolbench.with { poolbench in
      let result = try poolbench(
        ["run", "small.txt"], workload: "operations = 100M\nsize = 1G\nlifetime = forever\n", timeout: 20)
      #expect(result.end == .exit(65))
      #expect(result.errors.contains("GiB") || result.errors.contains("TiB") || result.errors.contains("PiB"))
    }
  }

  @Test("An output file that cannot be written is said before anything runs", arguments: ["--csv", "--json"])
  func unwritableOutput(option: String) throws {
    try Poolbench.with { poolbench in
      // A file where a folder should be refuses the superuser too.
      let result = try poolbench(["run", "small.txt", option, "small.txt/results"])
      #expect(result.end == .exit(73))
      #expect(result.errors.contains("small.txt/results"))
      #expect(result.output.isEmpty)
    }
  }

  @Test("A library that is not there ends with status 69", arguments: [["--preload", "none=/nowhere/libnone.so"]])
  func missingLibrary(arguments: [String]) throws {
    try Poolbench.with { poolbench in
      let result = try poolbench(["run", "small.txt", "--quick"] + arguments)
      #expect(result.end == .exit(69))
      #expect(result.errors.contains("/nowhere/libnone.so"))
    }
  }

  @Test("Wrong usage ends with status 64", arguments: [["--subjects", "glibcc"], ["--nonsense"], ["--threads", "0"]])
  func wrongUsage(arguments: [String]) throws {
    try Poolbench.with { poolbench in
      let result = try poolbench(["run", "small.txt"] + arguments)
      #expect(result.end == .exit(64))
    }
  }

  @Test("A reader that has seen enough ends it in silence")
  func closedPipe() throws {
    try Poolbench.with { poolbench in
      let program = BuiltProducts.executable("poolbench").path
      try Data(Poolbench.small.utf8).write(to: poolbench.folder.appending(path: "small.txt"))
      for command in ["list", "explain small.txt", "run small.txt --quick --subjects glibc --csv -"] {
        let result = try Command(
          URL(fileURLWithPath: "/bin/bash"),
          ["-c", "set -o pipefail; '\(program)' \(command) | head -c 1"], directory: poolbench.folder
        ).run()
        #expect(result.end == .exit(0), "\(command)")
        #expect(!result.errors.lowercased().contains("pipe") && !result.errors.contains("Fatal"), "\(result.errors)")
      }
    }
  }
}
