import Foundation
import Testing

@testable import Driver

struct HolmIntervalsTests {
  private func values(_ center: Double, count: Int = 12, noise: Double = 0.01) -> [Double] {
    (0..<count).map { center + noise * Double($0 * 7 % 5 - 2) }
  }

  @Test func `of one cell it is the interval of 95 %`() throws {
    let cell = values(0.1)
    let corrected = HolmIntervals([cell], under: 1, seed: 3)
    #expect(corrected.intervals[0] == Bootstrap.ratio(paired: cell, seed: 3)?.interval)
    #expect(corrected.under.isEmpty)
  }

  @Test func `the cell with the least doubt has the widest interval`() throws {
    let cells = [values(0.1, noise: 0.05), values(-0.1, noise: 0.05), values(0, noise: 0.05)]
    let corrected = HolmIntervals(cells, under: 1, seed: 3)
    let widths = try corrected.intervals.map { interval in
      let interval = try #require(interval)
      return log(interval.upperBound / interval.lowerBound)
    }
    #expect(widths[1] >= widths[2] && widths[2] >= widths[0])
    #expect(corrected.under == [1])
  }

  @Test func `behind a cell that may lie above nothing is told to lie under`() {
    // Of few blocks neither can be told; alone the second could be.
    let few = [-0.02, -0.02, -0.03, -0.01, -0.02, -0.001]
    let cells = (0..<20).map { _ in few.map { $0 + 0.002 } }
    #expect(HolmIntervals([few], under: 1, seed: 1).under == [0])
    #expect(HolmIntervals(cells, under: 1, seed: 1).under.isEmpty)
  }

  @Test func `cells without blocks have none`() {
    let corrected = HolmIntervals([[], [0.1]], under: 1, seed: 1)
    #expect(corrected.intervals == [nil, nil] && corrected.under.isEmpty)
    #expect(HolmIntervals([], under: 1, seed: 1).under.isEmpty)
  }
}
