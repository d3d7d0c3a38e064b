import Workload

/// As `measure(_:into:)`, for the textbooks' pools of one size.
func measureFixedClassic(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  switch subject.base {
  case .fixedBlock: measure(FixedBlockPool.self, plan, into: &record)
  case .fixedChunk: measure(FixedChunkPool.self, plan, into: &record)
  case .fixedIndex:
    if subject.choice(.check) == "power-of-two" {
      measure(FixedIndexPool<PowerOfTwoCheck>.self, plan, into: &record)
    } else {
      measure(FixedIndexPool<ModuloCheck>.self, plan, into: &record)
    }
  default: harnessFailure("not a fixed-size pool of the textbooks")
  }
}
