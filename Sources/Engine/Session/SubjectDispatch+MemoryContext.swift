import Workload

func measureMemoryContext(_ plan: RunPlan, into record: inout RunRecord) {
  switch plan.request.subject.base {
  case .aset: measure(AllocSetPool.self, plan, into: &record)
  case .pgSlab: measure(SlabContextPool.self, plan, into: &record)
  case .pgGeneration: measure(GenerationPool.self, plan, into: &record)
  case .pgBump: measure(BumpPool.self, plan, into: &record)
  default: harnessFailure("no memory context")
  }
}
