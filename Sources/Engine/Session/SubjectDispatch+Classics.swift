import Workload

/// As `measure(_:into:)`, for the pools of known systems.
func measureClassic(_ plan: RunPlan, into record: inout RunRecord) {
  switch plan.request.subject.base {
  case .mempool, .nginx, .apr: measureRequestPool(plan, into: &record)
  case .fixedBlock, .fixedChunk, .fixedIndex: measureFixedClassic(plan, into: &record)
  case .slab, .buddy, .arenas: measureKernelPool(plan, into: &record)
  case .handle, .zephyr: measureBoundedPool(plan, into: &record)
  case .zend, .zend5: measureZendPool(plan, into: &record)
  case .aset, .pgSlab, .pgGeneration, .pgBump: measureMemoryContext(plan, into: &record)
  case .glibc, .jemalloc, .tcmalloc, .preloaded, .fixed, .fixedShared, .region, .threadCache, .null:
    harnessFailure("not a pool of a known system")
  }
}
