import CPlatform

/// The general pool: any size, any thread. Its own form, called as `malloc` is, is that of `ThreadCacheLane`.
///
/// Design, and what each choice gave, is told in the files beside: `ThreadCacheRef` (threads), `CentralList`,
/// `PageHeap`, `PageMap`.
struct ThreadCachePool: ~Copyable, Pool {
  let heap: ThreadHeapRef

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let heap = ThreadHeap.create() else { throw .outOfMemory(bytes: PageMap.classBytes) }
    self.heap = heap
    heap.publish()
  }

  deinit {
    heap.withdraw()
    heap.destroy()
  }

  borrowing func makeLane(_ index: Int) -> ThreadCacheLane { ThreadCacheLane(heap: heap) }
  borrowing func purge() { heap.purge() }
}

/// The same pool with sized frees.
struct SizedThreadCachePool: ~Copyable, Pool {
  private let pool: ThreadCachePool

  init(_ configuration: PoolConfiguration) throws(PoolError) { pool = try ThreadCachePool(configuration) }
  borrowing func makeLane(_ index: Int) -> SizedThreadCacheLane { SizedThreadCacheLane(heap: pool.heap) }
  borrowing func purge() { pool.purge() }
}

/// The same pool inlined into its caller.
struct InlineThreadCachePool: ~Copyable, Pool {
  private let pool: ThreadCachePool

  init(_ configuration: PoolConfiguration) throws(PoolError) { pool = try ThreadCachePool(configuration) }
  borrowing func makeLane(_ index: Int) -> InlineThreadCacheLane { InlineThreadCacheLane(heap: pool.heap) }
  borrowing func purge() { pool.purge() }
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

  /// Gives the calling thread a cache, found through its thread-local; without memory it has none until its next
  /// allocation tries again.
  func attachCallingThread() -> ThreadCacheRef {
    let cache = attach() ?? ThreadCacheRef(raw: pb_no_cache_address())
    pb_cache_slot_set(cache.raw)
    return cache
  }

  /// Gives the calling thread's cache back.
  func detachCallingThread() {
    let cache = ThreadCacheRef(raw: pb_cache_slot_get())
    pb_cache_slot_set(pb_no_cache_address())
    if !cache.isNone { detach(cache) }
  }
}
