import Foundation
import TestSupport
import Testing
import Workload

/// The calls for memory of the system that a record counts.
@Suite struct SystemCallTests {
  private func calls(_ record: RunRecord) -> [Int?] {
    [.mapCalls, .unmapCalls, .adviseCalls].map { record.integer($0) }
  }

  @Test func `a library's calls are counted one by one, and only those of the timed phases`() throws {
    try TemporaryFolder.with { folder in
      let library = folder.appending(path: "page.so")
      try CCompiler.buildLibrary(
        ["Tests/EndToEndTests/Fixtures/page-malloc.c"], flags: ["-DAS_MIMALLOC"], to: library)
      func calls(_ arguments: [String], lifetime: String) throws -> [Int?] {
        let text = "operations = 1000\nsize = \(HostileLibrary.bentSize)\nlifetime = \(lifetime)\n"
        let result = try WorkerTests.run(
          ["--subject", "page", "--preloaded", "page"] + arguments, text, environment: ["LD_PRELOAD": library.path])
        return self.calls(try WorkerTests.record(result))
      }
      // It maps all its memory at the first object, with one advice, and gives one advice at each free.
      #expect(try calls(["--cold"], lifetime: "0") == [1, 0, 1_001])
      #expect(try calls(["--cold"], lifetime: "forever") == [1, 0, 1])
      #expect(try calls([], lifetime: "0") == [0, 0, 1_000])
      #expect(try calls([], lifetime: "forever") == [0, 0, 0])
    }
  }

  /// More memory than a library sets aside beforehand.
  private static let hungry = """
    size = 100K
    lifetime = forever
    operations = 2000
    """

  @Test(arguments: [("poolbench-glibc", "thread-cache"), ("poolbench-jemalloc", "jemalloc")])
  func `memory that comes by mmap shows`(worker: String, subject: String) throws {
    let record = try WorkerTests.record(
      try WorkerTests.run(["--subject", subject, "--cold"], Self.hungry, worker: worker))
    #expect(try #require(record.integer(.mapCalls)) > 0)
  }

  @Test(arguments: [
    // glibc's own calls reach nobody else.
    ["--subject", "glibc"],
    // Recorders of this pass map memory too.
    ["--subject", "thread-cache", "--pass", "memory", "--no-settle"],
  ])
  func `what cannot be counted is left out`(arguments: [String]) throws {
    #expect(calls(try WorkerTests.record(try WorkerTests.run(arguments, Self.hungry))) == [nil, nil, nil])
  }
}
