import CPlatform
import Workload

extension Session where P: ~Copyable {
  /// Replays the segment slice by slice as standard input says, so that two workers can take turns on one core.
  ///
  /// Each line `N` is answered by `slice W T`: W words were replayed, at least N unless the segment ended, in T
  /// nanoseconds. The end of the input, or a line that is no number, replays the rest.
  func replayInSlices(_ context: UnsafeMutablePointer<LaneContext<P.Lane, R>>) -> ReplayStop {
    pb_write_line("ready", 0, 0, false)
    context.pointee.waitingTime = 0
    while context.pointee.next < context.pointee.end {
      let asked = pb_now_ns()
      let wanted = pb_read_number()
      let left = context.pointee.end - context.pointee.next
      let limit = wanted > 0 && wanted < left ? context.pointee.next + Int(wanted) : context.pointee.end
      let first = context.pointee.next
      let start = pb_now_ns()
      context.pointee.waitingTime &+= start - asked
      let stop = context.pointee.replayOn(until: limit)
      let time = pb_now_ns() - start
      pb_write_line("slice", UInt64(context.pointee.next - first), time, true)
      if case .finished = stop { continue }
      return stop
    }
    return .finished
  }
}
