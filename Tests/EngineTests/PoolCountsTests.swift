import CPlatform
import Testing
import Workload

@testable import Engine

/// malloc that counts its calls, which no pool should do on its fast path.
private struct CountingPool: Pool {
  let calls = MappedArray<Int>([0, 0])

  init(_ configuration: PoolConfiguration) {}
  func makeLane(_ index: Int) -> CountingLane { CountingLane(calls: calls) }
  func purge() {}
  func list(into counts: inout PoolCounts) {
    counts.add("first.allocations", calls[0])
    counts.add("first.frees", calls[1])
  }
}

private struct CountingLane: PoolLane {
  let calls: MappedArray<Int>
  private var malloc = MallocLane()

  init(calls: MappedArray<Int>) { self.calls = calls }

  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    calls[0] += 1
    return malloc.allocate(size, variant)
  }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { allocate(size, variant) }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    allocate(size, variant)
  }
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    calls[1] += 1
    malloc.free(pointer, size)
  }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { malloc.resize(pointer, from: oldSize, to: newSize, variant) }
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { size }
}

@Suite(.serialized) struct PoolCountsTests {
  @Test(arguments: [1 << 20, 4_096])
  func `counts are of the timed replay, without warm-up and drain`(sharedWords: Int) throws {
    let record = try SessionTests.record(
      CountingPool.self, .throughput, SessionTests.description(), sharedWords: sharedWords)
    let counts = record.statistics
    #expect(counts["first.allocations"] == record.integer(.allocations))
    // The rest is freed by the drain. Half of the objects are visited once, which is an operation too.
    let drained = try #require(record.integer(.drainOps))
    #expect(counts["first.frees"] == 12_000 - drained && drained > 0)
  }

  @Test(arguments: [Pass.latency, .memory, .verification])
  func `other passes tell of none`(pass: Pass) throws {
    let record = try SessionTests.record(CountingPool.self, pass, SessionTests.description())
    #expect(record[.status] == "ok" && record.statistics.isEmpty)
  }

  @Test func `a pool without counts lists none`() throws {
    let record = try SessionTests.record(MallocPool.self, .throughput, SessionTests.description())
    #expect(record[.status] == "ok" && record.statistics.isEmpty)
  }

  @Test func `the thread cache's counts have names of their own, and tell who missed`() throws {
    var counts = PoolCounts()
    ThreadCacheStatistics().list(into: &counts)
    var names: [String] = []
    counts.forEach(since: counts) { name, value in
      names.append(name)
      #expect(value == 0)
    }
    #expect(Set(names).count == names.count)
    for name in names {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      #expect(parts.count == 2 && parts.allSatisfy { !$0.isEmpty }, "\(name)")
      #expect(name.allSatisfy { $0.isLowercase || $0 == "-" || $0 == "." }, "\(name)")
    }
    // Not warmed up, where a thread's cache may have all that is wanted.
    let record = try SessionTests.record(
      ThreadCachePool.self, .throughput, SessionTests.description(operations: 60_000, threads: 2), isCold: true)
    let values = record.statistics
    #expect(Set(values.keys) == Set(names))
    let misses = try #require(values["list.misses"])
    #expect(misses > 0 && misses < 120_000 / 2)
    #expect(values.values.allSatisfy { $0 >= 0 })
  }

  @Test func `counts go through a record's text`() throws {
    var record = RunRecord()
    record.add(statistic: "list.misses", 12)
    record.add(statistic: "central.lock-waits", 0)
    let read = try RunRecord(parsing: record.text)
    #expect(read.statistics == ["list.misses": 12, "central.lock-waits": 0])
  }
}
