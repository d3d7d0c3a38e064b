import CPlatform
import Workload

/// The general pool: any size, any thread. Its own form, called as `malloc` is, is that of `ThreadCacheLane`.
///
/// The design is tcmalloc's three tiers: see `ThreadCacheRef`, `CentralList`, `PageHeap`, `PageMap`. What differs, and
/// what it gave in instructions counted by callgrind (a loop of random frees and allocations of 16 to 255 bytes, loop
/// and calls included; gperftools 2.10: 84 a pair, mimalloc 2.0.9: 64, this: 51, inlined: 37):
/// - Two chains a class instead of one long list: no list is walked to cut a batch off it, a batch goes to the central
///   list and on to another thread in O(1).
/// - A flat byte of size class a page: an unsized free needs one load more than a sized one, and no more instructions,
///   for the caller keeps no sizes.
/// - An all-zero cache for threads without one: no test for it.
/// - Limits are budgeted, not bytes: the fast path keeps one counter, which also tells when a list is full.
/// - Chains in proportion to a class's memory, 64 KiB in a batch. With 512 KiB of chains a class a heap of 21 MiB took
///   29 MiB, now 27 (gperftools: 26 and 4 of metadata), and one of 100 MiB that had drained kept nearly all, for its
///   chains pinned the spans. 16 KiB in a batch cost a trip to the central list for each fourth page-sized object.
/// - A thread that purges (`PurgeThread`), by low-water marks (`DiscardPolicy`). Giving memory back as a heap drained
///   cost some 25,000 faults of a microsecond each when it filled again: against tcmalloc on the same streams 0.91 and
///   0.97 on fleet-5 and fleet-1, 1.18 on both once it stayed for half a second.
/// - A thread that does nothing loses its cache (`ThreadHeap+Idle.swift`), which takes two plain stores in each call:
///   1 s after fragmentation's heap has drained 3 MiB stay, and 43 without. Churn 1.00, fleet-1 and kv-store 0.985.
/// - Spans are carved lazily, by half a page at a time, and populated ahead in step with the class (`CentralList`): of
///   kv-store's allocations the slowest 0.2 % took 1.6 µs, now 0.5 to 0.6. Throughput, measured warm, is the same.
/// - A full list spills its eight latest objects, not a chain that waited (`ThreadCacheRef`): the slowest thousandth of
///   kv-store's frees took 1.6 to 2.0 µs, now 0.4 to 0.5. With four at a time the slowest hundredth took 0.29 µs, with
///   eight 0.22. On one processor of two tried xmalloc has lost a third since, also with chains spilled as before: why is
///   not known.
/// - A span's free objects leave it as the chain that they are, where they are no more than a batch: compiler 1.02.
/// - A byte of class for each size to 1 KiB, where a table by eighths takes three instructions more; and paths beyond it
///   left by a jump: churn 1.05, kv-store 1.03, fleet-1 1.02.
/// - 16 and 32 bytes between the classes to 1 KiB, and spans of which no more than a thirty-second is left over: together
///   fragmentation's peak is 1.4 MiB lower, of 217, and times are the same.
/// - Copies and clears of up to 256 bytes in line, where the C library's are two calls away.
///
/// Tried and dropped, as ratios to the build before, medians of eight interleaved runs:
/// - Prefetching the next free object in every allocation: the slowest hundredth of kv-store's took 0.11 instead of
///   0.16 µs, churn and fleet-1 gained 1 or 2 %, but xmalloc took a fifth longer.
/// - Chains of up to a quarter of a class's memory: compiler 1.01, burst 0.98, and 71 MiB instead of 39 stayed a second
///   after burst had drained.
/// - Chains that a draining thread gives back whole, object by object in the end: 5 instead of 43 MiB stay after
///   kv-store has drained, but compiler 0.93 and churn 0.98.
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
