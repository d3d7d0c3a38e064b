import Foundation
import TestSupport
import Testing
import Workload

/// A run that dies at any moment goes on where it was.
@Suite("poolbench run --resume")
struct ResumeTests {
  struct Plan: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var arguments: [String]
    var takesTurns: Bool
    /// Runs in all.
    var runs: Int
    /// Bytes that a torn write loses at most: fewer than a line, or more than one of a block.
    var loss: UInt64
  }

  /// Two allocators and the null subject; region is skipped.
  private static let plans = [
    Plan(
      testDescription: "whole runs on two lanes",
      arguments: [
        "--subjects", "glibc,jemalloc,region", "--threads", "2", "--passes", "throughput,memory", "--repetitions",
        "10", "--no-settle",
      ], takesTurns: false, runs: 3 * 2 * 10, loss: 50),
    Plan(
      testDescription: "turns on one lane",
      arguments: [
        "--subjects", "glibc,jemalloc,region", "--threads", "1", "--passes", "throughput", "--blocks", "40",
        "--no-settle",
      ], takesTurns: true, runs: 3 * 40, loss: 1500),
  ]

  @Test("Killed at 20 random moments, a run ends with all its records, each once", arguments: plans)
  func killed(_ plan: Plan) throws {
    try Poolbench.with { poolbench in
      let whole = try poolbench(["run", "small.txt", "--json", "whole.jsonl"] + plan.arguments)
      #expect(whole.end == .exit(0), "\(whole.errors)")
      let expected = try runs(poolbench, "whole.jsonl")
      #expect(expected.count == plan.runs && Set(expected).count == expected.count)
      let text = try String(contentsOf: poolbench.folder.appending(path: "whole.jsonl"), encoding: .utf8)
      #expect(text.contains(#""of":3,"#) == plan.takesTurns)

      var random = SplitMix64(state: 20)
      var (kills, rounds) = (0, 0)
      var fresh = true
      while kills < 20 {
        rounds += 1
        try #require(rounds <= 100, "it never lived long enough to be killed")
        let first = ["run", "small.txt", "--json", "killed.jsonl"] + plan.arguments
        let start = fresh ? first : ["run", "--resume", "killed.jsonl"]
        // Up to about three records later, and then up to 63 ms.
        let bytes = Int(random.next() % 6000)
        if try killOnceGrown(poolbench, start, by: bytes, then: UInt32(random.next() % 64)) {
          kills += 1
          fresh = false
          // A write that the kill has torn.
          if kills % 3 == 0 { try cutShort(poolbench, by: 1 + random.next() % plan.loss) }
        } else {
          // Where this test is kept waiting, a run may be faster than its killer: it is whole, and the next begins anew.
          let found = try runs(poolbench, "killed.jsonl")
          #expect(found.sorted() == expected.sorted())
          try FileManager.default.removeItem(at: poolbench.folder.appending(path: "killed.jsonl"))
          fresh = true
        }
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

  /// Starts it and kills it so long after its file has grown so far; false where it ended, well, before that.
  private func killOnceGrown(
    _ poolbench: Poolbench, _ arguments: [String], by bytes: Int, then milliseconds: UInt32
  ) throws -> Bool {
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
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    if process.terminationReason == .uncaughtSignal { return true }
    #expect(process.terminationStatus == 0, "a run that nothing killed failed")
    return false
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
