import CPlatform
import Workload

extension Session where P: ~Copyable {
  /// Replays the segment slice by slice as standard input says, so that several workers can take turns on one core.
  /// The warm-up does so too, and counts for nothing: a worker that had it behind it at once would wait for the others'
  /// before its first timed slice, for longer than any decay timer runs.
  ///
  /// Writes `ready L`, L words being in the segment, and waits for a line `N`. Each is answered by `slice W T L`: W
  /// words were replayed, at least N unless the segment ended, in T nanoseconds, and L are left. After the last slice
  /// one more line is waited for, so that what comes next falls into nobody else's slice. When the subject refuses
  /// memory, none is left. The end of the input, or a line that is no number, stands for all that is left.
  func replayInSlices(_ context: UnsafeMutablePointer<LaneContext<P.Lane, R>>, phase: Int, isTimed: Bool) {
    context.pointee.startTime = pb_now_ns()
    context.pointee.slicesTime = 0
    context.pointee.stop = .finished
    let words = context.pointee.end - context.pointee.next
    if words > 0 {
      pb_write_ready(UInt64(words))
      while replaySlice(context, phase: phase, words: pb_read_number(), isTimed: isTimed) {}
    }
    context.pointee.finishMail()
    context.pointee.endTime = pb_now_ns()
  }

  /// - Returns: whether the segment goes on.
  private func replaySlice(
    _ context: UnsafeMutablePointer<LaneContext<P.Lane, R>>, phase: Int, words: Int64, isTimed: Bool
  ) -> Bool {
    let first = context.pointee.next
    let left = context.pointee.end - first
    let limit = words > 0 && words < left ? first + Int(words) : context.pointee.end
    startCounting()
    context.pointee.recorder.segmentBegins(
      nanosecondsBetween: plan.stream.phases[phase].interval, phase: phase)
    let start = pb_now_ns()
    context.pointee.stop = context.pointee.replayOn(until: limit)
    let time = pb_now_ns() - start
    context.pointee.recorder.segmentEnds()
    stopCounting(isTimed: isTimed)
    context.pointee.slicesTime &+= time
    var goesOn = context.pointee.next < context.pointee.end
    if case .outOfMemory = context.pointee.stop { goesOn = false }
    pb_write_slice(
      UInt64(context.pointee.next - first), time, goesOn ? UInt64(context.pointee.end - context.pointee.next) : 0)
    if !goesOn { _ = pb_read_number() }
    return goesOn
  }
}
