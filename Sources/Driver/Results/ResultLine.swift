import Foundation
import Workload

/// What is read of a line of a result file; keys that are not named here are ignored. ``ResultLines`` writes them.
struct ResultLine: Decodable {
  var workload: Workload?
  var run: Run?
  var cell: Fitting?
  var resumed: Resumed?
  var end: End?

  static let decoder: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }()

  /// A word that this program does not know.
  struct UnknownWord: Error, CustomStringConvertible {
    var word: String
    var description: String { "'\(word)' is unknown" }
  }

  /// Numbers of 64 bits are written as texts.
  static func number(_ text: String) throws -> UInt64 {
    guard let number = UInt64(text) else { throw UnknownWord(word: text) }
    return number
  }

  static func word<Value: RawRepresentable<String>>(_ text: String) throws -> Value {
    guard let value = Value(rawValue: text) else { throw UnknownWord(word: text) }
    return value
  }

  static func subject(_ name: String, preloads: [String: String], builds: [String: String]) throws -> Subject {
    try Subject(parsing: name, preloads: Array(preloads.keys), builds: Array(builds.keys))
  }

  // MARK: The first line

  struct Kind: Decodable {
    var schema: String
    var version: Int
  }

  struct Head: Decodable {
    var poolbench: ToolVersion
    var date: String
    var arguments: [String]
    var machine: Machine
    var plan: Plan
  }

  struct Plan: Decodable {
    var workloads: Int
    var subjects: [String]
    var reference: String
    var passes: [String]
    var blocks: Int?
    /// Missing in files of before it was there.
    var fewestBlocks: Int?
    var budgetNs: Int64?
    var seeds: Int
    var takesTurns: Bool
    var processors: [Int]
    var nativeOnly: Bool
    var isCold: Bool
    var settles: Bool
    var timeoutNs: Int64?
    var memoryLimit: String
    var preloads: [String: String]
    var builds: [String: String]

    func value() throws -> RunPlan {
      func subject(_ name: String) throws -> Subject {
        try ResultLine.subject(name, preloads: preloads, builds: builds)
      }
      return RunPlan(
        subjects: try subjects.map(subject), reference: try subject(reference), passes: try passes.map(word),
        blocks: BlockPolicy(count: blocks, budget: budgetNs.map { .nanoseconds($0) }, fewest: fewestBlocks ?? 1),
        seeds: seeds, takesTurns: takesTurns, processors: processors, nativeOnly: nativeOnly, isCold: isCold,
        settles: settles, timeout: timeoutNs.map { .nanoseconds($0) }, memoryLimit: try number(memoryLimit),
        preloads: preloads, builds: builds)
    }
  }

  // MARK: A workload

  struct Workload: Decodable {
    var index: Int
    var name: String
    var description: String?
    var fileName: String
    var directory: String
    var text: String
    var overrides: Overrides
    var setting: [Named]
    var lanes: Int
    var seed: String
    var cells: [Fitting]
  }

  struct Named: Decodable {
    var name: String
    var value: String
  }

  struct Overrides: Decodable {
    var seed: String?
    var threads: Int?
    var operations: String?
    var parameters: [Named]

    func value() throws -> WorkloadOverrides {
      WorkloadOverrides(
        seed: try seed.map(number), threads: threads, operations: try operations.map(number),
        parameters: parameters.map { Parameter(name: $0.name, value: $0.value) })
    }
  }

  /// How a subject serves a workload.
  struct Fitting: Decodable {
    /// Of the workload; a cell that stands with its workload does without.
    var workloadIndex: Int?
    var subject: String
    var how: String
    var adaptations: [String]?
    var note: String?

    func fit() throws -> Fit {
      switch how {
      case "native": .native
      case "adapted": .adapted(try (adaptations ?? []).map(word))
      case "skipped": .skipped(note ?? "")
      default: throw UnknownWord(word: how)
      }
    }
  }

  // MARK: What was measured

  struct Run: Decodable {
    var workloadIndex: Int
    var subject: String
    var pass: String
    var repetition: Int
    var seed: String
    var turns: Int?
    /// Lines of the same block of turns, this one included; nil if it stands for itself.
    var of: Int?
    var kind: String
    var detail: String
    var note: String?
    var elapsedNs: Int64?
    var isWhole: Bool
    var record: [String: Values]?

    func value() throws -> RunResult {
      RunResult(
        pass: try word(pass), repetition: repetition, seed: try number(seed), tookTurns: turns == 1,
        status: RunStatus(try word(kind), detail: detail, note: note ?? ""),
        record: try record.map(rebuilt), elapsed: .nanoseconds(elapsedNs ?? 0))
    }

    /// Puts the worker's lines together again; the order of the keys among each other means nothing.
    private func rebuilt(_ values: [String: Values]) throws -> RunRecord {
      var text = RunRecord().text.replacing("end\n", with: "")
      for (key, values) in values.sorted(by: { $0.key < $1.key }) {
        for value in values.list { text += "\(key) \(value)\n" }
      }
      return try RunRecord(parsing: isWhole ? text + "end\n" : text)
    }
  }

  /// A text or a list of them.
  struct Values: Decodable {
    var list: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      list = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
    }
  }

  struct Resumed: Decodable {
    var date: String
  }

  struct End: Decodable {
    var how: String
  }
}
