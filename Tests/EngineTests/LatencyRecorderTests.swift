import Testing
import Workload

@testable import Engine

@Suite struct LatencyRecorderTests {
  @Test func `the first allocation of a rated phase is not late`() {
    var recorder = LatencyRecorder(ticksPerSecond: TickClock.calibrated().ticksPerSecond)
    recorder.segmentBegins(nanosecondsBetween: 200_000_000, phase: 0)
    recorder.waitForTurn()
    #expect(recorder.loop.lateStarts == 0)
  }

  @Test func `lateness carries over to the next round of a phase and not to the next phase`() {
    var recorder = LatencyRecorder(ticksPerSecond: TickClock.calibrated().ticksPerSecond)
    recorder.segmentBegins(nanosecondsBetween: 1, phase: 0)
    // Each is due a nanosecond after the one before, and later than that.
    for _ in 0..<100 { recorder.waitForTurn() }
    let late = recorder.loop.lateStarts
    #expect(late > 0)
    recorder.segmentEnds()
    recorder.segmentBegins(nanosecondsBetween: 1, phase: 0)
    recorder.waitForTurn()
    #expect(recorder.loop.lateStarts == late + 1)
    recorder.segmentEnds()
    recorder.segmentBegins(nanosecondsBetween: 200_000_000, phase: 1)
    recorder.waitForTurn()
    #expect(recorder.loop.lateStarts == late + 1)
  }
}
