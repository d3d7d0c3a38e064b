import Testing
import Workload

@testable import Engine

/// The open loop by a clock that the tests tell.
@Suite struct OpenLoopTests {
  /// Allocations that start at these times or when they are due, whichever is later.
  private func run(_ loop: inout OpenLoop, _ times: [UInt64]) -> [UInt64] {
    times.map { time in
      let due = loop.nextDue()
      let now = max(time, due)
      loop.start(due: due, arrived: time, at: now)
      return now - loop.intendedStart(now)
    }
  }

  @Test func `a pace that is kept is the one asked for`() {
    var loop = OpenLoop()
    loop.run(phase: 0, interval: 10, at: 1_000)
    #expect(run(&loop, [0, 0, 0, 0]) == [0, 0, 0, 0])
    #expect(loop.lateStarts == 0)
    #expect(loop.pace == OpenLoop.Pace(asked: 0.1, achieved: 0.1))
  }

  @Test func `waking late from a wait is no late start, but part of the latency and of the pace`() {
    var loop = OpenLoop()
    loop.run(phase: 0, interval: 10, at: 1_000)
    loop.start(due: loop.nextDue(), arrived: 1_004, at: 1_016)
    #expect(loop.lateStarts == 0)
    #expect(1_016 - loop.intendedStart(1_016) == 6)
    #expect(loop.pace == OpenLoop.Pace(asked: 0.1, achieved: 1.0 / 16))
  }

  @Test func `one slow call makes those behind it late until the lane has caught up`() {
    var loop = OpenLoop()
    loop.run(phase: 0, interval: 10, at: 1_000)
    // Due at 1010, 1020 and so on; the second keeps the lane until 1047.
    #expect(run(&loop, [0, 0, 1_047, 1_048, 1_049, 0]) == [0, 0, 17, 8, 0, 0])
    #expect(loop.lateStarts == 2)
    #expect(loop.latestStart == 17)
    #expect(loop.pace == OpenLoop.Pace(asked: 0.1, achieved: 0.1))
  }

  @Test func `a pace that is not kept is told by the last start`() {
    var loop = OpenLoop()
    loop.run(phase: 0, interval: 10, at: 1_000)
    #expect(run(&loop, [1_020, 1_040, 1_060, 1_080]) == [10, 20, 30, 40])
    #expect(loop.pace == OpenLoop.Pace(asked: 0.1, achieved: 0.05))
  }

  @Test func `between stretches the clock stands still, and lateness with it`() {
    var loop = OpenLoop()
    loop.run(phase: 0, interval: 10, at: 1_000)
    #expect(run(&loop, [1_025]) == [15])
    loop.stop(at: 1_030)
    loop.run(phase: 0, interval: 10, at: 5_030)
    // Due at 20 and 30 of the clock, which shows 31 and 32.
    #expect(run(&loop, [5_031, 5_032]) == [11, 2])
    #expect(loop.pace == OpenLoop.Pace(asked: 0.1, achieved: 3.0 / 32))
  }

  @Test func `a stretch that ends between an allocation's turn and its start adds nothing to its latency`() {
    var loop = OpenLoop()
    loop.run(phase: 0, interval: 10, at: 1_000)
    loop.start(due: loop.nextDue(), arrived: 1_013, at: 1_013)
    loop.stop(at: 1_014)
    loop.run(phase: 0, interval: 10, at: 9_014)
    #expect(9_015 - loop.intendedStart(9_015) == 5)
    #expect(loop.intendedStart(9_020) == 9_020)
  }

  @Test func `of several phases and lanes the one counts that fell behind most`() {
    var loop = OpenLoop()
    #expect(loop.pace == nil)
    loop.run(phase: 0, interval: 10, at: 0)
    _ = run(&loop, [20, 40])
    loop.stop(at: 40)
    loop.run(phase: 1, interval: 100, at: 40)
    _ = run(&loop, [0, 250])
    loop.stop(at: 300)
    loop.run(phase: -1, interval: 0, at: 300)
    #expect(loop.pace == OpenLoop.Pace(asked: 0.1, achieved: 0.05))
    var other = OpenLoop()
    other.run(phase: 0, interval: 10, at: 0)
    _ = run(&other, [40])
    var merged = loop
    merged.merge(other)
    #expect(merged.pace == OpenLoop.Pace(asked: 0.1, achieved: 0.025))
    #expect(merged.lateStarts == 4)
    other.merge(loop)
    #expect(other.pace == merged.pace)
  }

  @Test(arguments: [1 << 20, 600])
  func `a rate that nobody can keep shows in the record, and latency runs from the intended start`(
    sharedWords: Int
  ) throws {
    var description = SessionTests.description(operations: 2_000, threads: 2, lifetime: .drawn(.fixed(20)))
    // One allocation a nanosecond.
    description.phases[0].rate = 1e9
    let record = try SessionTests.record(MallocPool.self, .latency, description, sharedWords: sharedWords)
    #expect(record[.askedRate] == "1000000000.0")
    let achieved = try #require(record[.achievedRate].flatMap { Double($0) })
    #expect(achieved > 0 && achieved < 1e9)
    #expect(record.integer(.lateStarts) == 4_000)
    // The latest start's own latency holds its lateness.
    let maximum = try #require(record.all(.maximum).first { $0.hasPrefix("allocate ") }?.dropFirst(9))
    let ticks = try #require(record.integer(.ticksPerSecond))
    let nanoseconds = try #require(Double(maximum)) / Double(ticks) * 1e9
    // Both are rounded, to a tick and a nanosecond.
    #expect(nanoseconds + 2 >= Double(try #require(record.integer(.latestStartNanoseconds))))
  }

  @Test func `a workload without a rate has no pace`() throws {
    let record = try SessionTests.record(MallocPool.self, .latency, SessionTests.description(operations: 500))
    #expect(record[.askedRate] == nil)
    #expect(record[.achievedRate] == nil)
  }
}
