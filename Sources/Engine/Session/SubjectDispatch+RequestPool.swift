import Workload

func measureRequestPool(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  switch subject.base {
  case .nginx:
    if subject.choice(.end) == "reset" {
      measure(NginxSubject<EmptiedWithScope>.self, plan, into: &record)
    } else {
      measure(NginxSubject<DestroyedWithScope>.self, plan, into: &record)
    }
  case .apr:
    if subject.choice(.end) == "clear" {
      measure(AprSubject<EmptiedWithScope>.self, plan, into: &record)
    } else {
      measure(AprSubject<DestroyedWithScope>.self, plan, into: &record)
    }
  case .mempool:
    switch subject.choice(.backing) {
    case "fail-1": measure(MempoolSubject<FailingBacking<Fail1>>.self, plan, into: &record)
    case "fail-50": measure(MempoolSubject<FailingBacking<Fail50>>.self, plan, into: &record)
    case "fail-100": measure(MempoolSubject<FailingBacking<Fail100>>.self, plan, into: &record)
    default: measure(MempoolSubject<MallocBacking>.self, plan, into: &record)
    }
  default: harnessFailure("not a request pool")
  }
}
