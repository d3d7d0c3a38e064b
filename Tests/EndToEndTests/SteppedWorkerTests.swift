import Foundation
import TestSupport
import Testing
import Workload

/// A worker that replays slice by slice as its driver says.
@Suite(.serialized) struct SteppedWorkerTests {
  static let text = "operations = 50K\nsize = 64\nlifetime = fifo(10)\n"

  /// The numbers of each line that starts with `word`.
  static func numbers(_ word: String, in lines: [String]) -> [[Int]] {
    lines.filter { $0.hasPrefix(word + " ") }.map { $0.split(separator: " ").dropFirst().compactMap { Int($0) } }
  }

  @Test func `slices replay the whole stream and no more, and only they count`() throws {
    let result = try WorkerTests.run(["--step", "--cold"], Self.text + "\0" + "30000\n5000\n1000000\n1\n")
    let record = try WorkerTests.record(result)
    let words = try #require(Self.numbers("ready", in: result.lines).first?.first)
    let slices = Self.numbers("slice", in: result.lines)
    try #require(slices.map(\.count) == [3, 3, 3])
    #expect(slices[0][0] >= 30_000 && slices[0][0] < 30_010)
    #expect(slices[1][0] >= 5_000 && slices[1][0] < 5_010)
    var left = words
    for slice in slices {
      left -= slice[0]
      #expect(slice[2] == left)
    }
    #expect(left == 0)
    #expect(record.integer(.wallNanoseconds) == slices.reduce(0) { $0 + $1[1] })
    let whole = try WorkerTests.record(try WorkerTests.run([], Self.text))
    #expect(record[.streamDigest] == whole[.streamDigest])
    #expect(record[.ops] == whole[.ops])
  }

  @Test(arguments: ["", "100\n", "100\nnonsense\n", "1000000\n"])
  func `at the end of the commands the rest is replayed`(commands: String) throws {
    let result = try WorkerTests.run(["--step", "--cold"], Self.text + "\0" + commands)
    let slices = Self.numbers("slice", in: result.lines)
    #expect(try WorkerTests.record(result)[.status] == "ok")
    #expect(Self.numbers("ready", in: result.lines) == [[slices.reduce(0) { $0 + $1[0] }]])
    #expect(slices.last?.last == 0)
    #expect(slices.count == (commands.hasPrefix("100\n") ? 2 : 1))
  }

  /// A round is 64 MiB of words; most of these are visits. The first phase has two rounds.
  static let rounds = """
    [objects all]
    size = 64
    lifetime = fifo(10)
    access = 100
    [phase first]
    operations = 100K
    [phase second]
    operations = 1K
    """

  @Test func `each phase and each round of it has a turn of its own`() throws {
    let result = try WorkerTests.run(["--step", "--cold"], Self.rounds + "\0" + "100\n")
    let record = try WorkerTests.record(result)
    let ready = Self.numbers("ready", in: result.lines).compactMap(\.first)
    let slices = Self.numbers("slice", in: result.lines)
    #expect(ready.count == 3)
    #expect(record.integer(.rounds) == 3)
    #expect(ready.reduce(0, +) == slices.reduce(0) { $0 + $1[0] })
    #expect(slices.map { $0[2] == 0 } == [false, true, true, true])
    #expect(record.integer(.wallNanoseconds) == slices.reduce(0) { $0 + $1[1] })
    // Each turn begins when the one before is over.
    let words = result.lines.compactMap { $0.split(separator: " ").first }.filter { $0 == "ready" || $0 == "slice" }
    #expect(words == ["ready", "slice", "slice", "ready", "slice", "ready", "slice"])
  }

  @Test func `the warm-up takes turns as the replay does, and counts for nothing`() throws {
    let commands = "30000\n1000000\n1\n" + "5000\n1000000\n1\n"
    let result = try WorkerTests.run(["--step"], Self.text + "\0" + commands)
    let record = try WorkerTests.record(result)
    let ready = Self.numbers("ready", in: result.lines)
    let slices = Self.numbers("slice", in: result.lines)
    #expect(ready.count == 2 && ready[0] == ready[1])
    try #require(slices.map { $0[2] == 0 } == [false, true, false, true])
    #expect(slices[0][0] >= 30_000 && slices[2][0] >= 5_000 && slices[2][0] < 5_010)
    #expect(record.integer(.wallNanoseconds) == slices[2][1] + slices[3][1])
    #expect(record.integer(.rounds) == 1)
    let cold = try WorkerTests.run(["--step", "--cold"], Self.text + "\0")
    for key in [RecordKey.streamDigest, .ops, .allocations, .drainOps] {
      #expect(try record[key] == WorkerTests.record(cold)[key])
    }
  }

