import CPlatform
import Synchronization

/// How threads come by their caches and leave them.
///
/// A cache in a thread's *seat* is found through a thread-local, by code that says when it uses it; it can be taken
/// away meanwhile: see `ThreadHeap+Idle.swift`. A cache without a seat is its owner's alone until it is detached.
extension ThreadHeapRef {
  /// A cache without a seat; nil when out of memory.
  func attach() -> ThreadCacheRef? {
    acquire()
    defer { release() }
    return takeCache()
  }

  /// Takes back a thread's cache: its objects go to the central lists, its budget to the others.
  func detach(_ cache: ThreadCacheRef) {
    acquire()
    unlink(cache)
    release()
    retire(cache)
  }

  /// Gives the calling thread a cache in its seat; without memory it has none until its next allocation tries again.
  @discardableResult
  func attachCallingThread() -> ThreadCacheRef {
    acquire()
    let current = ThreadCacheRef(raw: pb_cache_slot_get())
    if current.heapIfAny == self, !current.isNone {
      // Whoever took it away has put it back, for it saw that this thread is in a call.
      release()
      return current
    }
    let cache = takeCache()
    pb_cache_slot_set((cache ?? pointee.noCache).raw)
    let isWatched = pointee.canRevoke && cache != nil
    if isWatched, let cache {
      cache.links.pointee.seat = pb_cache_seat_own()
      cache.links.pointee.clock = pb_thread_clock()
      cache.links.pointee.time = 0
    }
    release()
    if isWatched { PurgeThread.watch(pointee.pageHeap) }
    return cache ?? pointee.noCache
  }

  /// Gives the cache in the calling thread's seat back.
  func detachCallingThread() {
    // Under the lock, or the cache could be taken away and put back meanwhile.
    acquire()
    let cache = ThreadCacheRef(raw: pb_cache_slot_get())
    pb_cache_slot_set(pb_no_cache_address())
    guard !cache.isNone else { return release() }
    let isWatched = cache.links.pointee.seat != nil
    unlink(cache)
    release()
    if isWatched { PurgeThread.unwatch(pointee.pageHeap, 1) }
    retire(cache)
  }

  /// A cache of the ring; nil when out of memory. Under the lock.
  private func takeCache() -> ThreadCacheRef? {
    let cache: ThreadCacheRef
    if let spare = pointee.spare {
      cache = spare
      pointee.spare = spare.links.pointee.next
    } else {
      guard let memory = pb_reserve(ThreadCacheRef.byteCount) else { return nil }
      cache = ThreadCacheRef(raw: memory)
      cache.initialize(heap: self)
    }
    cache.links.pointee.budget.store(ThreadState.leastBudget, ordering: .relaxed)
    cache.inexact.pointee.store(pointee.hasInexactClasses, ordering: .relaxed)
    pointee.unclaimed &-= ThreadState.leastBudget
    if let ring = pointee.ring, let last = ring.links.pointee.previous {
      cache.links.pointee.next = ring
      cache.links.pointee.previous = last
      last.links.pointee.next = cache
      ring.links.pointee.previous = cache
    } else {
      cache.links.pointee.next = cache
      cache.links.pointee.previous = cache
      pointee.ring = cache
    }
    return cache
  }

  /// Takes a cache out of the ring. Under the lock.
  func unlink(_ cache: ThreadCacheRef) {
    if let next = cache.links.pointee.next, let previous = cache.links.pointee.previous, next != cache {
      previous.links.pointee.next = next
      next.links.pointee.previous = previous
      pointee.ring = next
      if pointee.victim == cache { pointee.victim = next }
    } else {
      pointee.ring = nil
      pointee.victim = nil
    }
    cache.links.pointee.next = nil
    cache.links.pointee.previous = nil
    cache.links.pointee.seat = nil
  }

  /// Empties a cache that is nobody's and in no ring, and keeps it for the next thread. Without the lock.
  ///
  /// - Parameter keepsBatches: whether other threads are likely to want its objects, and new ones the cache, soon.
  func retire(_ cache: ThreadCacheRef, keepsBatches: Bool = true) {
    cache.flush(keepsBatches: keepsBatches)
    cache.forgetLimits()
    if !keepsBatches { cache.discardSlots() }
    acquire()
    pointee.finished += cache.state.pointee.statistics
    cache.state.pointee.statistics = ThreadStatistics()
    pointee.unclaimed &+= cache.links.pointee.budget.exchange(0, ordering: .relaxed)
    cache.links.pointee.next = pointee.spare
    pointee.spare = cache
    release()
  }
}
