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
    let result = try WorkerTests.run(["--step"], Self.text + "\0" + "30000\n5000\n1000000\n1\n")
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
    let result = try WorkerTests.run(["--step"], Self.text + "\0" + commands)
    let slices = Self.numbers("slice", in: result.lines)
    #expect(try WorkerTests.record(result)[.status] == "ok")
    #expect(Self.numbers("ready", in: result.lines) == [[slices.reduce(0) { $0 + $1[0] }]])
    #expect(slices.last?.last == 0)
    #expect(slices.count == (commands.hasPrefix("100\n") ? 2 : 1))
  }

  @Test func `each phase and each round of it has a turn of its own`() throws {
    // A round is 64 MiB of words; most of these are visits.
    let text = """
      [objects all]
      size = 64
      lifetime = fifo(10)
      access = 100
      [phase first]
      operations = 100K
      [phase second]
      operations = 1K
      """
    let result = try WorkerTests.run(["--step", "--cold"], text + "\0" + "100\n")
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

  @Test func `after its last slice a worker waits for its turn to go on`() throws {
    let process = Process()
    process.executableURL = BuiltProducts.executable("poolbench-glibc")
    process.arguments = ["--step"]
    process.environment = [:]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data((Self.text + "\0" + "1000000\n").utf8))
    var heard = Data()
    func hear(until end: String) {
      while !String(decoding: heard, as: UTF8.self).hasSuffix(end) {
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { return }
        heard += more
      }
    }
    hear(until: " 0\n")
    // Were it not waiting, it would be through with the drain and its record long before.
    usleep(300_000)
    var state = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&state, 1, 0) == 0)
    try input.fileHandleForWriting.write(contentsOf: Data("1\n".utf8))
    hear(until: "end\n")
    process.waitUntilExit()
    let record = try RunRecord(parsing: String(decoding: heard, as: UTF8.self))
    #expect(record[.status] == "ok")
  }

  @Test func `stepping is for one lane whose thread stays`() throws {
    #expect(try WorkerTests.run(["--step"], "threads = 2\nsize = 8\nlifetime = 0\n\0").end == .exit(64))
  }
}
