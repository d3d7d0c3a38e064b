import Workload

func measureZendPool(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  let shutsDown = subject.choice(.end) == "shutdown"
  switch subject.base {
  case .zend:
    if shutsDown {
      measure(ShutdownHeapPool<ZendHeap>.self, plan, into: &record)
    } else {
      measure(OwnerHeapPool<ZendHeap>.self, plan, into: &record)
    }
  case .zend5:
    if shutsDown {
      measure(ShutdownHeapPool<Zend5Heap>.self, plan, into: &record)
    } else {
      measure(OwnerHeapPool<Zend5Heap>.self, plan, into: &record)
    }
  default: harnessFailure("not a heap of PHP")
  }
}
