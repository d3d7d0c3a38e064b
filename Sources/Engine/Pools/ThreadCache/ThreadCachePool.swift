import CPlatform
import Workload

/// The general pool: any size, any thread. Its own form, called as `malloc` is, is that of `ThreadCacheLane`.
///
/// The design is tcmalloc's three tiers: see `ThreadCacheRef`, `CentralList`, `PageHeap`, `PageMap`. What differs, and
/// what it gave, as ratios to the build before, medians of interleaved runs:
/// - Stacks of addresses in threads and batches of them in central lists, bitmaps in spans: a free object is not touched.
///   Lists through the objects, as in gperftools and in this pool before, wait for each object's link when it is popped:
///   kv-store 1.11, compiler 1.13, fleet-1 and fleet-5 1.07 and 1.09, larson 1.14, churn 1.02, xmalloc 2.5, and of
///   kv-store's allocations the slowest hundredth took 0.34 µs, now 0.11. A span gives the lowest addresses first.
/// - A flat byte of size class a page: an unsized free needs one load more than a sized one, and no more instructions,
///   for the caller keeps no sizes.
/// - An all-zero cache for threads without one: no test for it.
/// - Limits are budgeted, not bytes: the fast path keeps one offset, which also tells when a stack is full.
/// - Batches in proportion to a class's memory, 64 KiB in one. With 512 KiB of them a class a heap of 21 MiB took 29 MiB,
///   now 27 (gperftools: 26 and 4 of metadata), and one of 100 MiB that had drained kept nearly all, for they pinned the
///   spans. 16 KiB in a batch cost a trip to the central list for each fourth page-sized object.
/// - A thread that purges (`PurgeThread`), by low-water marks (`DiscardPolicy`). Giving memory back as a heap drained
///   cost some 25,000 faults of a microsecond each when it filled again: against tcmalloc on the same streams 0.91 and
///   0.97 on fleet-5 and fleet-1, 1.18 on both once it stayed for half a second.
/// - A thread that does nothing loses its cache (`ThreadHeap+Idle.swift`), which takes two plain stores in each call:
///   1 s after fragmentation's heap has drained 3 MiB stay, and 43 without. Churn 1.00, fleet-1 and kv-store 0.985.
/// - Spans are populated ahead in step with the class (`CentralList`): of kv-store's allocations the slowest 0.2 % took
///   1.6 µs, now 0.5 to 0.6. Throughput, measured warm, is the same.
/// - A full stack spills its eight latest objects, not a batch: the slowest thousandth of kv-store's frees took 1.6 to
///   2.0 µs, now 0.4 to 0.6. With four at a time the slowest hundredth took 0.29 µs, with eight 0.22. A batch where
///   another thread asks for batches of the class.
/// - A thread begins with a budget of 128 KiB: with 32 one that lives for 10,000 allocations had 0.83, 0.71 and 0.85 of
///   tcmalloc's speed with 2, 4 and 16 of them at a time, now 1.6, 1.4 and 1.5.
/// - A byte of class for each size to 1 KiB, where a table by eighths takes three instructions more; and paths beyond it
///   left by a jump: churn 1.05, kv-store 1.03, fleet-1 1.02.
/// - 16 and 32 bytes between the classes to 1 KiB, and spans of which no more than a thirty-second is left over: together
///   fragmentation's peak is 1.4 MiB lower, of 217, and times are the same.
/// - Copies and clears of up to 256 bytes in line, where the C library's are two calls away.
///
/// All of these latencies hold what the replay had written to new objects and was still on its way; without that the
/// slowest thousandth of kv-store's frees take 0.4 µs, of churn's 0.05.
///
/// Tried and dropped, all but the first five with lists through the objects:
/// - The latest object beside a stack's offsets, so that a free loads no slot: churn 0.98, fleet-1 0.94.
/// - Looking for an object that is freed twice when it is allocated, for the same end: the message no longer comes from
///   the call that was wrong.
/// - Making emptied spans free eight at a time: kv-store's slowest frees the same, 0.29 µs.
/// - Prefetching the object that is handed out next: fleet-1 and fleet-5 1.05 to 1.07, but a prefetch waits for the
///   translation of its address, and the slowest hundredth of kv-store's allocations took 0.21 µs instead of 0.09. At
///   free: fleet-1 1.04, the slowest hundredth of frees 0.26 instead of 0.15. Of a batch when it is fetched: 1.01.
/// - Letting small heaps keep 4 MiB more before memory goes back at once: web-server 0.96 to 1.04.
/// - Chains of up to a quarter of a class's memory: compiler 1.01, burst 0.98, and 71 MiB instead of 39 stayed a second
///   after burst had drained.
/// - Populating fresh spans 256 KiB at a time: it touches too much in vain.
/// - Taking objects of spans that are a quarter full only where there are no others, so that those drain: fragmentation's
///   peak was the same, fleet-1 0.98.
/// - Huge pages for all (`huge` asks for them): kv-store 1.04, fleet-1 1.03, compiler 1.02, but a heap of 0.6 MiB then
///   takes 4.7 instead of 2.1, and fleet-5 5 % more.
/// - Taking and releasing free locks in line, not by calls: compiler 0.99, web-server 1.01 (16 runs), within the spread.
/// - Batches of 128 KiB and spans of a quarter of one: compiler 1.00, fleet-1 1.01, fragmentation's peak 0.6 MiB more.
struct ThreadCachePool: ~Copyable, Pool {
  let heap: ThreadHeapRef

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let isHuge = configuration.subject.options.contains(.huge)
    guard let heap = ThreadHeap.create(hasHugePages: isHuge) else { throw .outOfMemory(bytes: PageMap.classBytes) }
    self.heap = heap
    PurgeThread.start(heap)
    heap.publish()
  }

  deinit {
    heap.withdraw()
    heap.destroy()
  }

  borrowing func makeLane(_ index: Int) -> ThreadCacheLane { ThreadCacheLane(heap: heap) }
  borrowing func purge() { heap.purge() }
  borrowing func list(into counts: inout PoolCounts) { heap.statistics().list(into: &counts) }
}

