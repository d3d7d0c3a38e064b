import CPlatform
import Synchronization
import Testing

@testable import Engine

@Suite(.serialized) struct ThreadCacheThreadTests {
  /// Objects on their way from any thread to any other: slots exchanged atomically.
  private struct Exchange: @unchecked Sendable {
    let slots: UnsafeMutablePointer<Atomic<UInt>>
    let count: Int

    init(_ count: Int) {
      self.count = count
      slots = .allocate(capacity: count)
      for index in 0..<count { (slots + index).initialize(to: Atomic(0)) }
    }

    func swap(_ index: Int, _ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
      UnsafeMutableRawPointer(
        bitPattern: slots[index].exchange(UInt(bitPattern: pointer), ordering: .acquiringAndReleasing))
    }

    func deallocate() { slots.deallocate() }
  }

  /// The first 16 bytes of an object tell its size and a check of it; the last byte repeats one.
  private static func mark(_ object: UnsafeMutableRawPointer, _ size: Int) {
    object.storeBytes(of: size, as: Int.self)
    object.storeBytes(of: ~size, toByteOffset: 8, as: Int.self)
    object.storeBytes(of: UInt8(truncatingIfNeeded: size), toByteOffset: size - 1, as: UInt8.self)
  }

  private static func isMarked(_ object: UnsafeMutableRawPointer) -> Bool {
    let size = object.load(as: Int.self)
    guard object.load(fromByteOffset: 8, as: Int.self) == ~size else { return false }
    return size <= 16 || object.load(fromByteOffset: size - 1, as: UInt8.self) == UInt8(truncatingIfNeeded: size)
  }

  @Test func `eight threads free each other's objects, whose contents stay whole`() throws {
    try withThreadHeap { heap, cache in
      let exchange = Exchange(512)
      defer { exchange.deallocate() }
      let faults = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 1)
      faults.initialize(to: Atomic(0))
      defer { faults.deallocate() }
      let threads = (0..<8).map { thread in
        TestThread {
          var numbers = TestNumbers(seed: UInt64(thread + 1))
          guard var own = heap.attach() else { return }
          for step in 0..<15_000 {
            let size = numbers.below(50) == 0 ? 17 + numbers.below(400_000) : 17 + numbers.below(500)
            guard let object = own.allocate(size) else { continue }
            Self.mark(object, size)
            if let other = exchange.swap(numbers.below(exchange.count), object) {
              if !Self.isMarked(other) { faults.pointee.add(1, ordering: .relaxed) }
              own.free(other)
            }
            // Threads come and go: the cache is given back and another one taken.
            if step % 5000 == 4999 {
              heap.detach(own)
              guard let next = heap.attach() else { return }
              own = next
            }
          }
          heap.detach(own)
        }
      }
      for thread in threads { thread.join() }
      #expect(faults.pointee.load(ordering: .relaxed) == 0)
      expectSound(heap)
      for index in 0..<exchange.count {
        if let object = exchange.swap(index, nil) {
          #expect(Self.isMarked(object))
          cache.free(object)
        }
      }
      #expect(heap.census().small == 0 && heap.census().large == 0)
    }
  }

  @Test func `what one thread allocates and another frees comes back by whole batches`() throws {
    try withThreadHeap { heap, producer in
      let consumer = try #require(heap.attach())
      for _ in 0..<50 {
        let objects = try (0..<1000).map { _ in try #require(producer.allocate(64)) }
        for object in objects { consumer.free(object) }
      }
      let statistics = heap.statistics()
      #expect(statistics.central.batchesOut > 300)
      #expect(heap.census().threads + heap.census().batches + heap.census().freed < 4 * 64_000)
      heap.detach(consumer)
    }
  }

  @Test func `lanes find their thread's cache through the thread-local, attached or not`() throws {
    let pool = try ThreadCachePool(PoolConfiguration(lanes: 2))
    let heap = pool.heap
    var lane = pool.makeLane(0)
    lane.attach()
    let object = try present(lane.allocate(100, 0))
    object.stamp(100, 1)
    let freed = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
    defer { freed.deallocate() }
    TestThread {
      // No attach: the first call attaches the thread by itself.
      threadCacheFree(object)
      let own = threadCacheAllocate(300)
      freed.initialize(to: own != nil && pb_cache_slot_get() != pb_no_cache_address())
      if let own { threadCacheFree(own, size: 300) }
      heap.detachCallingThread()
    }.join()
    #expect(freed.pointee)
    lane.detach()
    #expect(pb_cache_slot_get() == pb_no_cache_address())
    expectSound(heap)
    #expect(heap.census().small == 0)
    pool.purge()
    #expect(heap.census().dirty == 0)
  }

  @Test func `the sized and the inlined lane serve the same calls`() throws {
    let sized = try SizedThreadCachePool(PoolConfiguration())
    try exercise(sized.makeLane(0))
    sized.purge()
    let inlined = try InlineThreadCachePool(PoolConfiguration())
    try exercise(inlined.makeLane(0))
    inlined.purge()
  }

  /// `#require` can't call a mutating method in its own argument.
  private func present(_ pointer: UnsafeMutableRawPointer?) throws -> UnsafeMutableRawPointer {
    try #require(pointer)
  }

  private func exercise<L: PoolLane>(_ fresh: L) throws {
    var lane = fresh
    lane.attach()
    for size in [1, 8, 100, 1024, 1025, 40_000, 262_145] {
      var object = try present(lane.allocate(size, 0))
      object.stamp(size, 4)
      object = try present(lane.resize(object, from: size, to: size * 3, 0))
      #expect(object.hasStamp(min(size, 32), 4) || size > 32)
      #expect(lane.usableSize(object, size * 3) >= size * 3)
      lane.free(object, size * 3)
      let zeroed = try present(lane.allocateZeroed(size, 0))
      #expect(zeroed.load(as: UInt8.self) == 0)
      lane.free(zeroed, size)
      let aligned = try present(lane.allocateAligned(size, 256, 0))
      #expect(Int(bitPattern: aligned) % 256 == 0)
      lane.free(aligned, size)
    }
    lane.detach()
  }
}
