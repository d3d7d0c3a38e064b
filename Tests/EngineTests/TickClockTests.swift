import Testing

@testable import Engine

struct TickClockTests {
  @Test func `a step that a read outlasts is told by how reads differ`() {
    // Steps of 22.5 ticks, reads of two of them and more, rounded.
    #expect(TickClock.step(of: [45, 45, 67, 68, 90, 45, 112]) == 22)
    // A read is shorter than a step.
    #expect(TickClock.step(of: [100, 100, 200, 100]) == 100)
  }

  @Test func `rounding is no step`() {
    #expect(TickClock.step(of: [45, 46, 45, 44]) == 44)
    #expect(TickClock.step(of: [30]) == 30)
  }

  @Test func `the machine's own is above 0 and far under a millisecond`() {
    let clock = TickClock.calibrated()
    #expect(clock.stepNanoseconds > 0 && clock.stepNanoseconds < 1e6)
  }
}
