import Testing
import Workload

@testable import Driver

struct ScheduleTests {
  private let passes: [Pass] = [.throughput, .latency, .memory]

  @Test func `passes alternate within a repetition, and end with their own repetitions`() {
    let blocks = Schedule.blocks(passes: passes) { pass in pass == .throughput ? 5 : pass == .latency ? 3 : 2 }
    #expect(
      blocks.map { "\($0.pass.rawValue) \($0.repetition)" } == [
        "throughput 1", "latency 1", "memory 1", "throughput 2", "latency 2", "memory 2", "throughput 3", "latency 3",
        "throughput 4", "throughput 5",
      ])
  }

  @Test func `by default time is measured in more blocks than memory, and verified once`() {
    let policy = BlockPolicy()
    #expect(passes.map(policy.least(of:)) == [10, 3, 2] && policy.least(of: .verification) == 1)
    #expect(passes.map(BlockPolicy(count: 6).least(of:)) == [6, 6, 6])
  }

  private func order(_ block: Block, seed: UInt64) -> [Int] {
    var random = Schedule.random(of: block, seed: seed)
    return Schedule.shuffled(5, &random)
  }

  @Test func `a seed gives one order, and the order is drawn anew for every block`() {
    let blocks = Schedule.blocks(passes: passes) { _ in 4 }
    let orders = blocks.map { order($0, seed: 3) }
    #expect(orders == blocks.map { order($0, seed: 3) })
    #expect(orders != blocks.map { order($0, seed: 4) })
    #expect(Set(orders).count > 8)
    #expect(orders.allSatisfy { Set($0) == [0, 1, 2, 3, 4] })
  }

  @Test func `every order is about equally likely`() {
    var counts: [[Int]: Int] = [:]
    for repetition in 1...6000 {
      var random = Schedule.random(of: Block(.memory, repetition), seed: 1)
      counts[Schedule.shuffled(3, &random), default: 0] += 1
    }
    #expect(counts.count == 6)
    // Five standard deviations of a binomial count of mean 1000.
    for count in counts.values { #expect(abs(count - 1000) < 145) }
  }

  @Test func `workers take turns only where one lane can be stepped`() {
    let plan = RunPlan(subjects: [Subject(.glibc)], reference: Subject(.glibc))
    #expect(plan.takesTurns(.throughput, Samples.description()))
    #expect(!plan.takesTurns(.latency, Samples.description()))
    #expect(!plan.takesTurns(.throughput, Samples.description(threads: 2)))
    var mortal = Samples.description()
    mortal.phases[0].threadLife = 10
    #expect(!plan.takesTurns(.throughput, mortal))
    var whole = plan
    whole.takesTurns = false
    #expect(!whole.takesTurns(.throughput, Samples.description()))
  }

  @Test func `builds of one subject take turns with each other, else all do`() {
    func groups(_ names: [String]) throws -> [[Int]] {
      let cells = try names.map {
        CellResult(subject: try Subject(parsing: $0, builds: ["base", "head"]), fit: .native)
      }
      let plan = RunPlan(subjects: cells.map(\.subject), reference: cells[0].subject)
      return plan.groups(Array(cells.indices), of: cells)
    }
    #expect(try! groups(["glibc", "jemalloc", "null"]) == [[0, 1, 2]])
    #expect(
      try! groups(["glibc@base", "jemalloc@base", "glibc@head", "jemalloc@head", "null"]) == [[0, 2], [1, 3], [4]])
    #expect(try! groups(["glibc", "glibc@head", "null"]) == [[0, 1, 2]])
  }

  @Test func `workers take turns while they fit into memory with room to spare`() throws {
    // 1,000 operations that die at once: next to nothing but 16 bytes of stream each.
    let memory = TurnMemory(Samples.description(), available: 1_000_000)
    let limit = try #require(memory.limit(workers: 4))
    #expect(limit < 800_000 && limit > 600_000)
    #expect(memory.limit(workers: 1000) == nil)
    #expect(memory.refusal(workers: 1000).contains("1000 workers"))
  }
}
