import CPlatform

/// How the caches of threads that do nothing come back.
///
/// A parked thread can't give back what it caches, and its objects pin spans all over the heap. The purging thread looks
/// once a window whether a thread has used any processor time; from one that hasn't it takes the cache, by Dekker's
/// protocol with its fences on this side alone:
///
/// ```
/// owner, in each call                           purging thread
///   busy = 1                                      seat = "no cache"
///   cache = seat          (no fence)              a fence on every processor (membarrier)
///   … the cache's lists …                         busy = 1?  then seat = cache: not now
///   busy = 0                                      else       the cache is nobody's
/// ```
/// Either the owner's call sees that its seat is empty, and then attaches anew as a new thread does, or this side sees
/// the call. jemalloc and gperftools leave such caches as they are; tcmalloc's are per processor.
extension ThreadHeapRef {
  /// From now on caches in seats can be taken away, where the system has the fence that it takes.
  func allowRevocation() {
    acquire()
    pointee.canRevoke = pb_fence_threads_prepare()
    release()
  }

  /// Ends a window of the policy's: takes the caches of idle threads, puts the batches that nobody needed into their
  /// spans, and gives pages back. What the first two free is idle already, and is no sign that the program moves.
  func purgeIdle() {
    let pageHeap = pointee.pageHeap
    pageHeap.acquire()
    let before = pageHeap.pointee.policy
    pageHeap.release()
    revokeIdle()
    for sizeClass in 1..<SizeClass.count { central(sizeClass).flushIdle() }
    pageHeap.acquire()
    pageHeap.pointee.policy.countIdle(since: before)
    pageHeap.release()
    pageHeap.purgeIdle()
  }

  /// Takes the caches of those threads that have not run since the last call.
  func revokeIdle() {
    revoke { links in
      let time = pb_thread_time(links.pointee.clock)
      defer { links.pointee.time = time }
      return time == 0 ? .isGone : time == links.pointee.time ? .isIdle : .runs
    }
  }

  /// What is known of a cache's owner; one that is gone ended without giving its cache back.
  enum Owner { case runs, isIdle, isGone }

  /// Takes the caches in seats whose owners are idle, but of those in a call.
  func revoke(_ owner: (UnsafeMutablePointer<ThreadLinks>) -> Owner) {
    guard pointee.canRevoke else { return }
    acquire()
    var (wanted, left) = (0, 0)
    forEachMember { cache in
      guard let seat = cache.links.pointee.seat else { return }
      switch owner(cache.links) {
      case .runs: break
      case .isGone:
        // And so is its seat.
        cache.links.pointee.seat = nil
        left &+= 1
      case .isIdle:
        pb_seat_set(seat, pointee.noCache.raw)
        cache.links.pointee.isWanted = true
        wanted &+= 1
      }
    }
    var taken: ThreadCacheRef?
    if wanted > 0 {
      pb_fence_threads()
      forEachMember { cache in
        guard cache.links.pointee.isWanted, let seat = cache.links.pointee.seat else { return }
        cache.links.pointee.isWanted = false
        if pb_seat_is_busy(seat) { return pb_seat_set(seat, cache.raw) }
        unlink(cache)
        cache.links.pointee.next = taken
        taken = cache
        left &+= 1
        pointee.revocations &+= 1
      }
    }
    release()
    if left > 0 { PurgeThread.unwatch(pointee.pageHeap, left) }
    while let cache = taken {
      taken = cache.links.pointee.next
      retire(cache, keepsBatches: false)
    }
  }
}
