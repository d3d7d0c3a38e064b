import Workload

func measureBoundedPool(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  switch subject.base {
  case .zephyr: measure(ZephyrPool.self, plan, into: &record)
  case .handle:
    switch (subject.choice(.bits), subject.choice(.version)) {
    case ("64", "literal"): measureHandles(Handle64Literal.self, plan, into: &record)
    case ("64", _): measureHandles(Handle64.self, plan, into: &record)
    case (_, "literal"): measureHandles(Handle32Literal.self, plan, into: &record)
    default: measureHandles(Handle32.self, plan, into: &record)
    }
  default: harnessFailure("not a pool with a fixed amount of memory")
  }
}

private func measureHandles<Profile: HandleProfile>(
  _ profile: Profile.Type, _ plan: RunPlan, into record: inout RunRecord
) {
  if plan.request.subject.number(.stale) ?? 0 > 0 {
    measure(HandlePool<Profile, StaleProbe>.self, plan, into: &record)
  } else {
    measure(HandlePool<Profile, NoProbe>.self, plan, into: &record)
  }
}
