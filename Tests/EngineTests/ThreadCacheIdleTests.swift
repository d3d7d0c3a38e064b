import CPlatform
import Synchronization
import Testing

@testable import Engine

/// Caches are taken from threads that are idle, and from no others.
@Suite(.serialized, .enabled(if: pb_fence_threads_prepare(), "the system has no membarrier"))
struct ThreadCacheIdleTests {
  /// A thread that does what it is told, and waits between.
  private struct Worker {
    private let step = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
    private let thread: TestThread

    init(_ bodies: [() -> Void]) {
      step.initialize(to: Atomic(0))
      let step = step
      thread = TestThread {
        for (index, body) in bodies.enumerated() {
          while step.pointee.load(ordering: .acquiring) < 2 * index + 1 {
            pb_futex_wait(step, UInt32(2 * index))
          }
          body()
          step.pointee.store(UInt32(2 * index + 2), ordering: .releasing)
          pb_futex_wake(step, 2)
        }
      }
    }

    /// Has it do the next thing, and waits until that is done.
    func go() {
      let goal = step.pointee.add(1, ordering: .releasing).newValue + 1
      pb_futex_wake(step, 2)
      while step.pointee.load(ordering: .acquiring) < goal { pb_futex_wait(step, goal - 1) }
    }

    func end() {
      thread.join()
      step.deallocate()
    }
  }

  private func withHeap(_ body: (ThreadHeapRef) throws -> Void) throws {
    let heap = try #require(ThreadHeap.create())
    defer { heap.destroy() }
    heap.allowRevocation()
    try body(heap)
    expectSound(heap)
  }

  private static func allocateAndFree() {
    let objects = (0..<3000).map { threadCacheAllocate(16 + $0 % 900) }
    for case let object? in objects { threadCacheFree(object) }
  }

  @Test func `a parked thread's cache is taken and goes into its spans, and the thread gets another one`() throws {
    try withHeap { heap in
      let worker = Worker([
        {
          heap.attachCallingThread()
          Self.allocateAndFree()
        },
        Self.allocateAndFree,
        heap.detachCallingThread,
      ])
      worker.go()
      #expect(heap.census().threads > 100_000)
      // The first look only reads the clock.
      waitUntilParked(heap)
      heap.revokeIdle()
      let census = heap.census()
      #expect(census.threads + census.small == 0)
      #expect(heap.statistics().revocations == 1)
      // Taken once.
      heap.revokeIdle()
      #expect(heap.statistics().revocations == 1)
      worker.go()
      #expect(heap.census().threads > 100_000)
      #expect(heap.statistics().threads.refills > 0)
      worker.go()
      #expect(heap.census().threads == 0)
      worker.end()
    }
  }

  /// Looks until the only thread has used no time between two looks, which is before its cache is taken.
  private func waitUntilParked(_ heap: ThreadHeapRef) {
    var last: UInt64 = 0
    while true {
      var now: UInt64 = 0
      heap.revoke {
        now = pb_thread_time($0.pointee.clock)
        $0.pointee.time = now
        return .runs
      }
      if now == last { return }
      last = now
      pb_sleep_ns(2_000_000)
    }
  }

  @Test func `a thread that frees after its cache was taken finds its heap again`() throws {
    try withHeap { heap in
      let object = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
      object.initialize(to: nil)
      defer { object.deallocate() }
      let worker = Worker([
        {
          heap.attachCallingThread()
          object.pointee = threadCacheAllocate(100)
        },
        { if let pointer = object.pointee { threadCacheFree(pointer) } },
        heap.detachCallingThread,
      ])
      worker.go()
      heap.revoke { _ in .isIdle }
      #expect(heap.statistics().revocations == 1)
      #expect(heap.census().small == SizeClass(fitting: 100).objectSize)
      worker.go()
      #expect(heap.census().small == 0)
      worker.go()
      worker.end()
    }
  }

  @Test func `a thread that ended without giving its cache back is left alone`() throws {
    try withHeap { heap in
      TestThread { heap.attachCallingThread() }.join()
      heap.revokeIdle()
      heap.revokeIdle()
      #expect(heap.statistics().revocations == 0)
    }
  }

  @Test func `caches taken at any moment lose and repeat no object`() throws {
    try withHeap { heap in
      let faults = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 2)
      faults.initialize(to: Atomic(0))
      (faults + 1).initialize(to: Atomic(0))
      defer { faults.deallocate() }
      let threads = (0..<4).map { thread in
        TestThread {
          heap.attachCallingThread()
          var numbers = TestNumbers(seed: UInt64(thread + 1))
          var objects = [UnsafeMutableRawPointer?](repeating: nil, count: 200)
          for step in 0..<60_000 {
            let index = numbers.below(objects.count)
            if let object = objects[index] {
              let isIntact = object.load(as: Int.self) == Int(bitPattern: object) ^ thread
              if !isIntact { faults.pointee.add(1, ordering: .relaxed) }
              threadCacheFree(object)
            }
            let object = threadCacheAllocate(16 + numbers.below(2000))
            object?.storeBytes(of: Int(bitPattern: object) ^ thread, as: Int.self)
            objects[index] = object
            if step % 5000 == 4999 {
              heap.detachCallingThread()
              heap.attachCallingThread()
            }
          }
          for case let object? in objects { threadCacheFree(object) }
          heap.detachCallingThread()
          faults[1].add(1, ordering: .releasing)
        }
      }
      while faults[1].load(ordering: .acquiring) < threads.count { heap.revoke { _ in .isIdle } }
      for thread in threads { thread.join() }
      #expect(faults.pointee.load(ordering: .relaxed) == 0)
      #expect(heap.statistics().revocations > 0)
      #expect(heap.census().small == 0 && heap.census().threads == 0)
    }
  }
}
