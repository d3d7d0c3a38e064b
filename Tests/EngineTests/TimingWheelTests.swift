import Testing
import Workload

@testable import Engine

@Suite struct TimingWheelTests {
  /// Against a list sorted by due, then by insertion.
  @Test(arguments: [1 as UInt64, 40, 1_500, 3_000_000])
  func `nodes fall due in their step, in order of insertion`(span: UInt64) {
    var wheel = TimingWheel()
    defer { wheel.free() }
    var random = Xoshiro256(seed: span, lane: 0, attribute: .lifetime)
    var pending: [UInt64: [UInt32]] = [:]
    var node: UInt32 = 0
    var fired = 0
    for step in 1...(span > 10_000 ? 200_000 : 20_000) as ClosedRange<UInt64> {
      var due: [UInt32] = []
      var id = wheel.advance()
      while id != TimingWheel.none {
        due.append(id)
        id = wheel.next(id)
      }
      #expect(wheel.now == step)
      #expect(due == pending.removeValue(forKey: step) ?? [])
      fired += due.count
      for _ in 0..<Int(random.next(below: 3)) {
        let at = step + 1 + random.next(below: span)
        wheel.insert(node, due: at)
        pending[at, default: []].append(node)
        node += 1
      }
    }
    #expect(fired > 5_000)
  }

  @Test func `a due far beyond the highest level's digit is reached through every level`() {
    var wheel = TimingWheel()
    defer { wheel.free() }
    let far: UInt64 = 1024 * 1024 + 1024 + 1
    wheel.insert(7, due: far)
    var steps: UInt64 = 0
    while wheel.advance() == TimingWheel.none { steps += 1 }
    #expect(steps + 1 == far)
  }
}
