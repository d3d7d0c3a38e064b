import CPlatform
import Synchronization

typealias ThreadHeapRef = UnsafeMutablePointer<ThreadHeap>

/// A whole heap: page heap, central lists, and the register of its threads' caches. Lives in one reservation, so that
/// a thread reaches all of it through the pointer in its cache.
///
/// ```
/// user ⇄ thread's stacks ⇄ central lists: whole batches ⇄ spans ⇄ page heap ⇄ system
///        no lock           one lock a class                  one lock
/// ```
struct ThreadHeap {
  /// Any cache of the ring of attached ones.
  var ring: ThreadCacheRef?
  let map: PageMap
  let pageHeap: PageHeapRef
  let central: UnsafeMutableRawPointer
  /// Stands for a cache in threads whose own was taken away.
  let noCache: ThreadCacheRef
  /// Of the reservation, which begins with the heap's lock: it guards the register and the unclaimed budget.
  let byteCount: Int
  /// Caches that threads have left, empty.
  var spare: ThreadCacheRef?
  /// Where the next theft of budget begins.
  var victim: ThreadCacheRef?
  var unclaimed = ThreadState.overallBudget
  /// Whether an aligned request was ever served from another class than its size's.
  var hasInexactClasses = false
  /// Counts of the threads that have gone.
  var finished = ThreadStatistics()
  /// Whether threads' caches can be taken away, and how many have been.
  var canRevoke = false
  var revocations = 0

  /// Reserves a heap's address space and touches its fixed metadata, some 20 KiB. Nil when the system refuses.
  ///
  /// - Parameter hasHugePages: whether its regions are to have huge pages, where the system grants them.
  static func create(hasHugePages: Bool = false) -> ThreadHeapRef? {
    let align = { (bytes: Int) in (bytes + 127) & ~127 }
    let wordOffset = align(PrefixLock.byteCount + MemoryLayout<ThreadHeap>.size)
    let pageHeapOffset = wordOffset + align(MemoryLayout<Atomic<UInt32>>.size)
    let dirtyOffset = pageHeapOffset + align(PrefixLock.byteCount + MemoryLayout<PageHeap>.size)
    let cleanOffset = dirtyOffset + align(UnsafeMutablePointer<FreeSpanBins>.byteCount)
    let centralOffset = cleanOffset + align(UnsafeMutablePointer<FreeSpanBins>.byteCount)
    let noCacheOffset = centralOffset + SizeClass.count * CentralList.stride
    let batchesOffset = noCacheOffset + align(ThreadCacheRef.slotsOffset)
    var byteCount = batchesOffset
    for index in 1..<SizeClass.count { byteCount += batchBytes(SizeClass(index: index)) }

    guard let base = pb_reserve(byteCount) else { return nil }
    guard let map = PageMap() else {
      pb_unmap(base, byteCount)
      return nil
    }
    let dirty = (base + dirtyOffset).bindMemory(to: FreeSpanBins.self, capacity: 1)
    let clean = (base + cleanOffset).bindMemory(to: FreeSpanBins.self, capacity: 1)
    dirty.initialize(to: FreeSpanBins())
    clean.initialize(to: FreeSpanBins())
    let pageHeap = (base + pageHeapOffset + PrefixLock.byteCount).bindMemory(to: PageHeap.self, capacity: 1)
    let word = (base + wordOffset).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
    word.initialize(to: Atomic(PurgeThread.Command.sleep))
    pageHeap.initialize(
      to: PageHeap(map: map, dirty: dirty, clean: clean, purgeWord: word, hasHugePages: hasHugePages))
    let central = base + centralOffset + PrefixLock.byteCount
    var batches = base + batchesOffset
    for index in 1..<SizeClass.count {
      let sizeClass = SizeClass(index: index)
      (central + index * CentralList.stride).bindMemory(to: CentralList.self, capacity: 1).initialize(
        to: CentralList(
          sizeClass: index, facts: SizeClassFacts(sizeClass), pageHeap: pageHeap,
          batches: batches.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)))
      batches += batchBytes(sizeClass)
    }
    let heap = (base + PrefixLock.byteCount).bindMemory(to: ThreadHeap.self, capacity: 1)
    let noCache = ThreadCacheRef(raw: base + noCacheOffset)
    heap.initialize(
      to: ThreadHeap(map: map, pageHeap: pageHeap, central: central, noCache: noCache, byteCount: byteCount))
    noCache.initializeAsNone(heap: heap)
    return heap
  }

  private static func batchBytes(_ sizeClass: SizeClass) -> Int {
    sizeClass.largestBatchCount * sizeClass.batch * MemoryLayout<UnsafeRawPointer>.stride
  }
}

