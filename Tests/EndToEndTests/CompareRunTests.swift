import Foundation
import TestSupport
import Testing

/// `poolbench compare --run` with real workers. The thresholds are far beyond what any noise could do.
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
      #expect(run.output.contains("nothing regressed, 1 same"), "\(run.output)")
      #expect(run.output.contains("paired: NEW ÷ BASE block by block"))

      let again = try poolbench(["compare", "o.json", "--between", "base,head", "--threshold", "throughput=95%"])
      #expect(again.end == .exit(0) && again.output.contains("nothing regressed, 1 same"), "\(again)")
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
      #expect(run.output.contains("\"paired\": true") && run.output.contains("\"same\": 1"), "\(run.output)")
    }
  }
}
