import Workload

func measureBoundedPool(_ plan: RunPlan, into record: inout RunRecord) {
  switch plan.request.subject.base {
  case .zephyr: measure(ZephyrPool.self, plan, into: &record)
  case .handle: measureHandles(plan, into: &record)
  default: harnessFailure("not a pool with a fixed amount of memory")
  }
}

/// Each scheme of handles with and without a probe for stale ones, written out so that each is a loop of its own.
private func measureHandles(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  let isProbed = subject.number(.stale) ?? 0 > 0
  switch (subject.choice(.bits) == "64", subject.choice(.version) == "literal", isProbed) {
  case (false, false, false): measure(HandlePool<Handle32, NoProbe>.self, plan, into: &record)
  case (false, false, true): measure(HandlePool<Handle32, StaleProbe>.self, plan, into: &record)
  case (false, true, false): measure(HandlePool<Handle32Literal, NoProbe>.self, plan, into: &record)
  case (false, true, true): measure(HandlePool<Handle32Literal, StaleProbe>.self, plan, into: &record)
  case (true, false, false): measure(HandlePool<Handle64, NoProbe>.self, plan, into: &record)
  case (true, false, true): measure(HandlePool<Handle64, StaleProbe>.self, plan, into: &record)
  case (true, true, false): measure(HandlePool<Handle64Literal, NoProbe>.self, plan, into: &record)
  case (true, true, true): measure(HandlePool<Handle64Literal, StaleProbe>.self, plan, into: &record)
  }
}
