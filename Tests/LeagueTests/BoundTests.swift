import Foundation
import Testing

@testable import League

/// Verdicts over the cells of one row.
struct BoundTests {
  /// A ratio over twelve blocks that wobbles by so much.
  private func cell(_ name: String, _ ratio: Double, noise: Double = 0.01, blocks: Int = 12) -> Cell {
    let values = (1...blocks).map { log(ratio) + noise * Double($0 * 7 % 5 - 2) / 2 }
    return Cell(name: name, rival: "x", logarithms: values)!
  }

  @Test func `a whole interval beyond the target meets it`() {
    #expect(Bound.atLeast(1.15).verdict([cell("a", 1.2), cell("b", 1.3)]) == .met)
    #expect(Bound.atMost(1.05).verdict([cell("a", 1), cell("b", 0.5)]) == .met)
  }

  @Test func `a whole interval short of it misses it, and says where`() {
    #expect(Bound.atLeast(1.15).verdict([cell("a", 1.2), cell("b", 1.1)]) == .missed(["b"]))
    #expect(Bound.atMost(1.05).verdict([cell("a", 1.2), cell("b", 0.5)]) == .missed(["a"]))
  }

  @Test func `an interval that holds it leaves it open`() {
    #expect(Bound.atLeast(1).verdict([cell("a", 1, noise: 0.1), cell("b", 2)]) == .open(["a"]))
    #expect(Bound.atMost(1).verdict([cell("a", 1, noise: 0.1)]) == .open(["a"]))
  }

  @Test func `what is never to be under fails beyond doubt only`() {
    #expect(Bound.neverUnder(1).verdict([cell("a", 0.99, noise: 0.1), cell("b", 2)]) == .met)
    #expect(Bound.neverUnder(1).verdict([cell("a", 0.9), cell("b", 2)]) == .missed(["a"]))
  }

  @Test func `the correction asks for more of many cells than of one`() {
    // Of six blocks one is on the other side.
    let values = [-0.02, -0.03, -0.01, -0.02, -0.03, 0.001]
    let doubtful = Cell(name: "a", rival: "x", logarithms: values)!
    let others = (0..<30).map { cell("b\($0)", 1.2) }
    let alone = Bound.neverUnder(1).verdict([Cell(name: "a", rival: "x", logarithms: values.map { $0 - 0.005 })!])
    #expect(alone == .missed(["a"]))
    #expect(Bound.neverUnder(1).verdict([doubtful] + others) == .met)
  }

  @Test func `cells of one name are told apart`() {
    #expect(Bound.neverUnder(1).verdict([cell("a", 1.2), cell("a", 0.8)]) == .missed(["a"]))
  }

  @Test func `without blocks the interval decides, and without that the ratio`() {
    func single(_ ratio: Double, _ interval: ClosedRange<Double>?) -> Cell {
      Cell(name: "a", rival: "x", ratio: ratio, interval: interval)
    }
    #expect(Bound.atMost(1.05).verdict([single(1, 0.9...1.04)]) == .met)
    #expect(Bound.atMost(1.05).verdict([single(1, 0.9...1.1)]) == .open(["a"]))
    #expect(Bound.atMost(1.05).verdict([single(1.2, 1.1...1.3)]) == .missed(["a"]))
    #expect(Bound.atMost(1).verdict([single(1, nil)]) == .met)
    #expect(Bound.atLeast(1).verdict([single(0.9, nil)]) == .missed(["a"]))
  }

  @Test func `cells with a caveat say nothing, and none is no verdict`() {
    var small = cell("a", 0.5)
    small.caveat = "too small"
    #expect(Bound.neverUnder(1).verdict([small, cell("b", 2)]) == .met)
    #expect(Bound.neverUnder(1).verdict([small]) == .unknown("no verdict: too small"))
    #expect(Bound.atLeast(1).verdict([]) == .unknown("not measured"))
  }
}
