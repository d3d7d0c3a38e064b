import CPlatform
import Workload

extension Session where P: ~Copyable {
  /// Replays what each lane's context is aimed at: a phase or a round of it, or the drain (`phase` nil). All lanes call
  /// it together; a segment's time is latest end less earliest start.
  func replaySegment(_ lane: Int, phase: Int?, isTimed: Bool) {
    let isActive = phase.map { lane < plan.description.phases[$0].threads } ?? true
    // Others may still generate: what the process spends on that is not the segment's.
    gate.arriveAndWait()
    if lane == 0 { openSegment(phase) }
    gate.arriveAndWait()
    let context = contexts + lane
    if isActive {
      context.pointee.recorder.segmentBegins(
        nanosecondsBetween: phase.map { plan.stream.phases[$0].interval } ?? 0, phase: phase ?? -1)
      context.pointee.startTime = pb_now_ns()
      context.pointee.stop = replayWords(lane, phase: phase, isTimed: isTimed)
      if phase != nil { context.pointee.finishMail() }
      context.pointee.endTime = pb_now_ns()
      context.pointee.recorder.segmentEnds()
    }
    gate.arriveAndWait()
    if lane == 0 { closeSegment(phase, isTimed: isTimed) }
    gate.arriveAndWait()
  }

  private func replayWords(_ lane: Int, phase: Int?, isTimed: Bool) -> ReplayStop {
    let context = contexts + lane
    if let phase, plan.description.phases[phase].threadLife != nil { return replayBySuccessors(lane) }
    if plan.request.steps, isTimed, phase != nil { return replayInSlices(context) }
    return context.pointee.replayOn(until: context.pointee.end)
  }

  /// By lane 0, before the others may start.
  private func openSegment(_ phase: Int?) {
    if let phase {
      let lanes = plan.description.phases[phase]
      do throws(PoolError) {
        try mailboxes.configure(threads: lanes.threads, consumers: lanes.consumers)
      } catch { harnessFailure("cannot map the rings between lanes") }
    }
    control.pointee.usageAtStart = pb_process_usage()
    control.pointee.cpuAtStart = pb_process_cpu_ns()
    if counterSums.pointee.areOpen { pb_counters_start(counters) }
  }

  /// By lane 0, when all have ended and none may go on yet.
  private func closeSegment(_ phase: Int?, isTimed: Bool) {
    if counterSums.pointee.areOpen { pb_counters_stop(counters) }
    let cpu = pb_process_cpu_ns() - control.pointee.cpuAtStart
    let usage = pb_process_usage()
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
        control.pointee.wall &+= end - start - contexts[0].waitingTime
        control.pointee.cpu &+= cpu
        control.pointee.rounds += 1
        add(usage)
      }
    }
    if R.samplesMemory, phase != nil, isComplete { track.sampleParked() }
    if let phase, isComplete, isTimed, plan.pauses, !hasFailed { pause(phase) }
    control.pointee.lastEnd = isTimed && phase != nil ? pb_now_ns() : 0
  }

  private func add(_ usage: pb_usage) {
    let before = control.pointee.usageAtStart
    control.pointee.minorFaults &+= usage.minor_faults - before.minor_faults
    control.pointee.majorFaults &+= usage.major_faults - before.major_faults
    control.pointee.voluntarySwitches &+= usage.voluntary_switches - before.voluntary_switches
    control.pointee.involuntarySwitches &+= usage.involuntary_switches - before.involuntary_switches
    guard counterSums.pointee.areOpen else { return }
    var values = pb_counter_values()
    if pb_counters_read(counters, &values) { counterSums.pointee.add(values) }
  }

  private func pause(_ phase: Int) {
    let rest = plan.stream.phases[phase].pauseNanoseconds
    if rest == 0 { return }
    pb_sleep_ns(rest)
    if R.samplesMemory { track.sampleParked() }
  }
}
