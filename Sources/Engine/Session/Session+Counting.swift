import CPlatform
import Workload

extension Session where P: ~Copyable {
  /// From here on the process's time, faults, switches and hardware events are the replay's. By lane 0.
  func startCounting() {
    control.pointee.callsAtStart = plan.systemCalls()
    control.pointee.usageAtStart = pb_process_usage()
    control.pointee.cpuAtStart = pb_process_cpu_ns()
    if counterSums.pointee.areOpen { pb_counters_start(counters) }
  }

  /// Up to here; added to the sums if the stretch since `startCounting` is a timed one.
  func stopCounting(isTimed: Bool) {
    if counterSums.pointee.areOpen { pb_counters_stop(counters) }
    let cpu = pb_process_cpu_ns()
    let usage = pb_process_usage()
    guard isTimed else { return }
    let before = control.pointee.usageAtStart
    control.pointee.cpu &+= cpu - control.pointee.cpuAtStart
    control.pointee.minorFaults &+= usage.minor_faults - before.minor_faults
    control.pointee.majorFaults &+= usage.major_faults - before.major_faults
    control.pointee.voluntarySwitches &+= usage.voluntary_switches - before.voluntary_switches
    control.pointee.involuntarySwitches &+= usage.involuntary_switches - before.involuntary_switches
    if let calls = plan.systemCalls(), let before = control.pointee.callsAtStart {
      var sum = control.pointee.calls ?? pb_system_calls()
      sum.maps &+= calls.maps - before.maps
      sum.unmaps &+= calls.unmaps - before.unmaps
      sum.advices &+= calls.advices - before.advices
      control.pointee.calls = sum
    }
    guard counterSums.pointee.areOpen else { return }
    var values = pb_counter_values()
    if pb_counters_read(counters, &values) { counterSums.pointee.add(values) }
  }
}

extension Session where P: ~Copyable {
  /// What the pool has counted up to now, in the pass that tells of it. By lane 0, all lanes parked.
  func listPoolCounts(into counts: UnsafeMutablePointer<PoolCounts>) {
    if plan.request.pass == .throughput { pool.pointee.list(into: &counts.pointee) }
  }
}

extension RunPlan {
  /// The calls for memory of the system that the subject has made so far. Nil where they cannot be counted, and in
  /// passes whose recorders map memory themselves while the stream is replayed.
  func systemCalls() -> pb_system_calls? {
    guard request.pass == .throughput || request.pass == .latency else { return nil }
    if !request.subject.base.isMalloc {
      // What malloc serves beside the pool is not among the pool's calls.
      return request.adaptations.contains(.mixed) ? nil : pb_own_system_calls()
    }
    var calls = pb_system_calls()
    return allocator.system_calls?(&calls) == true ? calls : nil
  }
}
