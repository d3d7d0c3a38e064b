import Workload

/// Runs the request's subject: the one place that knows which pool stands for which name.
func measure(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  let isSegregated = plan.request.adaptations.contains(.segregated)
  switch subject.base {
  case .glibc, .jemalloc, .tcmalloc, .preloaded:
    if subject.options.contains(.sized) {
      measure(SizedMallocPool.self, plan, into: &record)
    } else {
      measure(MallocPool.self, plan, into: &record)
    }
  case .null:
    if subject.options.contains(.bulk) {
      measure(NullBulkPool.self, plan, into: &record)
    } else {
      measure(NullPool.self, plan, into: &record)
    }
  case .fixed:
    if isSegregated {
      measure(SegregatedPool.self, plan, into: &record)
    } else {
      measure(FixedPool.self, plan, into: &record)
    }
  case .fixedShared:
    if subject.options.contains(.mutex) {
      measure(FixedMutexPool.self, plan, into: &record)
    } else if isSegregated {
      measure(SegregatedSharedPool.self, plan, into: &record)
    } else {
      measure(FixedSharedPool.self, plan, into: &record)
    }
  case .region:
    if plan.request.adaptations.contains(.mixed) {
      measure(MixedRegionPool.self, plan, into: &record)
    } else if plan.description.scopes.count == 1 {
      measure(OneRegionPool.self, plan, into: &record)
    } else {
      measure(RegionPool.self, plan, into: &record)
    }
  case .threadCache:
    if subject.choice(.profile) != "own" {
      measureTiers(plan, into: &record)
    } else if subject.options.contains(.inline) {
      measure(InlineThreadCachePool.self, plan, into: &record)
    } else if subject.options.contains(.sized) {
      measure(SizedThreadCachePool.self, plan, into: &record)
    } else {
      measure(ThreadCachePool.self, plan, into: &record)
    }
  case .mempool, .nginx, .apr: measureRequestPool(plan, into: &record)
  case .fixedBlock, .fixedChunk, .fixedIndex: measureFixedClassic(plan, into: &record)
  case .slab, .buddy, .arenas: measureKernelPool(plan, into: &record)
  case .handle, .zephyr: measureBoundedPool(plan, into: &record)
  case .zend, .zend5: measureZendPool(plan, into: &record)
  case .aset, .pgSlab, .pgGeneration, .pgBump: measureMemoryContext(plan, into: &record)
  }
}