  @Test func `of several rounds the first one warms up`() throws {
    let result = try WorkerTests.run(["--step"], Self.rounds + "\0")
    let ready = Self.numbers("ready", in: result.lines)
    #expect(ready.count == 4 && ready[0] == ready[1])
    let slices = Self.numbers("slice", in: result.lines)
    let record = try WorkerTests.record(result)
    #expect(record.integer(.rounds) == 3)
    #expect(record.integer(.wallNanoseconds) == slices.dropFirst().reduce(0) { $0 + $1[1] })
  }

  /// A worker that is spoken to while it runs.
  private struct Conversation {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private(set) var heard = Data()

    init(_ text: String, _ arguments: [String] = []) throws {
      process.executableURL = BuiltProducts.executable("poolbench-glibc")
      process.arguments = ["--step"] + arguments
      process.environment = [:]
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      try say(text + "\0")
    }

    func say(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Waits for a text that ends so, or the worker's end; what has come since it was last called.
    mutating func hear(until isEnough: (String) -> Bool) -> String {
      var text = ""
      while !isEnough(text) {
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { break }
        heard += more
        text += String(decoding: more, as: UTF8.self)
      }
      return text
    }

    /// Whether anything has come that nobody has heard.
    var isSilent: Bool {
      var state = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      return poll(&state, 1, 0) == 0
    }

    func record() throws -> RunRecord {
      process.waitUntilExit()
      return try RunRecord(parsing: String(decoding: heard, as: UTF8.self))
    }
  }

  @Test(arguments: [["--cold"], []])
  func `after its last slice a worker waits for its turn to go on`(arguments: [String]) throws {
    var worker = try Conversation(Self.text, arguments)
    try worker.say("1000000\n")
    _ = worker.hear { $0.hasSuffix(" 0\n") }
    // Were it not waiting, it would be through with the drain and its record long before.
    usleep(300_000)
    #expect(worker.isSilent)
    // Behind the warm-up: the replay.
    try worker.say(arguments.isEmpty ? "1\n1000000\n1\n" : "1\n")
    _ = worker.hear { $0.hasSuffix("end\n") }
    #expect(try worker.record()[.status] == "ok")
  }

  @Test func `what a worker waits in its warm-up is no idle time of the replay's`() throws {
    var worker = try Conversation(Self.text)
    _ = worker.hear { $0.contains("ready ") && $0.hasSuffix("\n") }
    try worker.say("100\n")
    usleep(500_000)
    try worker.say("1000000\n")
    _ = worker.hear { $0.hasSuffix(" 0\n") }
    usleep(500_000)
    let start = ContinuousClock.now
    try worker.say("1\n1000000\n1\n")
    _ = worker.hear { $0.hasSuffix("end\n") }
    let elapsed = ContinuousClock.now - start
    let record = try worker.record()
    let told = try #require(record.integer(.idleNanoseconds)) + #require(record.integer(.wallNanoseconds))
    #expect(.nanoseconds(told) <= elapsed)
  }

  @Test(arguments: [["--cold"], []])
  func `waiting for a turn is no switch of the replay's`(arguments: [String]) throws {
    var worker = try Conversation(Self.text, arguments)
    _ = worker.hear { $0.contains("ready ") && $0.hasSuffix("\n") }
    let turns = 20
    for _ in 0..<turns {
      // Time for it to fall asleep.
      usleep(5_000)
      try worker.say("100\n")
      _ = worker.hear { $0.hasSuffix("\n") }
    }
    try worker.say("1000000\n1\n" + (arguments.isEmpty ? "1000000\n1\n" : ""))
    _ = worker.hear { $0.hasSuffix("end\n") }
    let record = try worker.record()
    #expect(record[.status] == "ok")
    #expect(try #require(record.integer(.voluntarySwitches)) < turns)
  }

  @Test func `a segment that ends for want of memory has nothing left`() throws {
    try TemporaryFolder.with { folder in
      let library = try HostileLibrary.build("limited", in: folder)
      // 100,000 objects of this size are more than its 100 MB.
      let text = "operations = 100K\nsize = \(HostileLibrary.bentSize)\nlifetime = forever\n"
      let result = try WorkerTests.run(
        ["--subject", "bad", "--preloaded", "bad", "--step", "--cold"], text + "\0" + "1000\n1000000\n1\n",
        environment: ["LD_PRELOAD": library.path])
      let slices = Self.numbers("slice", in: result.lines)
      #expect(slices.count == 2)
      #expect(slices.last?.last == 0)
      #expect(try WorkerTests.record(result)[.status] == "out-of-memory")
    }
  }

  @Test func `stepping is for one lane whose thread stays`() throws {
    #expect(try WorkerTests.run(["--step"], "threads = 2\nsize = 8\nlifetime = 0\n\0").end == .exit(64))
  }
}
