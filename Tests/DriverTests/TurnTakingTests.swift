import Foundation
import Testing
import Workload

@testable import Driver

/// Scripts that speak the protocol of taking turns, and some that do not.
@Suite(.serialized)
struct TurnTakingTests {
  /// Two segments of 1,000 words at 100 µs each, then a record. `$1` is its name, `$2` what is wrong with it. Who
  /// replays and who moves on is written to the file `log`.
  private static let worker = #"""
    #!/bin/bash
    cd "${0%/*}"
    IFS= read -r -d '' description
    for segment in 1 2; do
      echo "starts $1 $segment" >> log
      left=1000
      [ "$2" = other ] && left=900
      [ "$2" = noise ] && printf 'slices are ready\nno newline'; printf '\nready %d\n' $left
      while [ $left -gt 0 ]; do
        read -r words || exit 9
        [ $words -gt $left ] && words=$left
        left=$((left - words))
        echo "begins $1 $words" >> log
        if [ $segment = 2 ] && [ $left -lt 500 ]; then
          case $2 in
            hangs) while :; do read -r -t 1 x; done ;;
            dies) kill -SEGV $$ ;;
            refused) echo "slice $words 1 0"; read -r words; echo out; exit 0 ;;
            liar) echo "slice $words 1 $((left + 1))"; left=0; read -r words ;;
            fool) echo "slice many" ;;
            chatty) echo "slice $words 1 $left" ;;
            fat) x=0123456789abcdef; while :; do x=$x$x; done ;;
          esac
        fi
        echo "ends $1 $words" >> log
        echo "slice $words $((words * 100000)) $left"
      done
      read -r words
      echo "moves $1" >> log
    done
    echo "poolbench-record 3"
    echo "slice 1 2"
    echo end
    """#

  private struct Turns {
    var outcomes: [LaunchOutcome]
    /// Lines that the workers wrote, in order.
    var log: [[String]]

    func lines(_ word: String) -> [[String]] { log.filter { $0[0] == word } }
  }

  private func run(
    _ faults: [String], seed: UInt64 = 1, timeout: Duration = .seconds(60), memoryLimit: UInt64 = .max,
    isInterrupted: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws -> Turns {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("turns-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.worker.write(toFile: folder + "/worker", atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/worker")
    let launcher = ProcessLauncher(folder: folder, isInterrupted: { isInterrupted(folder) })
    let launches = faults.enumerated().map { index, fault in
      Launch(
        program: fault == "missing" ? "missing" : "worker", arguments: ["\(index)", fault],
        input: Array("description".utf8), timeout: timeout, memoryLimit: memoryLimit)
    }
    let outcomes = launcher.runTurns(launches, seed: seed)
    let text = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
    return Turns(
      outcomes: outcomes,
      log: text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) })
  }

  private static let good = LaunchOutcome.Ending.exited(0)

  @Test func `all replay the whole stream, and their records come through`() throws {
    let turns = try run(["", "noise", ""])
    #expect(turns.outcomes.map(\.ending) == [Self.good, Self.good, Self.good])
    for outcome in turns.outcomes {
      let record = try RunRecord(parsing: String(decoding: outcome.output, as: UTF8.self))
      #expect(record.isComplete && record.fields.map(\.key) == ["slice"])
      #expect(outcome.elapsed > .zero)
    }
    for name in ["0", "1", "2"] {
      let words = turns.lines("ends").filter { $0[1] == name }.compactMap { Int($0[2]) }
      #expect(words.reduce(0, +) == 2000)
    }
  }

  @Test func `nobody works while another is in its slice, or moves on`() throws {
    let turns = try run(["", "", ""])
    var busy: String?
    var moved: [String] = []
    for line in turns.log {
      switch line[0] {
      case "begins":
        #expect(busy == nil)
        busy = line[1]
      case "ends":
        #expect(busy == line[1])
        busy = nil
      case "moves":
        #expect(busy == nil)
        moved.append(line[1])
      case "starts" where line[2] == "2":
        // The one that was let go last; another is let go only when this one is ready.
        #expect(moved.last == line[1])
      default: break
      }
    }
    #expect(moved.count == 6)
  }

  @Test func `every second round is the mirror of the one before, and orders are drawn by the seed`() throws {
    func rounds(_ seed: UInt64) throws -> [[String]] {
      let names = try run(["", "", "", ""], seed: seed).lines("begins").map { $0[1] }
      return stride(from: 0, to: names.count, by: 4).map { Array(names[$0..<min($0 + 4, names.count)]) }
    }
    let one = try rounds(1)
    #expect(one.count.isMultiple(of: 2))
    for pair in stride(from: 0, to: one.count, by: 2) {
      #expect(Set(one[pair]).count == 4 && one[pair].reversed() == one[pair + 1])
    }
    #expect(try rounds(1) == one)
    #expect(try rounds(2) != one)
  }

  @Test func `slices are equal for all and fill a segment evenly`() throws {
    let lengths = try run(["", ""]).lines("begins").compactMap { Int($0[2]) }
    // Pilots of 1,000 / 128 words, then 986 words at 0.1 ms in slices of 10 ms or more: 8 rounds.
    let segment = [7, 7, 7, 7] + [Int](repeating: 124, count: 14) + [118, 118]
    #expect(lengths == segment + segment)
  }

  @Test(arguments: [
    ("dies", LaunchOutcome.Ending.signalled(SIGSEGV)), ("refused", .exited(0)),
  ])
  func `one that ends in its slice drops out`(fault: String, ending: LaunchOutcome.Ending) throws {
    let turns = try run(["", fault, ""])
    #expect(turns.outcomes.map(\.ending) == [Self.good, ending, Self.good])
  }

  @Test(arguments: ["liar", "fool", "chatty"])
  func `one that breaks the protocol drops out with what it said`(fault: String) throws {
    let turns = try run([fault, "", ""])
    guard case .misspoke(let reason) = turns.outcomes[0].ending else {
      Issue.record("\(turns.outcomes[0].ending)")
      return
    }
    #expect(reason.contains("'slice "))
    #expect(turns.outcomes.dropFirst().allSatisfy { $0.ending == Self.good })
  }

  @Test func `one that hangs in its slice is timed out by its own time alone`() throws {
    let turns = try run(["", "hangs", ""], timeout: .milliseconds(1500))
    #expect(turns.outcomes.map(\.ending) == [Self.good, .timedOut, Self.good])
    // The others have waited as long.
    #expect(turns.outcomes[0].elapsed < .milliseconds(1500))
  }

  @Test func `one beyond its memory drops out`() throws {
    let turns = try run(["fat", ""], memoryLimit: 64 << 20)
    guard case .overMemory(let bytes) = turns.outcomes[0].ending else {
      Issue.record("\(turns.outcomes[0].ending)")
      return
    }
    #expect(bytes > 64 << 20 && turns.outcomes[1].ending == Self.good)
  }

  @Test func `one that has another stream and one that is not there leave the rest alone`() throws {
    let turns = try run(["other", "missing", ""])
    #expect(turns.outcomes[0].ending == Self.good && turns.outcomes[2].ending == Self.good)
    guard case .notStarted = turns.outcomes[1].ending else {
      Issue.record("\(turns.outcomes[1].ending)")
      return
    }
  }

  @Test func `an interruption ends all`() throws {
    let turns = try run(["", "", ""]) { folder in
      FileManager.default.fileExists(atPath: folder + "/log")
        && (readSmallFile(folder + "/log") ?? "").contains("begins")
    }
    #expect(turns.outcomes.allSatisfy { $0.ending == .interrupted })
  }

  @Test func `slices last 10 ms of the slowest and 5 ms of the fastest`() {
    #expect(SliceLength.words(left: 1_000_000, nanosecondsPerWord: [1000, 1000]) == 10_000)
    #expect(SliceLength.words(left: 1_000_000, nanosecondsPerWord: [100, 1000]) == 50_000)
    // However short, there are four rounds.
    #expect(SliceLength.words(left: 1000, nanosecondsPerWord: [1]) == 250)
    #expect(SliceLength.words(left: 1, nanosecondsPerWord: [0]) == 1)
    #expect(SliceLength.pilot(words: 5) == 1 && SliceLength.pilot(words: 1280) == 10)
  }

  @Test func `messages are found however they are cut, and the record ends them`() {
    var reader = StepReader()
    #expect(reader.read(Array("noise\nrea".utf8)[...]).isEmpty)
    #expect(reader.read(Array("dy 12\nslice 1 2".utf8)[...]) == [.ready(words: 12)])
    #expect(
      reader.read(Array(" 3\nslice 1\n".utf8)[...]) == [
        .slice(words: 1, nanoseconds: 2, left: 3), .malformed("slice 1"),
      ])
    #expect(reader.read(Array("poolbench-record 3\nslice 1 2 3\n".utf8)[...]).isEmpty)
  }

  @Test func `lists of processors are read as the kernel writes them`() {
    #expect(ProcessorSet(list: "0-2,5")?.processors == [0, 1, 2, 5])
    #expect(
      ProcessorSet(list: "") == nil && ProcessorSet(list: "2-1") == nil && ProcessorSet(list: "x") == nil
        && ProcessorSet(list: "1-") == nil)
  }

  @Test func `the driver keeps off the processor where turns are taken, and comes back`() throws {
    let own = try #require(ProcessorSet.own)
    let last = try #require(own.processors.last)
    let before = ProcessorSet.leave([last])
    let during = ProcessorSet.own
    before?.apply()
    #expect(ProcessorSet.own == own)
    if own.processors.count > 1 {
      #expect(before == own && during?.processors == own.processors.dropLast())
    } else {
      #expect(before == nil && during == own)
    }
  }
}
