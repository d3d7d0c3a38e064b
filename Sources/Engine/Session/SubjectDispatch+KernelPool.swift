import Workload

func measureKernelPool(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  switch subject.base {
  case .buddy: measure(BuddyPool.self, plan, into: &record)
  case .slab:
    if subject.choice(.cpu) == "sheaves" {
      measure(SlabPool<SheafFront>.self, plan, into: &record)
    } else {
      measure(SlabPool<ClassicFront>.self, plan, into: &record)
    }
  case .arenas: measure(ArenasPool.self, plan, into: &record)
  default: harnessFailure("not a pool of this family")
  }
}
