import CPlatform
import Workload

extension Session where P: ~Copyable {
  /// Replays what each lane's context is aimed at: a phase or a round of it, or the drain (`phase` nil). All lanes call
  /// it together; a segment's time is latest end less earliest start.
  func replaySegment(_ lane: Int, phase: Int?, isTimed: Bool) {
    let isActive = phase.map { lane < plan.description.phases[$0].threads } ?? true
    if lane == 0 { openSegment(phase) }
    gate.arriveAndWait()
    let context = contexts + lane
    if isActive {
      context.pointee.recorder.segmentBegins(
        nanosecondsBetween: phase.map { plan.stream.phases[$0].interval } ?? 0, phase: phase ?? -1)
      context.pointee.startTime = pb_now_ns()
      let stop = replayWords(lane, phase: phase, isTimed: isTimed)
      if phase != nil { context.pointee.finishMail() }
      context.pointee.endTime = pb_now_ns()
      context.pointee.recorder.segmentEnds()
      if case .outOfMemory(let bytes) = stop { context.pointee.refusedBytes = bytes }
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
    let now = pb_now_ns()
    if control.pointee.lastEnd > 0 { control.pointee.idle &+= now - control.pointee.lastEnd }
    control.pointee.usageAtStart = pb_process_usage()
    control.pointee.cpuAtStart = pb_process_cpu_ns()
    if counterSums.pointee.areAvailable { pb_counters_start(counters) }
  }

  /// By lane 0, when all have ended and none may go on yet.
  private func closeSegment(_ phase: Int?, isTimed: Bool) {
    if counterSums.pointee.areAvailable { pb_counters_stop(counters) }
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
      if contexts[lane].refusedBytes >= 0 {
        control.pointee.failure = .outOfMemory
        control.pointee.refusedBytes = contexts[lane].refusedBytes
        control.pointee.liveBytesThen = track.summary.pointee.mostLive
      }
    }
    control.pointee.isPhaseComplete = isComplete
    if isTimed {
      if phase == nil {
        control.pointee.drainWall &+= end - start
      } else {
        control.pointee.wall &+= end - start
        control.pointee.cpu &+= cpu
        control.pointee.rounds += 1
        add(usage)
      }
    }
    if R.samplesMemory, phase != nil { track.sample() }
    if let phase, isComplete, isTimed, plan.pauses, !hasFailed { pause(phase) }
    control.pointee.lastEnd = isTimed && phase != nil ? pb_now_ns() : 0
  }

  private func add(_ usage: pb_usage) {
    let before = control.pointee.usageAtStart
    control.pointee.minorFaults &+= usage.minor_faults - before.minor_faults
    control.pointee.majorFaults &+= usage.major_faults - before.major_faults
    control.pointee.voluntarySwitches &+= usage.voluntary_switches - before.voluntary_switches
    control.pointee.involuntarySwitches &+= usage.involuntary_switches - before.involuntary_switches
    guard counterSums.pointee.areAvailable else { return }
    var values = pb_counter_values()
    guard pb_counters_read(counters, &values) else { return }
    counterSums.pointee.instructions &+= values.values.0
    counterSums.pointee.cycles &+= values.values.1
    counterSums.pointee.cacheMisses &+= values.values.3
    counterSums.pointee.tlbMisses &+= values.values.4
  }

  private func pause(_ phase: Int) {
    let rest = plan.stream.phases[phase].pauseNanoseconds
    if rest == 0 { return }
    pb_sleep_ns(rest)
    if R.samplesMemory { track.sample() }
  }
}
