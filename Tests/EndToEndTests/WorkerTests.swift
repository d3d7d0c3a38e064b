import Foundation
import TestSupport
import Testing
import Workload

/// The worker programs, run as the driver runs them.
@Suite(.serialized) struct WorkerTests {
  static func run(
    _ arguments: [String], _ text: String, worker: String = "poolbench-glibc", environment: [String: String] = [:],
    timeout: Double = 60
  ) throws -> Command.Result {
    try Command(
      BuiltProducts.executable(worker), arguments, environment: environment, input: text, timeout: timeout
    ).run()
  }

  static func record(_ result: Command.Result) throws -> RunRecord {
    #expect(result.succeeded, "\(result.end) \(result.errors)")
    let record = try RunRecord(parsing: result.output)
    #expect(record.isComplete)
    return record
  }

  static let mixed = """
    threads = 3
    [scope request]
    length = 20
    [objects scratch]
    size = uniform(1, 300)
    lifetime = scope(request)
    [objects kept]
    size = lognormal(median=64, sigma=1, min=8, max=4K)
    lifetime = exponential(mean=300)
    call = malloc 70%, calloc 20%, aligned(64) 10%
    access = 1
    freed-by = other 30%
    [objects grown]
    size = 40
    lifetime = fifo(30)
    resize = 50%
    [phase first]
    operations = 20K
    mix = scratch 50%, kept 40%, grown 10%
    [phase second]
    operations = 10K
    mix = kept 60%, grown 40%
    at-end = free
    """

  @Test func `between baseline and drain nobody but the subject calls malloc`() throws {
    try TemporaryFolder.with { folder in
      let library = folder.appending(path: "count.so")
      try CCompiler.buildLibrary(["Tests/EndToEndTests/Fixtures/count-calls.c"], to: library)
      func calls(_ subject: String, operations: Int) throws -> Int {
        let result = try Self.run(
          ["--subject", subject, "--pass", "memory", "--no-settle", "--operations", "\(operations)"], Self.mixed,
          environment: ["LD_PRELOAD": library.path])
        return try #require(Int(result.errors.split(separator: " ").last?.dropLast() ?? ""), "\(result.errors)")
      }
      let few = try calls("null", operations: 3_000)
      if BuiltProducts.areOptimised {
        #expect(few == 0)
      } else {
        // Unoptimised code makes the types of its generics when it first meets them.
        #expect(few < 50)
      }
      #expect(try calls("null", operations: 30_000) == few)
      // And the count works.
      #expect(try calls("glibc", operations: 3_000) >= 2 * 3 * 3_000)
    }
  }

  @Test func `what is free in glibc's heap is taken without new memory, also where small objects are mapped`() throws {
    let variables = ["MALLOC_MMAP_THRESHOLD_": "2000", "MALLOC_TOP_PAD_": "0"]
    let record = try Self.record(
      try Self.run(
        ["--subject", "glibc", "--pass", "memory", "--no-settle", "--operations", "1000"], Self.mixed,
        environment: variables))
    #expect(record[.status] == "ok")
    #expect(try #require(Int(record[.baselineResident] ?? "")) < 64 << 20)
  }

  @Test func `every worker names the library that answers malloc`() throws {
    for (worker, subject, owner, version) in [
      ("poolbench-glibc", "glibc", "libc.so", "glibc 2."),
      ("poolbench-jemalloc", "jemalloc", "libjemalloc.so", "jemalloc 5."),
      ("poolbench-tcmalloc", "tcmalloc", "libtcmalloc", "gperftools 2."),
    ] {
      let record = try Self.record(try Self.run(["--subject", subject], Self.mixed, worker: worker))
      #expect(record[.status] == "ok")
      #expect(record[.mallocOwner]?.contains(owner) == true)
      #expect(record[.mallocOwner] == record[.freeOwner])
      #expect(record[.libraryVersion]?.hasPrefix(version) == true)
    }
  }

  @Test(arguments: [
    "thread-cache", "thread-cache[profile=gperf]", "thread-cache[profile=tutorial]", "fixed-shared", "slab",
    "slab[cpu=sheaves]", "buddy", "arenas", "arenas[max=1]", "mempool", "zephyr",
  ])
  func `no count of a pool is negative, and no tier misses more often than it is asked`(subject: String) throws {
    let text = """
      threads = 2
      operations = 50K
      size = 200
      lifetime = exponential(mean=500)
      freed-by = other 50%
      """
    let record = try Self.record(try Self.run(["--subject", subject, "--pass", "throughput"], text))
    #expect(record[.status] == "ok")
    let counts = record.statistics
    for (name, count) in counts {
      #expect(count >= 0, "\(name)")
      if name.hasSuffix(".misses"), let requests = counts[name.dropLast(".misses".count) + ".requests"] {
        #expect(count <= requests, "\(name)")
      }
    }
  }

