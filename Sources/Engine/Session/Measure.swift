import CPlatform
import Workload

/// Runs one pass over one kind of pool and writes its record.
func measure<P: Pool & ~Copyable>(_ type: P.Type, _ plan: RunPlan, into record: inout RunRecord) {
  let track = MemoryTrack(lanes: plan.lanes)
  do throws(PoolError) {
    switch plan.request.pass {
    case .throughput:
      let session = try Session<P, NoRecorder>(plan, track: track) { _ in NoRecorder() }
      try session.run()
      session.describe(into: &record)
    case .latency:
      let session = try Session<P, LatencyRecorder>(plan, track: track) { _ in
        LatencyRecorder(ticksPerSecond: plan.clock.ticksPerSecond)
      }
      try session.run()
      session.describe(into: &record)
      var merged = session.contexts[0].recorder
      for lane in 1..<max(plan.lanes, 1) { merged.merge(session.contexts[lane].recorder) }
      merged.describe(into: &record)
      record.add(.ticksPerSecond, Int(plan.clock.ticksPerSecond))
      record.add(.clockStepNanoseconds, plan.clock.stepNanoseconds)
    case .memory:
      let session = try Session<P, MemoryRecorder>(plan, track: track) { MemoryRecorder(track: track, lane: $0) }
      try session.run()
      session.describe(into: &record)
    case .verification:
      let shadow = ShadowMap()
      let session = try Session<P, VerificationRecorder>(plan, track: track) { _ in
        VerificationRecorder(shadow: shadow)
      }
      try session.run()
      session.describe(into: &record)
    }
  } catch {
    record.add(.status, "failed")
    switch error {
    case .outOfMemory(let bytes): record.add(.note, "the harness finds no memory (\(bytes) bytes)")
    case .unsupported(let reason): record.add(.note, reason)
    }
  }
}
