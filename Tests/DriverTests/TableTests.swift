import Testing

@testable import Driver

struct TableTests {
  private func table(_ values: [[Double]], ranking: Table.Ranking = .lowerIsBetter) -> Table {
    Table(
      columns: values[0].indices.map { Table.Column(section: "s", title: "c\($0)", ranking: ranking) },
      rows: values.enumerated().map { index, row in
        Table.Row(name: "row\(index)", content: .fields(row.map { Table.Field(text: Units.number($0), rank: $0) }))
      })
  }

  @Test func `the best of a column has a star, and equals share it`() {
    let lines = table([[2, 5], [1, 5], [1, 9]]).lines(width: 80, paint: .plain)
    #expect(lines == ["s       c0    c1", "row0  2.00  5.00*", "row1  1.00* 5.00*", "row2  1.00* 9.00"])
  }

  @Test func `higher may be better`() {
    let lines = table([[2], [10]], ranking: .higherIsBetter).lines(width: 80, paint: .plain)
    #expect(lines == ["s       c0", "row0  2.00", "row1  10.0*"])
  }

  @Test func `colour replaces the star`() {
    let lines = table([[2], [1]]).lines(width: 80, paint: Paint(isColoured: true))
    #expect(lines[2] == "row1  \u{1B}[1;32m1.00\u{1B}[0m")
    #expect(!lines.joined().contains("*"))
  }

  @Test func `where all are alike none is marked`() {
    #expect(!table([[3], [3], [3.001]]).lines(width: 80, paint: .plain).joined().contains("*"))
  }

  @Test func `unranked rows win nothing, a lone candidate neither`() {
    var table = table([[1], [2], [3]])
    table.rows[0].isRanked = false
    #expect(table.lines(width: 80, paint: .plain)[2] == "row1  2.00*")
    table.rows[1].isRanked = false
    #expect(!table.lines(width: 80, paint: .plain).joined().contains("*"))
  }

  @Test func `where the lowest is undecided none is marked`() {
    var table = table([[1], [2]])
    table.rows[0].content = .fields([Table.Field(text: "≤ 1", rank: 1, isDecided: false)])
    #expect(!table.lines(width: 80, paint: .plain).joined().contains("*"))
  }

  @Test(arguments: 16...60)
  func `no line is wider than asked`(width: Int) {
    var table = table([[123, 456, 789, 1234], [1, 2, 3, 4]])
    table.columns[2].section = "other"
    table.columns[3].section = "other"
    table.rows.append(Table.Row(name: "words", content: .words("a reason that goes on for a while", .plain)))
    for line in table.lines(width: width, paint: .plain) { #expect(line.count <= max(width, 24), "\(line)") }
  }

  @Test func `a long name is cut`() {
    var table = table([[1], [2]])
    table.rows[0].name = "glibc[MALLOC_ARENA_MAX=1,MALLOC_TCACHE=0]"
    #expect(table.lines(width: 40, paint: .plain)[1] == "glibc[MALLOC_ARENA_…  1.00*")
    #expect(table.lines(width: nil, paint: .plain)[1].hasPrefix(table.rows[0].name))
  }

  @Test func `words wrap at blanks and cut what is too long`() {
    #expect(wrap("one two three", width: 7) == ["one two", "three"])
    #expect(wrap("abcdefghij kl", width: 4) == ["abcd", "efgh", "ij", "kl"])
    #expect(wrap("", width: 4) == [])
  }

  @Test func `a bar fills by eighths and shows the smallest share as a hair`() {
    #expect(BarChart.bar(1, width: 4) == "████")
    #expect(BarChart.bar(0.5, width: 1) == "▌")
    #expect(BarChart.bar(1e-9, width: 4) == "▏")
    #expect(BarChart.bar(0, width: 4).isEmpty)
  }
}
