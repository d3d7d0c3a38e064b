import Testing
import Workload

@testable import Driver

struct ScheduleTests {
  private let passes: [Pass] = [.throughput, .latency, .memory]

  private func runs(seed: UInt64) -> [ScheduledRun] {
    Schedule.runs(
      subjects: 4, passes: passes, repetitions: { BlockPolicy().least(of: $0) }, seed: seed)
  }

  @Test func `each block has every subject once`() {
    let runs = runs(seed: 1)
    #expect(runs.count == 4 * (5 + 3 + 2))
    for start in stride(from: 0, to: runs.count, by: 4) {
      let block = runs[start..<start + 4]
      #expect(Set(block.map(\.subject)) == [0, 1, 2, 3])
      #expect(Set(block.map(\.pass)).count == 1 && Set(block.map(\.repetition)).count == 1)
    }
  }

  @Test func `passes alternate within a repetition, and end with their own repetitions`() {
    let blocks = stride(from: 0, to: 40, by: 4).map { runs(seed: 1)[$0] }
    #expect(
      blocks.map { "\($0.pass.rawValue) \($0.repetition)" } == [
        "throughput 1", "latency 1", "memory 1", "throughput 2", "latency 2", "memory 2", "throughput 3", "latency 3",
        "throughput 4", "throughput 5",
      ])
  }

  @Test func `a seed gives one order, and the order is drawn anew for every block`() {
    #expect(runs(seed: 3) == runs(seed: 3))
    #expect(runs(seed: 3) != runs(seed: 4))
    let orders = stride(from: 0, to: 40, by: 4).map { start in runs(seed: 3)[start..<start + 4].map(\.subject) }
    #expect(Set(orders).count > 3)
  }

  @Test func `every order is about equally likely`() {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<6000 as Range<UInt64> {
      let order = Schedule.runs(subjects: 3, passes: [.memory], repetitions: { _ in 1 }, seed: seed).map(\.subject)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 6)
    // Five standard deviations of a binomial count of mean 1000.
    for count in counts.values { #expect(abs(count - 1000) < 145) }
  }
}
