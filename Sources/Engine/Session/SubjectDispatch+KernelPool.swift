import Workload

func measureKernelPool(_ plan: RunPlan, into record: inout RunRecord) {
  switch plan.request.subject.base {
  case .buddy: measure(BuddyPool.self, plan, into: &record)
  default: harnessFailure("not built yet")
  }
}
