import CPlatform
import Glibc
import Testing
import Workload

@testable import Engine

/// A mempool on its way to several threads.
private struct SharedMempool: @unchecked Sendable {
  let pool: UnsafeMutablePointer<Mempool>
  var element: UnsafeMutableRawPointer?
}

@Suite("mempool")
struct MempoolTests {
  private typealias Pool = UnsafeMutablePointer<Mempool>

  /// Runs `body` on a pool of elements of 64 bytes with a full reserve, and destroys it: nothing may be left if all
  /// was done by this thread.
  private func withPool(
    minimum: Int, checksLeaks: Bool = true, _ body: (UnsafeMutablePointer<Mempool>) throws -> Void
  ) throws {
    let before = pb_thread_heap_blocks()
    let memory = UnsafeMutablePointer<Mempool>.allocate(capacity: 1)
    defer { memory.deallocate() }
    var backing = MallocBacking(lane: 0)
    try #require(Mempool.create(at: memory, minimum: minimum, elementSize: 64, from: &backing))
    try body(memory)
    Mempool.destroy(memory, to: backing)
    if checksLeaks { #expect(pb_thread_heap_blocks() == before) }
  }

  /// Of `holders` elements at a time over a backing that fails: how many requests were refused.
  private func refusals<Backing: ElementBacking>(_ backing: Backing, minimum: Int, holders: Int) throws -> Int {
    var (backing, refused) = (backing, 0)
    try withPool(minimum: minimum) { pool in
      var held: [UnsafeMutableRawPointer] = []
      var random = SplitMix64(state: 9)
      for _ in 0..<20_000 {
        if held.count == holders || !held.isEmpty && random.next() % 3 == 0 {
          pool.pointee.free(held.remove(at: Int(random.next() % UInt64(held.count))), to: backing)
        } else if let element = pool.pointee.allocate(&backing) {
          #expect(!held.contains(element))
          held.append(element)
        } else {
          refused += 1
        }
      }
      for element in held { pool.pointee.free(element, to: backing) }
      #expect(pool.pointee.reserved == minimum)
    }
    return refused
  }

  @Test(arguments: [1, 2, 16]) func `no holder within the reserve ever fails`(minimum: Int) throws {
    for holders in [1, minimum] {
      #expect(try refusals(MallocBacking(lane: 0), minimum: minimum, holders: holders) == 0)
      #expect(try refusals(FailingBacking(lane: 0, percent: 1), minimum: minimum, holders: holders) == 0)
      #expect(try refusals(FailingBacking(lane: 0, percent: 50), minimum: minimum, holders: holders) == 0)
      #expect(try refusals(FailingBacking(lane: 0, percent: 100), minimum: minimum, holders: holders) == 0)
    }
  }

  @Test func `one holder more may fail`() throws {
    #expect(try refusals(FailingBacking(lane: 0, percent: 100), minimum: 16, holders: 17) > 0)
    #expect(try refusals(MallocBacking(lane: 0), minimum: 16, holders: 17) == 0)
  }

  @Test func `the backing is asked first, the reserve is a stack, frees fill it first`() throws {
    try withPool(minimum: 2) { pool in
      var (works, fails) = (MallocBacking(lane: 0), FailingBacking(lane: 0, percent: 100))
      let fresh = try obtained(pool.pointee.allocate(&works))
      #expect(pool.pointee.reserved == 2)
      let first = try obtained(pool.pointee.allocate(&fails))
      let second = try obtained(pool.pointee.allocate(&fails))
      #expect(pool.pointee.reserved == 0)
      #expect(pool.pointee.allocate(&fails) == nil)
      let held = pb_thread_heap_blocks()
      pool.pointee.free(first, to: fails)
      pool.pointee.free(fresh, to: fails)
      #expect(pool.pointee.reserved == 2 && pb_thread_heap_blocks() == held)
      pool.pointee.free(second, to: fails)
      #expect(pb_thread_heap_blocks() == held - 1)
      #expect(pool.pointee.allocate(&fails) == fresh)
      #expect(pool.pointee.allocatePreallocated() == first)
      #expect(pool.pointee.allocatePreallocated() == nil)
      let counts = pool.pointee.withCounts { $0 }
      #expect(counts == MempoolCounts(failures: 4, hits: 4, refills: 4, retries: 0, refusals: 1, waits: 0))
      for element in [fresh, first] { pool.pointee.free(element, to: works) }
    }
  }

  @Test func `a pool keeps one element at least, and none is made where its reserve cannot be filled`() throws {
    try withPool(minimum: 0) { pool in
      #expect(pool.pointee.reserveLimit == 1 && pool.pointee.reserved == 1)
    }
    let before = pb_thread_heap_blocks()
    let memory = UnsafeMutablePointer<Mempool>.allocate(capacity: 1)
    defer { memory.deallocate() }
    var fails = FailingBacking(lane: 0, percent: 50)
    #expect(!Mempool.create(at: memory, minimum: 100, elementSize: 64, from: &fails))
    #expect(pb_thread_heap_blocks() == before)
  }

  @Test func `resizing gives a surplus back and takes what there is`() throws {
    try withPool(minimum: 8) { pool in
      var (works, fails) = (MallocBacking(lane: 0), FailingBacking(lane: 0, percent: 100))
      let before = pb_thread_heap_blocks()
      #expect(pool.pointee.resize(3, &works))
      #expect(pool.pointee.reserved == 3 && pb_thread_heap_blocks() == before - 5)
      #expect(pool.pointee.resize(6, &works))
      #expect(pool.pointee.reserved == 6)
      #expect(pool.pointee.resize(10, &fails))
      #expect(pool.pointee.reserved == 6 && pool.pointee.reserveLimit == 10)
      // Later frees complete it.
      let element = try obtained(pool.pointee.allocate(&works))
      pool.pointee.free(element, to: works)
      #expect(pool.pointee.reserved == 7)
    }
  }

  @Test func `a bulk is all or nothing`() throws {
    try withPool(minimum: 4) { pool in
      var (works, fails) = (MallocBacking(lane: 0), FailingBacking(lane: 0, percent: 100))
      withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 4) { places in
        #expect(pool.pointee.allocateBulk(into: places, &fails, waits: false))
        #expect(pool.pointee.reserved == 0)
        let two = UnsafeMutableBufferPointer(rebasing: places[0..<2])
        pool.pointee.freeBulk(two, to: fails)
        let rest = UnsafeMutableBufferPointer(rebasing: places[2..<4])
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 3) { three in
          let held = pb_thread_heap_blocks()
          #expect(!pool.pointee.allocateBulk(into: three, &fails, waits: false))
          #expect(pool.pointee.reserved == 2 && pb_thread_heap_blocks() == held)
          #expect(pool.pointee.allocateBulk(into: three, &works, waits: false))
          #expect(pool.pointee.reserved == 2)
          pool.pointee.freeBulk(three, to: works)
        }
        #expect(pool.pointee.reserved == 4)
        let held = pb_thread_heap_blocks()
        pool.pointee.freeBulk(rest, to: works)
        #expect(pb_thread_heap_blocks() == held - 2)
      }
    }
  }

  @Test func `those who wait are served by those who free`() throws {
    try withPool(minimum: 2, checksLeaks: false) { pool in
      let shared = SharedMempool(pool: pool)
      onThreads(4) { index in
        var fails = FailingBacking(lane: index, percent: 100)
        for _ in 0..<2_000 {
          let element = shared.pool.pointee.allocateWaiting(&fails)
          element.storeBytes(of: index, as: Int.self)
          if element.load(as: Int.self) != index { Issue.record("two hold one element") }
          shared.pool.pointee.free(element, to: fails)
        }
      }
      #expect(pool.pointee.reserved == 2)
    }
  }

  @Test func `one who waits sleeps until an element is put back, and is counted`() throws {
    try withPool(minimum: 1, checksLeaks: false) { pool in
      var fails = FailingBacking(lane: 0, percent: 100)
      let only = try obtained(pool.pointee.allocate(&fails))
      let shared = SharedMempool(pool: pool, element: only)
      onThreads(2) { index in
        var fails = FailingBacking(lane: index, percent: 100)
        if index == 0 {
          let element = shared.pool.pointee.allocateWaiting(&fails)
          shared.pool.pointee.free(element, to: fails)
        } else {
          while shared.pool.pointee.withCounts({ $0.waits }) == 0 { sched_yield() }
          if let element = shared.element { shared.pool.pointee.free(element, to: fails) }
        }
      }
      #expect(pool.pointee.reserved == 1)
      #expect(pool.pointee.withCounts { $0.waits } >= 1)
    }
  }

  @Test func `bulks that wait do not wait for each other`() throws {
    try withPool(minimum: 4, checksLeaks: false) { pool in
      let shared = SharedMempool(pool: pool)
      onThreads(3) { index in
        var fails = FailingBacking(lane: index, percent: 50)
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 3) { places in
          for _ in 0..<1_000 {
            if !shared.pool.pointee.allocateBulk(into: places, &fails, waits: true) {
              Issue.record("a bulk that waits was refused")
            }
            shared.pool.pointee.freeBulk(places, to: fails)
          }
        }
      }
      #expect(pool.pointee.reserved == 4)
    }
  }

  @Test func `a lane refuses what neither backing nor reserve has, and goes on`() throws {
    var configuration = PoolConfiguration(fixedSize: 64)
    configuration.subject = try Subject(parsing: "mempool[min=2,backing=fail-100]")
    let pool = try MempoolSubject<FailingBacking>(configuration)
    var lane = pool.makeLane(0)
    let held = try (0..<2).map { _ in try obtained(lane.allocate(64, 0)) }
    let refused = try obtained(lane.allocate(64, 0))
    #expect(lane.isRefused(refused) && !held.contains { lane.isRefused($0) })
    lane.free(refused, 0)
    for element in held { lane.free(element, 0) }
    let again = try obtained(lane.allocateZeroed(64, 0))
    #expect(!lane.isRefused(again))
    #expect(ConformanceModel.holds(again, 64, 0))
    lane.free(again, 0)
    var counts = PoolCounts()
    pool.list(into: &counts)
    var values: [String: Int] = [:]
    var none = PoolCounts()
    MempoolCounts().list(into: &none)
    counts.forEach(since: none) { values[$0] = $1 }
    #expect(values["reserve.taken"] == 3 && values["objects.refused"] == 1 && values["reserve.refills"] == 5)
  }

  @Test func `a backing fails as often as its name says, the same calls each time`() {
    func failures(_ backing: FailingBacking) -> [Bool] {
      var backing = backing
      return (0..<20_000).map { _ in
        guard let element = backing.allocate(16) else { return true }
        backing.free(element)
        return false
      }
    }
    let half = failures(FailingBacking(lane: 3, percent: 50))
    let isRepeated = half == failures(FailingBacking(lane: 3, percent: 50))
    let isShared = half == failures(FailingBacking(lane: 4, percent: 50))
    #expect(isRepeated && !isShared)
    #expect((9_600...10_400).contains(half.count { $0 }))
    #expect((130...270).contains(failures(FailingBacking(lane: 0, percent: 1)).count { $0 }))
    #expect(failures(FailingBacking(lane: 0, percent: 100)).allSatisfy { $0 })
  }
}
