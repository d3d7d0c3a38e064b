import Workload

/// Runs the request's subject: the one place that knows which pool stands for which name.
func measure(_ plan: RunPlan, into record: inout RunRecord) {
  switch plan.request.subject.base {
  case .glibc, .jemalloc, .tcmalloc, .preloaded: measure(MallocPool.self, plan, into: &record)
  default: measure(MallocPool.self, plan, into: &record)
  }
}
