import CPlatform
import Foundation
import TestSupport
import Testing
import Workload

@testable import Engine

/// The generator against the naive one, which was written from the same text by other means.
@Suite struct StreamTwinTests {
  /// All lanes' words, phase by phase and the drain, as the engine generates them in rounds of `limit` words.
  static func generate(_ description: WorkloadDescription, limit: Int) throws -> (words: [[[UInt64]]], digest: UInt64) {
    let plan = try StreamPlan(description)
    var lanes: [[[UInt64]]] = []
    var digest = StreamDigest()
    for lane in 0..<plan.lanes {
      var generator = StreamGenerator(plan: plan, lane: lane, capacityWords: 16)
      defer { generator.free() }
      var parts: [[UInt64]] = []
      var aside: [UInt64] = []
      func taken() -> [UInt64] { (0..<generator.writer.words.count).map { generator.writer.words[$0] } }
      for phase in 0..<plan.phases.count {
        var words: [UInt64] = []
        var isComplete = false
        while !isComplete {
          generator.writer.rewind()
          isComplete = generator.generate(phase: phase, limit: limit)
          words += taken()
          // Leaves no trace in what follows.
          aside = asideDrain(generator)
        }
        parts.append(words)
      }
      generator.writer.rewind()
      generator.drain()
      parts.append(taken())
      #expect(aside == taken(), "lane \(lane)")
      digest.combine(generator.writer.digest.value)
      lanes.append(parts)
    }
    return (lanes, digest.value)
  }

  private static func asideDrain(_ generator: StreamGenerator) -> [UInt64] {
    var writer = StreamWriter(capacityWords: 16)
    generator.writeDrain(to: &writer)
    defer { writer.words.free() }
    return (0..<writer.words.count).map { writer.words[$0] }
  }

  static func check(_ description: WorkloadDescription, limit: Int) throws {
    let naive = try naiveStream(description)
    let fast = try generate(description, limit: limit)
    #expect(fast.words.count == naive.lanes.count)
    for lane in naive.lanes.indices {
      for phase in description.phases.indices {
        compare(fast.words[lane][phase], naive.words(lane: lane, phase: phase), "lane \(lane), phase \(phase)")
      }
      compare(fast.words[lane].last ?? [], naive.drainWords(lane: lane), "lane \(lane), drain")
    }
    #expect(fast.digest == naive.digest)
  }

  private static func compare(_ fast: [UInt64], _ naive: [UInt64], _ place: String) {
    if fast == naive { return }
    var index = 0
    while index < min(fast.count, naive.count), fast[index] == naive[index] { index += 1 }
    func tell(_ words: [UInt64]) -> [String] {
      var at = index
      var told: [String] = []
      while at < words.count, told.count < 4, let operation = Operation.decode(words, at: &at) {
        told.append("\(operation)")
      }
      return told
    }
    Issue.record("\(place), word \(index) of \(fast.count)/\(naive.count): \(tell(fast)) instead of \(tell(naive))")
  }

  /// A shipped workload, cut to `operations` a lane.
  static func shipped(_ name: String, operations: UInt64) throws -> WorkloadDescription {
    let file = BuiltProducts.packageRoot.appending(path: "workloads/\(name)")
    let result = WorkloadDescription.parse(
      [UInt8](try Data(contentsOf: file)), fileName: name, overrides: WorkloadOverrides(operations: operations)
    ) { _ in .failure(HistogramFileError("no file")) }
    return try #require(result.description, "\(result.diagnostics.map(\.message))")
  }

  static let shippedNames: [String] = {
    let folder = BuiltProducts.packageRoot.appending(path: "workloads").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.sorted()
  }()

  @Test(arguments: shippedNames)
  func `both generators write the same words for a shipped workload`(name: String) throws {
    try Self.check(try Self.shipped(name, operations: 700), limit: 300)
  }

  @Test(arguments: 0..<24 as Range<UInt64>)
  func `both generators write the same words for a random description`(seed: UInt64) throws {
    var random = RandomDescription(seed: seed)
    let description = random.next(operations: 400)
    try Self.check(description, limit: 90)
  }
}
