import Testing
import Workload

@testable import Driver

struct EstimateTests {
  private func estimate(_ lifetime: Lifetime, operations: UInt64 = 1000, threads: Int = 1) -> HeapEstimate {
    let objects = ObjectClass(name: "c", size: .fixed(100), lifetime: lifetime)
    return HeapEstimate(
      Samples.description(
        threads: threads, operations: operations, classes: [objects], scopes: [Samples.requestScope]))
  }

  @Test func `live objects follow Little's law`() {
    let entry = estimate(.drawn(.fixed(40))).phases[0][0]
    #expect(abs(entry.liveObjects - 40) < 1e-6 && abs(entry.liveBytes - 4000) < 1e-4)
    #expect(abs(estimate(.drawn(.fixed(40)), threads: 3).peakLiveBytes - 12_000) < 1e-3)
  }

  @Test func `what outlives the run has only begun to pile up`() {
    #expect(abs(estimate(.drawn(.fixed(1_000_000))).peakLiveObjects - 1000) < 1e-6)
    #expect(estimate(.forever).peakLiveObjects == 1000)
  }

  @Test func `queues and stacks are bounded by their depth`() {
    #expect(estimate(.fifo(10)).peakLiveObjects == 10)
    #expect(estimate(.lifo(10), threads: 2).peakLiveObjects == 20)
  }

  @Test func `half of a scope is open at a random moment`() {
    #expect(abs(estimate(.scope(0)).peakLiveObjects - 25) < 1e-6)
  }

  @Test func `objects of an earlier phase die in a later one`() {
    var description = Samples.description(
      classes: [
        ObjectClass(name: "a", size: .fixed(1), lifetime: .drawn(.fixed(500))),
        ObjectClass(name: "b", size: .fixed(1), lifetime: .drawn(.fixed(0))),
      ])
    func phase(_ index: Int, _ operations: UInt64) -> Phase {
      Phase(name: "p", operations: operations, threads: 1, mix: [ClassShare(classIndex: index, weight: 1)])
    }
    description.phases = [phase(0, 1000), phase(1, 200), phase(1, 1000)]
    let live = HeapEstimate(description).phases.map { entries in entries.first { $0.classIndex == 0 }?.liveObjects }
    #expect(abs((live[0] ?? 0) - 500) < 1e-6 && abs((live[1] ?? 0) - 300) < 1e-6 && live[2] == nil)
  }

  @Test func `a mean up to a limit is exact over rows of a width`() {
    // 0...9 with one half, 100...199 with the other.
    let table = InverseTable(ends: [1 << 63, .max], lows: [0, 100], widths: [10, 100])
    #expect(abs(table.mean(upTo: .infinity) - (4.5 + 149.5) / 2) < 1e-9)
    #expect(abs(table.mean(upTo: 50) - (4.5 + 50) / 2) < 1e-9)
    #expect(abs(table.mean(upTo: 0)) < 1e-9)
    #expect(abs(table.meanSquare - (28.5 + (149.5 * 149.5 + 9999.0 / 12)) / 2) < 1e-6)
  }

  @Test func `quick runs shrink a workload and never grow it`() {
    let large = Samples.description(operations: 50_000_000)
    let quick = QuickMode.operations(large, cores: 2)
    #expect(quick == 250_000)
    #expect(QuickMode.operations(Samples.description(operations: 500), cores: 2) == 500)
    #expect(QuickMode.operations(Samples.description(threads: 2, operations: 50_000_000), cores: 2) == 250_000)
    #expect(QuickMode.operations(Samples.description(threads: 4, operations: 50_000_000), cores: 2) == 125_000)
    var slow = large
    slow.phases[0].rate = 10_000
    #expect(QuickMode.operations(slow, cores: 2) == 500)
  }

  @Test func `a heap beyond the machine is refused with its estimate`() throws {
    let objects = ObjectClass(name: "c", size: .fixed(1 << 20), lifetime: .forever)
    let workload = Samples.workload(Samples.description(operations: 10_240, classes: [objects]))
    let fault = try #require(MemoryCheck.fault(workload, path: "big.txt", memoryBytes: 8 << 30))
    #expect(
      fault == "big.txt: error: by estimate it keeps 10.0 GiB alive, more than this machine's memory of 8.00 GiB")
    #expect(MemoryCheck.fault(workload, path: "big.txt", memoryBytes: 16 << 30) == nil)
  }
}