  @Test(arguments: ["null", "glibc", "thread-cache"])
  func `streams of two runs with one seed are equal`(subject: String) throws {
    let digests = try ["throughput", "latency", "memory"].map {
      try Self.record(try Self.run(["--subject", subject, "--pass", $0, "--no-settle"], Self.mixed))[.streamDigest]
    }
    let expected = try Self.record(try Self.run(["--generate-only"], Self.mixed))[.streamDigest]
    #expect(digests.allSatisfy { $0 == expected })
    let other = try Self.record(try Self.run(["--generate-only", "--seed", "2"], Self.mixed))[.streamDigest]
    #expect(other != expected)
  }

  @Test func `resident memory agrees with pages that are known to be touched`() throws {
    // 2,000 objects of 64 KiB, one byte in each of their 16 pages touched, all alive at the end.
    let text = "operations = 2000\nsize = 64K\nlifetime = forever\ntouch = pages\n"
    let record = try Self.record(
      try Self.run(["--subject", "glibc", "--pass", "memory", "--no-settle"], text))
    let grown = try #require(record.integer(.peakResident)) - #require(record.integer(.baselineResident))
    let expected = 2_000 * 65_536
    // The heap's last free pages before the run may serve it, and a header of 16 bytes shifts objects against pages.
    #expect(grown >= expected - 65_536 && grown <= expected + 2_000 * 4_096 / 8, "\(grown) against \(expected)")
    #expect(record.integer(.peakLive) == expected)
  }

  @Test func `threads that the system refuses end the run with a reason`() throws {
    let worker = BuiltProducts.executable("poolbench-glibc").path
    // A thousand stacks of 8 MiB do not fit.
    let result = try Command(
      URL(fileURLWithPath: "/bin/sh"), ["-c", "ulimit -v 4000000; exec '\(worker)' --subject null"], environment: [:],
      input: "threads = 1000\noperations = 1000\nsize = 8\nlifetime = 5\n"
    ).run()
    let record = try Self.record(result)
    #expect(record[.status] == "failed")
    #expect(record[.note]?.contains("refuses thread") == true)
  }

  @Test func `lanes and their successors are pinned to their processors`() throws {
    try TemporaryFolder.with { folder in
      let library = try HostileLibrary.build("hang", in: folder)
      // All processors that there are, so that a lane which is not pinned may run on more than one of two.
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let first = try #require(Self.processors(status).first)
      let process = Process()
      process.executableURL = BuiltProducts.executable("poolbench-glibc")
      process.arguments = ["--subject", "bad", "--preloaded", "bad", "--processors", String(first), "--cold"]
      process.environment = ["LD_PRELOAD": library.path]
      let input = Pipe()
      process.standardInput = input
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      defer {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      let text =
        "threads = 2\nsize = \(HostileLibrary.bentSize)\nlifetime = 5\n"
        + "[phase first]\noperations = 3000\nthread-life = 100\n"
      try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
      try input.fileHandleForWriting.close()
      let isPinned = WorkerStreamsTests.wait {
        let folder = "/proc/\(process.processIdentifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let allowed = threads.map { thread in
          Self.processors((try? String(contentsOfFile: "\(folder)/\(thread)/status", encoding: .utf8)) ?? "")
        }
        // Two lanes that wait for the successors that hang.
        return allowed.count == 4 && allowed.allSatisfy { $0 == [first] }
      }
      #expect(isPinned)
    }
  }

  /// What a status file of the kernel's gives for the processors that a thread may use: the ends of each range.
  private static func processors(_ status: String) -> [Int] {
    let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") } ?? ""
    return line.split { !$0.isNumber }.compactMap { Int($0) }
  }

  @Test func `a processor that the system refuses is a remark`() throws {
    let text = "threads = 2\noperations = 1000\nsize = 8\nlifetime = 5\n"
    let free = try Self.record(try Self.run([], text))
    #expect(free[.note] == nil)
    let refused = try Self.record(try Self.run(["--processors", "0,9999999"], text))
    #expect(refused[.status] == "ok")
    #expect(refused[.note] == "the system refuses to pin lanes to processor 9999999")
    #expect(refused[.streamDigest] == free[.streamDigest])
  }

  @Test func `a wrong description ends the worker with its faults and status 65`() throws {
    let result = try Self.run([], "size = 8\nlifetme = 3\n")
    #expect(result.end == .exit(65))
    #expect(result.errors.contains(":2:1: error:"))
    #expect(result.errors.contains("lifetime"))
  }

  @Test func `wrong arguments end the worker with status 64`() throws {
    #expect(try Self.run(["--pas", "memory"], "").end == .exit(64))
    #expect(try Self.run(["--subject", "glibcc"], "").end == .exit(64))
  }
}
