import Foundation
import TestSupport
import Testing
import Workload

/// What a library or the end of the driver does to a worker's streams.
@Suite(.serialized) struct WorkerStreamsTests {
  @Test func `what a library prints does not reach the protocol`() throws {
    try TemporaryFolder.with { folder in
      let library = try HostileLibrary.build("chatty", in: folder)
      let result = try WorkerTests.run(
        ["--subject", "bad", "--preloaded", "bad", "--step", "--cold"], Poolbench.small + "\0",
        environment: ["LD_PRELOAD": library.path])
      #expect(try WorkerTests.record(result)[.status] == "ok")
      // Printed before the worker's first instruction, without the end of a line.
      #expect(result.lines.contains("and no end of line"))
      #expect(SteppedWorkerTests.numbers("ready", in: result.lines).count == 1)
      // And while it replays.
      #expect(result.errors.contains("chatty: an object"))
      #expect(!result.output.contains("chatty: an object"))
    }
  }

  @Test func `a worker whose driver is gone before it looks ends at once`() throws {
    let process = Process()
    process.executableURL = BuiltProducts.executable("poolbench-glibc")
    process.arguments = ["--protocol", "\(RunRecord.protocolVersion)"]
    process.environment = [:]
    // Never written to and never closed: whoever reads it waits.
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try output.fileHandleForReading.close()
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let inTime = ended.wait(timeout: .now() + 60) == .success
    if !inTime { kill(process.processIdentifier, SIGKILL) }
    #expect(inTime)
    withExtendedLifetime(input) {}
  }

  @Test func `no worker outlives a driver that is killed`() throws {
    try Poolbench.with { poolbench in
      let library = try HostileLibrary.build("hang", in: poolbench.folder)
      try Data(Poolbench.small.utf8).write(to: poolbench.folder.appending(path: "small.txt"))
      let process = Process()
      process.executableURL = BuiltProducts.executable("poolbench")
      process.arguments = [
        "run", "small.txt", "--passes", "throughput", "--subjects", "bad", "--preload", "bad=\(library.path)",
        "--csv", "results.csv",
      ]
      process.environment = [:]
      process.currentDirectoryURL = poolbench.folder
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // One that is there for half a second is the one that hangs.
      var before: Set<pid_t> = []
      var hanging: Set<pid_t> = []
      Self.wait {
        usleep(500_000)
        let now = Self.users(of: library.path)
        hanging = now.intersection(before)
        before = now
        return !hanging.isEmpty
      }
      #expect(hanging.count == 1)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(Self.wait { Self.users(of: library.path).isEmpty })
    }
  }

  /// Asks for up to a minute.
  @discardableResult
  static func wait(until isSo: () -> Bool) -> Bool {
    for _ in 0..<6_000 {
      if isSo() { return true }
      usleep(10_000)
    }
    return false
  }

  /// The processes that have a file mapped.
  private static func users(of path: String) -> Set<pid_t> {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return Set(
      all.compactMap { pid_t($0) }.filter {
        (try? String(contentsOfFile: "/proc/\($0)/maps", encoding: .utf8))?.contains(path) == true
      })
  }
}