/// The same pool with sized frees.
struct SizedThreadCachePool: ~Copyable, Pool {
  private let pool: ThreadCachePool

  init(_ configuration: PoolConfiguration) throws(PoolError) { pool = try ThreadCachePool(configuration) }
  borrowing func makeLane(_ index: Int) -> SizedThreadCacheLane { SizedThreadCacheLane(heap: pool.heap) }
  borrowing func purge() { pool.purge() }
  borrowing func list(into counts: inout PoolCounts) { pool.list(into: &counts) }
}

/// The same pool inlined into its caller.
struct InlineThreadCachePool: ~Copyable, Pool {
  private let pool: ThreadCachePool

  init(_ configuration: PoolConfiguration) throws(PoolError) { pool = try ThreadCachePool(configuration) }
  borrowing func makeLane(_ index: Int) -> InlineThreadCacheLane { InlineThreadCacheLane(heap: pool.heap) }
  borrowing func purge() { pool.purge() }
  borrowing func list(into counts: inout PoolCounts) { pool.list(into: &counts) }
}

extension ThreadHeapRef {
  /// Makes this the heap of threads without a cache. While no other thread runs.
  func publish() {
    pb_process_heap_set(self)
    UnsafeMutableRawPointer(pb_no_cache_address()).storeBytes(
      of: UnsafePointer(pointee.map.classes), toByteOffset: ThreadCacheRef.classesOffset,
      as: UnsafePointer<UInt8>.self)
  }

  /// Undoes `publish` if this heap is still the process's.
  func withdraw() {
    guard pb_process_heap_get() == UnsafeMutableRawPointer(self) else { return }
    pb_process_heap_set(nil)
    UnsafeMutableRawPointer(pb_no_cache_address()).storeBytes(
      of: nil, toByteOffset: ThreadCacheRef.classesOffset, as: UnsafePointer<UInt8>?.self)
  }

}
