import Foundation
import TestSupport
import Testing

/// `poolbench compare --run` with real workers. The threshold is far beyond what any noise could show as a change; on a
/// busy machine it may keep eight blocks from showing that there is none, so either verdict is well.
@Suite(.serialized)
struct CompareRunTests {
  private static let measured = [
    "--blocks", "8", "--passes", "throughput", "--threshold", "throughput=95%,p99=off,rss=off",
  ]

  @Test func `a build against itself, and the file it leaves`() throws {
    try Poolbench.with { poolbench in
      let build = BuiltProducts.folder.path
      let run = try poolbench(
        ["compare", "--run", build, build + "/poolbench", "small.txt", "--subject", "thread-cache", "--json", "o.json"]
          + Self.measured)
      #expect(run.end == .exit(0), "\(run)")
      #expect(run.output.contains("thread-cache · throughput"), "\(run.output)")
      #expect(Self.isCalm(run.output), "\(run.output)")
      #expect(run.output.contains("paired: NEW ÷ BASE block by block"))

      let again = try poolbench(["compare", "o.json", "--between", "base,head", "--threshold", "throughput=95%"])
      #expect(again.end == .exit(0) && Self.isCalm(again.output), "\(again)")
      let subjects = try poolbench([
        "compare", "o.json", "--between", "thread-cache@base,thread-cache@head", "--threshold", "throughput=95%",
      ])
      #expect(subjects.end == .exit(0), "\(subjects)")
    }
  }

  @Test func `a library against itself`() throws {
    try Poolbench.with { poolbench in
      let library = poolbench.folder.appending(path: "libpages.so")
      try CCompiler.buildLibrary(["Tests/EndToEndTests/Fixtures/page-malloc.c"], to: library)
      let run = try poolbench(
        ["compare", "--run", library.path, library.path, "small.txt", "--format", "json"] + Self.measured)
      #expect(run.end == .exit(0), "\(run)")
      #expect(run.output.contains("\"paired\": true"), "\(run.output)")
      #expect(run.output.contains("\"same\": 1") || run.output.contains("\"inconclusive\": 1"), "\(run.output)")
    }
  }

  /// One verdict in all, and none of a change.
  private static func isCalm(_ output: String) -> Bool {
    output.contains("nothing regressed, 1 same") || output.contains(/nothing (regressed|decided), 1 inconclusive/)
  }
}
