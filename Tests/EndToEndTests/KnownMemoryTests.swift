import Foundation
import TestSupport
import Testing

@Suite("Resident memory")
struct KnownMemoryTests {
  /// How far the kernel's own count may lie from the truth. Since 6.17 it is added up exactly when it is read; before,
  /// each CPU (from 6.2) or thread may hold back some events.
  static func slackInPages() throws -> Int {
    let release = try String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
    let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    let isExact = !numbers.lexicographicallyPrecedes([6, 17])
    return isExact ? 0 : 64 * ProcessInfo.processInfo.processorCount
  }

  @Test(
    "What the process is said to hold follows a program whose memory is known, to the page", arguments: [16, 20_001])
  func agreesWithKnownMemory(pages: Int) throws {
    let slack = try Self.slackInPages()
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "known-memory")
      try CCompiler.build(
        ["Tests/Comparators/known-memory.c", "Sources/CPlatform/CPlatform.c"],
        flags: ["-ISources/CPlatform/include"], to: program)
      let result = try Command(program, ["\(pages)"]).run()
      #expect(result.end == .exit(0), "\(result.errors)")
      let steps = result.lines.dropFirst()
      #expect(steps.count == 8)
      for step in steps {
        let fields = step.split(separator: " ").compactMap { Int($0) }
        try #require(fields.count == 2, "\(step)")
        #expect(abs(fields[0] - fields[1]) <= slack, "\(step)")
      }
    }
  }

  @Test("The memory pass of a library that takes one page an object grows by its live objects' pages")
  func pagesOfObjects() throws {
    let objects = 5000
    try TemporaryFolder.with { folder in
      let library = try HostileLibrary.build("page-malloc", in: folder)
      let result = try Command(
        BuiltProducts.executable("poolbench-glibc"),
        ["--subject", "glibc", "--pass", "memory", "--no-settle", "--operations", "\(objects)"],
        environment: ["LD_PRELOAD": library.path], input: "size = \(HostileLibrary.bentSize)\nlifetime = forever\n"
      ).run()
      #expect(result.end == .exit(0), "\(result.errors)")
      func bytes(_ key: String) throws -> Int { try #require(result.value(of: key).flatMap { Int($0) }) }
      let pages = (try bytes("peak_rss_bytes") - bytes("baseline_rss_bytes")) / 4096
      // The replay itself may touch a page or two of its stack for the first time.
      let slack = 4 + (try Self.slackInPages())
      #expect(pages >= objects - slack && pages <= objects + slack, "\(pages)")
      #expect(try bytes("peak_live_bytes") == objects * HostileLibrary.bentSize)
      #expect(try bytes("waste_bytes") == objects * (4096 - HostileLibrary.bentSize))
      let kept = (try bytes("drained_rss_bytes") - bytes("baseline_rss_bytes")) / 4096
      // Its stack of free page numbers, 1,024 to a page.
      #expect(kept <= slack + 8, "\(kept)")
    }
  }
}
