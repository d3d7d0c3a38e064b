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
    if subject.choice(.backing) == "malloc" {
      measure(MempoolSubject<MallocBacking>.self, plan, into: &record)
    } else {
      measure(MempoolSubject<FailingBacking>.self, plan, into: &record)
    }
  default: harnessFailure("not a request pool")
  }
}
