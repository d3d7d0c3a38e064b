import Foundation
import TestSupport
import Testing

/// The libraries that misbehave on purpose do so, seen from a plain C program: tests of how a worker's death or lies
/// are handled rest on it.
@Suite("Hostile libraries")
struct HostileLibraryTests {
  /// Preloads the fixture into a program that takes and frees objects of one size.
  func meet(_ fixture: String, size: Int = HostileLibrary.bentSize, timeout: Double = 60) throws -> Command.Result {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try CCompiler.build(["Tests/EndToEndTests/Fixtures/hostile-probe.c"], to: program)
      let library = try HostileLibrary.build(fixture, in: folder)
      return try Command(
        program, ["\(size)"], environment: ["LD_PRELOAD": library.path], timeout: timeout
      ).run()
    }
  }

  @Test("One dies of a segmentation fault before main")
  func crashesOnLoad() throws {
    let probe = try meet("crash-on-load")
    #expect(probe.end == .signal(SIGSEGV))
    #expect(probe.output.isEmpty)
  }

  @Test("One writes to standard output before main and then behaves")
  func chatters() throws {
    let probe = try meet("chatty")
    #expect(probe.end == .exit(0))
    #expect(probe.lines.starts(with: ["chatty: hello", "status failed", "end"]))
    #expect(probe.value(of: "overwritten") == "0")
  }

  @Test("One hands out overlapping objects of its size and sound ones of every other")
  func overlaps() throws {
    let bent = try meet("overlap")
    #expect(try #require(bent.value(of: "overwritten").flatMap { Int($0) }) > 0)
    let other = try meet("overlap", size: 1000)
    #expect(other.value(of: "overwritten") == "0")
  }

  @Test("One has no more than 100 MB and has it again after a free")
  func runsOut() throws {
    let probe = try meet("limited")
    #expect(probe.value(of: "got") == "\(100_000_000 / HostileLibrary.bentSize)")
    #expect(probe.value(of: "again") == "1")
  }

  @Test("One never returns")
  func hangs() throws {
    #expect(try meet("hang", timeout: 1).end == .timeout)
  }

  @Test("One spends exactly one page an object and stays sound")
  func spendsPages() throws {
    let probe = try meet("page-malloc")
    #expect(probe.value(of: "got") == "100000")
    #expect(probe.value(of: "overwritten") == "0")
  }
}
