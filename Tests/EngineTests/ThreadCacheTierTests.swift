import Synchronization
import Testing

@testable import Engine

@Suite struct ThreadCacheTierTests {
  @Test func `a class starts slowly and reaches its batch`() throws {
    try withThreadHeap { _, cache in
      let sizeClass = SizeClass(fitting: 64)
      var limits: [Int32] = []
      var objects: [UnsafeMutableRawPointer] = []
      for _ in 0..<400 {
        objects.append(try #require(cache.allocate(64)))
        let limit = cache.classState(sizeClass.index).pointee.limit
        if limits.last != limit { limits.append(limit) }
      }
      #expect(limits == [1, 2, 4, 8, 16, 32, 64])
      #expect(cache.state.pointee.statistics.fetches < 14)
      for object in objects { cache.free(object) }
    }
  }

  @Test func `an unused heap's thread holds nothing, and one small object costs little`() throws {
    try withThreadHeap { heap, cache in
      #expect(heap.census().threads == 0)
      let object = try #require(cache.allocate(100))
      #expect(heap.census().threads <= 128)
      cache.free(object)
    }
  }

  @Test func `what a thread frees beyond two batches goes to the central list whole`() throws {
    try withThreadHeap { heap, cache in
      let sizeClass = SizeClass(fitting: 64)
      let objects = try (0..<2000).map { _ in try #require(cache.allocate(64)) }
      for object in objects { cache.free(object) }
      #expect(cache.state.pointee.statistics.returnedObjects >= 2000 - 3 * sizeClass.batch)
      #expect(heap.central(sizeClass.index).pointee.statistics.batchesIn > 0)
      #expect(heap.census().threads <= 2 * sizeClass.batch * 64)
      let fetched = cache.state.pointee.statistics.fetches
      let batchesOut = heap.central(sizeClass.index).pointee.statistics.batchesOut
      let again = try (0..<400).map { _ in try #require(cache.allocate(64)) }
      #expect(cache.state.pointee.statistics.fetches - fetched <= 400 / sizeClass.batch + 1)
      #expect(heap.central(sizeClass.index).pointee.statistics.batchesOut > batchesOut)
      for object in again { cache.free(object) }
    }
  }

  @Test func `alternating allocations and frees never reach the central list`() throws {
    try withThreadHeap { _, cache in
      let objects = try (0..<500).map { _ in try #require(cache.allocate(48)) }
      for object in objects { cache.free(object) }
      let before = cache.state.pointee.statistics
      for _ in 0..<1000 {
        let object = try #require(cache.allocate(48))
        cache.free(object)
      }
      #expect(cache.state.pointee.statistics.fetches == before.fetches)
      #expect(cache.state.pointee.statistics.returns == before.returns)
    }
  }

  @Test func `all objects of a span freed, the span goes back to the page heap`() throws {
    try withThreadHeap { heap, cache in
      let objects = try (0..<5000).map { _ in try #require(cache.allocate(200)) }
      let used = heap.pointee.pageHeap.pointee.policy.usedPages
      #expect(used >= 5000 * 200 / Page.size)
      for object in objects { cache.free(object) }
      heap.purge()
      #expect(heap.pointee.pageHeap.pointee.policy.usedPages == 0)
      #expect(heap.census().dirty == 0)
    }
  }

  @Test func `a thread that leaves gives back its objects, its budget and its memory`() throws {
    try withThreadHeap { heap, cache in
      let unclaimed = heap.pointee.unclaimed
      let other = try #require(heap.attach())
      var objects: [UnsafeMutableRawPointer] = []
      for size in stride(from: 8, to: 20_000, by: 500) {
        for _ in 0..<20 { objects.append(try #require(other.allocate(size))) }
      }
      for object in objects { other.free(object) }
      #expect(heap.census().threads > 0)
      heap.detach(other)
      #expect(heap.pointee.unclaimed == unclaimed)
      #expect(heap.census().threads == 0)
      let successor = try #require(heap.attach())
      #expect(successor == other)
      #expect(successor.state.pointee.capacity == 0)
      #expect(heap.statistics().threads.fetches > 0)
      heap.detach(successor)
      _ = cache
    }
  }

  @Test func `threads share one budget, and the needy take from the others`() throws {
    try withThreadHeap { heap, first in
      heap.pointee.unclaimed = 256 << 10
      let second = try #require(heap.attach())
      let sizes = Array(stride(from: 512, through: 8192, by: 512))
      for cache in [first, second, first, second] {
        for _ in 0..<40 {
          var objects: [UnsafeMutableRawPointer] = []
          for size in sizes { for _ in 0..<40 { objects.append(try #require(cache.allocate(size))) } }
          for object in objects { cache.free(object) }
        }
      }
      let budgets = [first, second].map { $0.links.pointee.budget.load(ordering: .relaxed) }
      #expect(budgets.reduce(0, +) + heap.pointee.unclaimed == (256 << 10) + ThreadState.leastBudget)
      #expect(budgets.allSatisfy { $0 >= ThreadState.leastBudget })
      #expect(heap.statistics().threads.steals > 0)
      #expect(heap.statistics().threads.shrinks > 0)
      #expect(heap.census().threads <= 512 << 10)
      heap.detach(second)
    }
  }
}
