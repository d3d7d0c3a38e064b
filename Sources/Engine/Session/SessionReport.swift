import CPlatform
import Synchronization
import Workload

extension Session where P: ~Copyable {
  /// Writes what the run came to: status, stream, time, memory, system. The recorders add their own.
  func describe(into record: inout RunRecord) {
    let control = control.pointee
    switch control.failure {
    case .none: describeStatus(into: &record)
    case .unsupported:
      record.add(.status, "unsupported")
      record.add(.note, unsupportedReason ?? "the pool cannot be built")
      return
    case .outOfMemory:
      record.add(.status, "out-of-memory")
      record.add(.note, "refused \(control.refusedBytes) bytes")
      record.add(.peakLive, (0..<plan.lanes).reduce(0) { $0 &+ liveBytesThen[$1] })
      return
    case .noThread:
      record.add(.status, "failed")
      record.add(.note, "the system refuses the thread that was to take over from one that ended")
      return
    }
    let refused = Set((0..<plan.lanes).compactMap { contexts[$0].refusedProcessor }).sorted()
    if !refused.isEmpty {
      let list = refused.map(String.init).joined(separator: ", ")
      record.add(.note, "the system refuses to pin lanes to processor \(list)")
    }
    #if POOLBENCH_SLOWED
      if Slowdown.share > 0 { record.add(.note, "slowed on purpose by \(Slowdown.share * 100) %") }
    #endif
    describeStream(into: &record)
    record.add(.rounds, control.rounds)
    record.add(.idleNanoseconds, control.idle)
    record.add(.generateNanoseconds, control.generateTime)
    record.add(.wallNanoseconds, control.wall)
    record.add(.cpuNanoseconds, control.cpu)
    record.add(.drainNanoseconds, control.drainWall)
    record.add(.minorFaults, control.minorFaults)
    record.add(.majorFaults, control.majorFaults)
    record.add(.voluntarySwitches, control.voluntarySwitches)
    record.add(.involuntarySwitches, control.involuntarySwitches)
    counterSums.pointee.describe(into: &record)
    if let calls = control.calls {
      record.add(.mapCalls, calls.maps)
      record.add(.unmapCalls, calls.unmaps)
      record.add(.adviseCalls, calls.advices)
    }
    var refusals = 0
    poolCounts.after.pointee.forEach(since: poolCounts.before.pointee) { name, value in
      record.add(statistic: name, value)
      if name == PoolCounts.refused.description { refusals = value }
    }
    if refusals > 0 {
      record.add(.note, "had no room for \(refusals) objects; what the stream does with them was left out")
    }
    record.add(.handOverBatches, handOvers.batches)
    record.add(.handOverWaits, handOvers.waits)
    if plan.request.pass == .memory { describeMemory(into: &record) }
  }

  private func describeStatus(into record: inout RunRecord) {
    var live = 0
    var violations = 0
    for lane in 0..<plan.lanes {
      guard let recorder = contexts[lane].recorder as? VerificationRecorder else { continue }
      live += recorder.liveCount
      violations += recorder.violations
      recorder.describe(lane: lane, into: &record)
    }
    if live != 0 { record.add(.violation, "after the drain \(live) objects are still alive") }
    if violations == 0, live == 0 {
      record.add(.status, "ok")
    } else {
      record.add(.status, "failed")
      record.add(.note, record[.violation] ?? "")
    }
  }

  private func describeStream(into record: inout RunRecord) {
    var digest = StreamDigest()
    var operations: UInt64 = 0
    var drained: UInt64 = 0
    var allocations: UInt64 = 0
    for lane in 0..<plan.lanes {
      let generator = contexts[lane].generator
      digest.combine(generator.writer.digest.value)
      operations += generator.operationsOfPhases
      drained += generator.writer.operations - generator.operationsOfPhases
      allocations += generator.step
    }
    record.add(.streamDigest, String(digest.value, radix: 16))
    record.add(.ops, operations)
    record.add(.allocations, allocations)
    record.add(.drainOps, drained)
  }

  private func describeMemory(into record: inout RunRecord) {
    let control = control.pointee
    track.describe(into: &record)
    record.add(.drainedResident, control.drained)
    if control.soon >= 0 { record.add(.soonResident, control.soon) }
    if control.settled >= 0 { record.add(.settledResident, control.settled) }
    record.add(.purgedResident, control.purged)
    record.add(.exitedResident, control.exited)
    record.add(.harnessBytes, HarnessMemory.mappedBytes.load(ordering: .relaxed))
    record.add(.highWaterMark, pb_process_memory().peak)
  }
}
