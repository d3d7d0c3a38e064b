import Foundation
import TestSupport
import Testing

/// A worker that dies, lies or hangs costs its own cell and no other.
@Suite("Failing cells")
struct FailingCellTests {
  /// Measures glibc and a hostile library; glibc's cells have to be intact.
  func meet(
    _ fixture: String, _ arguments: [String] = ["--passes", "throughput"], workload: String = Poolbench.small
  ) throws -> (end: Command.End, bad: [[String: String]]) {
    try Poolbench.with { poolbench in
      let library = try HostileLibrary.build(fixture, in: poolbench.folder)
      let (result, rows) = try poolbench.measure(
        ["--subjects", "glibc", "--preload", "bad=\(library.path)"] + arguments, workload: workload)
      let glibc = rows.filter { $0["subject"] == "glibc" }
      #expect(!glibc.isEmpty && glibc.allSatisfy { $0["status"] == "ok" })
      return (result.end, rows.filter { $0["subject"] == "bad" })
    }
  }

  /// One way in which the library misbehaves, and what its cell then says.
  struct Way: Sendable, CustomTestStringConvertible {
    var name: String
    var status: String
    var note = ""

    var subject: String { "bad[BENT=\(name)]" }
    var testDescription: String { name }

    static let all = [
      Way(name: "crash", status: "crashed (SIGSEGV)"),
      Way(name: "abort", status: "crashed (SIGABRT)", note: "bent: cannot go on"),
      Way(name: "stop", status: "timed out", note: "--timeout"),
      Way(name: "stubborn", status: "timed out", note: "--timeout"),
      Way(name: "exit", status: "failed", note: "no record"),
      Way(name: "null", status: "out of memory"),
      Way(name: "leak", status: "out of memory", note: "--memory-limit"),
      Way(name: "flood", status: "ok", note: "xxx"),
      Way(name: "drown", status: "timed out", note: "--timeout"),
      Way(name: "fork-drown", status: "ok"),
      Way(name: "close", status: "ok"),
      Way(name: "fork", status: "ok"),
    ]
  }

  /// In turns all of them are alive at once; with two lanes each runs as a whole.
  @Test("Every way to misbehave costs its own cell alone", arguments: [1, 2])
  func manyWays(lanes: Int) throws {
    try Poolbench.with { poolbench in
      let library = try HostileLibrary.build("bent", in: poolbench.folder)
      let subjects = Way.all.map(\.subject).joined(separator: ",")
      let (result, rows) = try poolbench.measure([
        "--subjects", "glibc,\(subjects),thread-cache", "--preload", "bad=\(library.path)", "--passes", "throughput",
        "--threads", "\(lanes)", "--timeout", "3s", "--memory-limit", "300M", "--operations", "3000",
      ])
      #expect(result.end == .exit(2))
      for name in ["glibc", "thread-cache", "null"] {
        let cells = rows.filter { $0["subject"] == name }
        #expect(!cells.isEmpty && cells.allSatisfy { $0["status"] == "ok" }, "\(name): \(cells)")
      }
      for way in Way.all {
        let row = try #require(rows.first { $0["subject"] == way.subject })
        let (status, note) = (row["status"] ?? "", row["note"] ?? "")
        #expect(status.hasPrefix(way.status), "\(way.name): \(status): \(note)")
        #expect(way.note.isEmpty || note.contains(way.note), "\(way.name): \(status): \(note)")
      }
      // Nothing that the library started is left.
      #expect(!Self.isMapped(library.path))
    }
  }

  /// Whether some process has the file mapped.
  private static func isMapped(_ path: String) -> Bool {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.contains { name in
      guard Int32(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/maps") else {
        return false
      }
      return String(decoding: data, as: UTF8.self).contains(path)
    }
  }

  @Test("A library that crashes while it is loaded")
  func crash() throws {
    let (end, bad) = try meet("crash-on-load")
    #expect(end == .exit(2))
    #expect(bad.map { $0["status"] } == ["crashed (SIGSEGV)"])
  }

  @Test("A library that writes to standard output does no harm")
  func chatter() throws {
    let (end, bad) = try meet("chatty", [])
    #expect(end == .exit(0))
    #expect(bad.count >= 3 && bad.allSatisfy { $0["status"] == "ok" })
  }

  @Test("A library that never returns")
  func hang() throws {
    let (end, bad) = try meet("hang", ["--passes", "throughput", "--timeout", "1s"])
    #expect(end == .exit(2))
    #expect(bad.map { $0["status"] } == ["timed out"])
  }

  @Test("A library that runs out of memory")
  func outOfMemory() throws {
    // 100,000 objects of 1,337 bytes are more than its 100 MB.
    let workload = "operations = 100K\nsize = \(HostileLibrary.bentSize)\nlifetime = forever\n"
    let (end, bad) = try meet("limited", ["--passes", "throughput", "--operations", "100K"], workload: workload)
    #expect(end == .exit(2))
    #expect(bad.first?["status"]?.hasPrefix("out of memory") == true)
  }

  @Test("A library whose objects overlap is found out by verification, with the first operation that shows it")
  func overlap() throws {
    let (_, bad) = try meet("overlap", ["--passes", "throughput", "--verify"])
    let verification = try #require(bad.first { $0["pass"] == "verify" })
    #expect(verification["status"] == "failed")
    #expect(verification["note"]?.contains("operation 2") == true)
    #expect(verification["note"]?.contains("live object") == true)
  }

  @Test("A library without a malloc of its own is not taken for one that has")
  func carelessPreload() throws {
    try Poolbench.with { poolbench in
      let library = try #require(
        ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/libtbbmalloc.so.2" }
          .first { FileManager.default.fileExists(atPath: $0) })
      let (result, rows) = try poolbench.measure([
        "--subjects", "glibc", "--preload", "tbb=\(library)", "--passes", "throughput",
      ])
      #expect(result.end == .exit(2))
      let row = try #require(rows.first { $0["subject"] == "tbb" })
      #expect(row["status"] == "failed")
      #expect(row["note"]?.contains("libc.so.6") == true)
    }
  }

  @Test("A worker that is killed from outside")
  func killed() throws {
    try Poolbench.with { poolbench in
      let library = try HostileLibrary.build("hang", in: poolbench.folder)
      let pids = poolbench.folder.appending(path: "killed")
      // A killer beside it: ends the first worker that has the hanging library mapped.
      let script = """
        cd '\(poolbench.folder.path)'
        for i in $(seq 600); do
          for maps in /proc/[0-9]*/maps; do
            if grep -qs '\(library.path)' "$maps"; then
              pid=${maps#/proc/}; pid=${pid%/maps}; sleep 0.2; kill -9 "$pid" && echo "$pid" >killed && exit 0
            fi
          done
          sleep 0.05
        done
        """
      let killer = Process()
      killer.executableURL = URL(fileURLWithPath: "/bin/bash")
      killer.arguments = ["-c", script]
      killer.standardError = FileHandle.nullDevice
      try killer.run()
      let (result, rows) = try poolbench.measure([
        "--subjects", "glibc", "--preload", "bad=\(library.path)", "--passes", "throughput", "--timeout", "30s",
      ])
      killer.waitUntilExit()
      #expect(FileManager.default.fileExists(atPath: pids.path))
      #expect(result.end == .exit(2))
      #expect(rows.first { $0["subject"] == "bad" }?["status"] == "killed (SIGKILL)")
      #expect(rows.filter { $0["subject"] == "glibc" }.allSatisfy { $0["status"] == "ok" })
    }
  }
}
