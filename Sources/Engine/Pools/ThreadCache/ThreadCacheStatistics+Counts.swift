extension ThreadCacheStatistics {
  /// Lists every count under the name that `--stats` shows.
  func list(into counts: inout PoolCounts) {
    counts.add("list.misses", threads.refills &+ threads.largeAllocations)
    counts.add("list.overflows", threads.overflows)

    counts.add("thread.fetched-objects", threads.fetchedObjects)
    counts.add("thread.returns", threads.returns)
    counts.add("thread.returned-objects", threads.returnedObjects)
    counts.add("thread.claims", threads.claims)
    counts.add("thread.steals", threads.steals)
    counts.add("thread.shrinks", threads.shrinks)
    counts.add("thread.revocations", revocations)
    counts.add("thread.large-allocations", threads.largeAllocations)
    counts.add("thread.large-frees", threads.largeFrees)

    counts.add("central.requests", threads.fetches)
    counts.add("central.misses", central.spansTaken)
    counts.add("central.batches-in", central.batchesIn)
    counts.add("central.batches-out", central.batchesOut)
    counts.add("central.objects-in", central.objectsIn)
    counts.add("central.objects-out", central.objectsOut)
    counts.add("central.spans-returned", central.spansReturned)
    counts.add("central.lock-waits", central.lockWaits)

    counts.add("page-heap.requests", central.spansTaken &+ threads.largeAllocations)
    counts.add("page-heap.misses", pageHeap.regions &+ pageHeap.hugeMappings)
    counts.add("page-heap.splits", pageHeap.splits)
    counts.add("page-heap.merges", pageHeap.merges)
    counts.add("page-heap.grown-in-place", pageHeap.grownInPlace)
    counts.add("page-heap.discards", pageHeap.discards)
    counts.add("page-heap.discarded-pages", pageHeap.discardedPages)
    counts.add("page-heap.windows", pageHeap.windows)
    counts.add("page-heap.idle-pages", pageHeap.idlePages)
    counts.add("page-heap.lock-waits", pageHeap.lockWaits)
  }
}
