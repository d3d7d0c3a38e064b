import Foundation
import TestSupport
import Testing
import Workload

/// A run that dies at any moment goes on where it was.
@Suite("poolbench run --resume")
struct ResumeTests {
  private static let plan = [
    "--subjects", "glibc,jemalloc,region", "--threads", "2", "--passes", "throughput,memory", "--repetitions", "10",
    "--no-settle",
  ]

  @Test("Killed at 20 random moments, a run ends with all its records, each once")
  func killed() throws {
    try Poolbench.with { poolbench in
      let whole = try poolbench(["run", "small.txt", "--json", "whole.jsonl"] + Self.plan)
      #expect(whole.end == .exit(0), "\(whole.errors)")
      let expected = try runs(poolbench, "whole.jsonl")
      // Two allocators and the null subject, two passes, ten blocks; region is skipped.
      #expect(expected.count == 3 * 2 * 10 && Set(expected).count == expected.count)

      var random = SplitMix64(state: 20)
      for round in 0..<20 {
        let first = ["run", "small.txt", "--json", "killed.jsonl"] + Self.plan
        let start = round == 0 ? first : ["run", "--resume", "killed.jsonl"]
        // Up to about three records later, and then up to 63 ms.
        try killOnceGrown(poolbench, start, by: Int(random.next() % 6000), then: UInt32(random.next() % 64))
        // A write that the kill has torn.
        if round % 3 == 2 { try cutShort(poolbench, by: UInt64(1 + random.next() % 50)) }
      }
      let last = try poolbench(["run", "--resume", "killed.jsonl", "--csv", "killed.csv"])
      #expect(last.end == .exit(0), "\(last.errors)")
      let found = try runs(poolbench, "killed.jsonl")
      #expect(found.sorted() == expected.sorted())
      let csv = try String(contentsOf: poolbench.folder.appending(path: "killed.csv"), encoding: .utf8)
      let rows = Poolbench.rows(csv).filter { $0["how"] != "skipped" }
      let inRows = rows.map { "\($0["subject"] ?? "") \($0["pass"] ?? "") \($0["repetition"] ?? "")" }
      #expect(inRows.sorted() == expected.sorted())
    }
  }

  /// Starts it and kills it so long after its file has grown so far.
  private func killOnceGrown(
    _ poolbench: Poolbench, _ arguments: [String], by bytes: Int, then milliseconds: UInt32
  ) throws {
    let file = poolbench.folder.appending(path: "killed.jsonl")
    let size = { (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0 }
    // The first run has to leave the plan behind, or there is nothing to go on with.
    let goal = max(size() + bytes, 5000)
    let process = Process()
    process.executableURL = BuiltProducts.executable("poolbench")
    process.arguments = arguments
    process.environment = [:]
    process.currentDirectoryURL = poolbench.folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while size() < goal, process.isRunning { usleep(1000) }
    usleep(milliseconds * 1000)
    #expect(process.isRunning, "it ended before it was killed")
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func cutShort(_ poolbench: Poolbench, by bytes: UInt64) throws {
    let handle = try FileHandle(forUpdating: poolbench.folder.appending(path: "killed.jsonl"))
    try handle.truncate(atOffset: try handle.seekToEnd() - bytes)
    try handle.close()
  }

  /// Each run of a file as `subject pass repetition`; every line has to be JSON.
  private func runs(_ poolbench: Poolbench, _ name: String) throws -> [String] {
    let text = try String(contentsOf: poolbench.folder.appending(path: name), encoding: .utf8)
    return try text.split(separator: "\n").compactMap { line in
      let root = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      guard let run = root["run"] as? [String: Any] else { return nil }
      #expect(run["status"] as? String == "ok")
      return "\(run["subject"] ?? "") \(run["pass"] ?? "") \(run["repetition"] ?? "")"
    }
  }
}
