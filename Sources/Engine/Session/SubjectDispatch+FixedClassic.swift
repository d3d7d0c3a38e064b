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

/// As `measure(_:into:)`, for the three tiers by the rules of others.
func measureTiers(_ plan: RunPlan, into record: inout RunRecord) {
  let subject = plan.request.subject
  let isInline = subject.options.contains(.inline)
  switch (subject.choice(.profile), isInline) {
  case ("gperf", false): measure(TierPool<GperfProfile>.self, plan, into: &record)
  case ("gperf", true): measure(InlineTierPool<GperfProfile>.self, plan, into: &record)
  case ("tutorial", false): measure(TierPool<TutorialProfile>.self, plan, into: &record)
  case ("tutorial", true): measure(InlineTierPool<TutorialProfile>.self, plan, into: &record)
  default: harnessFailure("not a profile of the thread cache")
  }
}
