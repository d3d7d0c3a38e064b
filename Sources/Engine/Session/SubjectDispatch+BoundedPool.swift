import Workload

func measureBoundedPool(_ plan: RunPlan, into record: inout RunRecord) {
  switch plan.request.subject.base {
  default: harnessFailure("not built yet")
  }
}