extension ThreadHeapRef {
  func acquire() { _ = PrefixLock.acquire(before: self) }
  func release() { PrefixLock.release(before: self) }

  @inline(__always)
  func central(_ sizeClass: Int) -> CentralListRef {
    (pointee.central + sizeClass &* CentralList.stride).assumingMemoryBound(to: CentralList.self)
  }

  // MARK: Objects

  /// The span of a large object; anything else ends the process with a message.
  func largeSpan(_ pointer: UnsafeMutableRawPointer) -> SpanRef {
    let page = Page.index(of: pointer)
    guard let span = pointee.map.span(at: page), span.pointee.firstPage == page,
      span.pointee.state == .large || span.pointee.state == .huge, pointer == span.pointee.address
    else { pb_fail_pointer("not an object of this heap, or freed before", pointer) }
    return span
  }

  /// Bytes that the user of an object may write to.
  func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int {
    let sizeClass = pointee.map.sizeClass(of: pointer)
    if sizeClass != 0 { return SizeClass(index: sizeClass).objectSize }
    return largeSpan(pointer).pointee.byteCount
  }

  // MARK: Threads

  /// From now on sized frees look up the object's page: an aligned object is not in the class of its size.
  func noteInexactClass() {
    forEachCache {
      pointee.hasInexactClasses = true
      $0.inexact.pointee.store(true, ordering: .relaxed)
    }
  }

  /// Calls `body` for each attached cache, under the lock.
  func forEachCache(_ body: (ThreadCacheRef) -> Void) {
    acquire()
    defer { release() }
    forEachMember(body)
  }

  /// As `forEachCache`, for who has the lock. `body` may unlink the cache that it is called with.
  func forEachMember(_ body: (ThreadCacheRef) -> Void) {
    guard let last = pointee.ring?.links.pointee.previous else { return }
    var next = pointee.ring
    while let cache = next {
      next = cache == last ? nil : cache.links.pointee.next
      body(cache)
    }
  }

  // MARK: The whole

  /// Gives all memory that holds no object back to the system. No other thread uses the heap meanwhile.
  func purge() {
    forEachCache {
      $0.flush()
      $0.discardSlots()
    }
    for index in 1..<SizeClass.count { central(index).flush() }
    pointee.pageHeap.purge()
  }

  /// Unmaps everything. No thread uses the heap or an object of it any more.
  func destroy() {
    let pageHeap = pointee.pageHeap
    PurgeThread.stop(pageHeap)
    forEachCache { pb_unmap($0.raw, ThreadCacheRef.byteCount) }
    while let cache = pointee.spare {
      pointee.spare = cache.links.pointee.next
      pb_unmap(cache.raw, ThreadCacheRef.byteCount)
    }
    while let span = pageHeap.pointee.hugeSpans.first { pageHeap.freeHuge(span) }
    var region = pageHeap.pointee.regions
    while let current = region {
      region = current.pointee.next
      pb_unmap(current.pointee.address, current.pointee.byteCount)
    }
    pageHeap.pointee.arena.destroy()
    pointee.map.destroy()
    pb_unmap(UnsafeMutableRawPointer(self) - PrefixLock.byteCount, pointee.byteCount)
  }

  /// A sum over all tiers and threads. Exact while no other thread uses the heap.
  func statistics() -> ThreadCacheStatistics {
    var sum = ThreadCacheStatistics()
    sum.threads = pointee.finished
    forEachCache { sum.threads += $0.state.pointee.statistics }
    for index in 1..<SizeClass.count { sum.central += central(index).pointee.statistics }
    sum.pageHeap = pointee.pageHeap.pointee.statistics
    sum.revocations = pointee.revocations
    return sum
  }
}
