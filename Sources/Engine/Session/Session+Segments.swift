import CPlatform
import Workload

extension Session where P: ~Copyable {
  /// Replays what each lane's context is aimed at: a phase or a round of it, or the drain (`phase` nil). All lanes call
  /// it together; a segment's time is latest end less earliest start, or its slices' in a stepped run.
  func replaySegment(_ lane: Int, phase: Int?, isTimed: Bool) {
    let isActive = phase.map { lane < plan.description.phases[$0].threads } ?? true
    let isStepped = plan.request.steps && phase != nil
    // Others may still generate: what the process spends on that is not the segment's.
    gate.arriveAndWait()
    if lane == 0 { openSegment(phase, isTimed: isTimed, isStepped: isStepped) }
    gate.arriveAndWait()
    if isActive {
      if isStepped, let phase {
        replayInSlices(contexts + lane, phase: phase, isTimed: isTimed)
      } else {
        replayAtOnce(lane, phase: phase)
      }
    }
    gate.arriveAndWait()
    if lane == 0 { closeSegment(phase, isTimed: isTimed, isStepped: isStepped) }
    gate.arriveAndWait()
  }

  private func replayAtOnce(_ lane: Int, phase: Int?) {
    let context = contexts + lane
    context.pointee.recorder.segmentBegins(
      nanosecondsBetween: phase.map { plan.stream.phases[$0].interval } ?? 0, phase: phase ?? -1)
    context.pointee.startTime = pb_now_ns()
    if let phase, plan.description.phases[phase].threadLife != nil {
      context.pointee.stop = replayBySuccessors(lane)
    } else {
      context.pointee.stop = context.pointee.replayOn(until: context.pointee.end)
    }
    // Waiting for slower lanes at the end of a round makes nobody late.
    context.pointee.recorder.segmentEnds()
    if phase != nil { context.pointee.finishMail() }
    context.pointee.endTime = pb_now_ns()
  }

  /// By lane 0, before the others may start.
  private func openSegment(_ phase: Int?, isTimed: Bool, isStepped: Bool) {
    if let phase {
      let lanes = plan.description.phases[phase]
      do throws(PoolError) {
        try mailboxes.configure(threads: lanes.threads, consumers: lanes.consumers)
      } catch { harnessFailure("cannot map the rings between lanes") }
    }
    if isTimed, phase != nil, control.pointee.rounds == 0 { listPoolCounts(into: poolCounts.before) }
    if !isStepped { startCounting() }
  }

  /// By lane 0, when all have ended and none may go on yet.
  private func closeSegment(_ phase: Int?, isTimed: Bool, isStepped: Bool) {
    if !isStepped { stopCounting(isTimed: isTimed && phase != nil) }
    let active = phase.map { plan.description.phases[$0].threads } ?? plan.lanes
    var start = UInt64.max
    var end: UInt64 = 0
    var isComplete = true
    for lane in 0..<active {
      start = min(start, contexts[lane].startTime)
      end = max(end, contexts[lane].endTime)
      isComplete = isComplete && contexts[lane].isPhaseComplete
      switch contexts[lane].stop {
      case .finished, .threadEnd: break
      case .outOfMemory(let bytes):
        control.pointee.failure = .outOfMemory
        control.pointee.refusedBytes = bytes
      case .noThread: control.pointee.failure = .noThread
      }
    }
    if control.pointee.lastEnd > 0 { control.pointee.idle &+= start - control.pointee.lastEnd }
    control.pointee.isPhaseComplete = isComplete
    if isTimed {
      if phase == nil {
        control.pointee.drainWall &+= end - start
      } else {
        let replayed = isStepped ? contexts[0].slicesTime : end - start
        control.pointee.wall &+= replayed
        // Decay timers of an allocator run on while others have their turns.
        control.pointee.idle &+= end - start - replayed
        control.pointee.rounds += 1
        if isComplete, phase == plan.description.phases.count - 1 { listPoolCounts(into: poolCounts.after) }
      }
    }
    if R.samplesMemory, phase != nil, isComplete { track.sampleParked() }
    if let phase, isComplete, isTimed, plan.pauses, !hasFailed { pause(phase) }
    control.pointee.lastEnd = isTimed && phase != nil ? pb_now_ns() : 0
  }

  private func pause(_ phase: Int) {
    let rest = plan.stream.phases[phase].pauseNanoseconds
    if rest == 0 { return }
    pb_sleep_ns(rest)
    if R.samplesMemory { track.sampleParked() }
  }
}
