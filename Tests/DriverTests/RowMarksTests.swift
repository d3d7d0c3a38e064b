import Testing
import Workload

@testable import Driver

@Suite struct RowMarksTests {
  private func cell(refused: Int?) throws -> CellResult {
    let subject = try Subject(parsing: "zephyr")
    var record = Samples.record(subject, .throughput)
    if let refused { record.add(statistic: "objects.refused", refused) }
    return CellResult(
      subject: subject, fit: .native,
      runs: [RunResult(pass: .throughput, repetition: 1, status: .ok, record: record)])
  }

  private func status(of cell: CellResult) -> (text: String, isWarning: Bool) {
    var workload = Samples.workload().emptyResult(cells: [])
    workload.cells = [cell]
    return RowMarks.status(of: cell, CellSummary(cell, of: workload, reference: cell.subject))
  }

  @Test func `who refused some of the objects is told so and wins nothing`() throws {
    for refused in [nil, 0] {
      let whole = try cell(refused: refused)
      #expect(whole.isRanked && !whole.hasRefused)
      #expect(status(of: whole).text == "ok")
    }
    let part = try cell(refused: 3)
    #expect(!part.isRanked && part.hasRefused)
    #expect(status(of: part) == ("refused some", true))
  }
}
