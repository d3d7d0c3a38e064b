import Workload

/// What subjects counted of themselves: a row for each count, side by side those subjects, or the settings of one,
/// that count the same.
struct StatisticsTable {
  private struct Side {
    var title: String
    var figures: PoolFigures
  }

  /// One table each.
  private let groups: [(corner: String, sides: [Side])]

  /// The subjects of one workload.
  init(_ workload: WorkloadResult) {
    var groups: [(corner: String, sides: [Side])] = []
    for cell in workload.cells where cell.status.kind == .ok {
      guard let figures = PoolFigures(cell) else { continue }
      let side = Side(title: cell.subject.name, figures: figures)
      // Tiers are told apart by what came to them: with the same names in another order it is another table.
      if let index = groups.firstIndex(where: { $0.sides[0].figures.names == figures.names }) {
        groups[index].sides.append(side)
      } else {
        groups.append((Self.corner, [side]))
      }
    }
    self.groups = groups
  }

  /// The subjects of a sweep, each with its settings.
  ///
  /// - Parameter title: of a setting.
  init(settings: [WorkloadResult], title: (WorkloadResult) -> String) {
    let subjects = settings.reduce(into: [Subject]()) { list, setting in
      for cell in setting.cells where !list.contains(cell.subject) { list.append(cell.subject) }
    }
    groups = subjects.flatMap { subject -> [(corner: String, sides: [Side])] in
      var groups: [(corner: String, sides: [Side])] = []
      for setting in settings {
        guard let cell = setting.cell(subject), cell.status.kind == .ok, let figures = PoolFigures(cell)
        else { continue }
        let side = Side(title: title(setting), figures: figures)
        if let last = groups.indices.last, groups[last].sides[0].figures.names == figures.names {
          groups[last].sides.append(side)
        } else {
          groups.append((subject.name, [side]))
        }
      }
      return groups
    }
  }

  private static let corner = "statistics"

  static let legend = [
    Legend.Item(
      "/1K",
      "counts for 1,000 allocations; statistics are what a subject counted of itself in the timed replay, without "
        + "warm-up and drain: the median of its runs. hits: the share of the requests to a tier that it served itself")
  ]

  /// Nothing if no subject counted anything.
  func lines(width: Int?, paint: Paint) -> [String] {
    groups.flatMap { group -> [String] in
      let columns = group.sides.flatMap { side -> [Table.Column] in
        // As wide as the heading over both.
        let count = String(repeating: " ", count: max(0, side.title.count - "count  0.00".count + 2)) + "count"
        return [count, "/1K"].map { Table.Column(section: group.corner, group: side.title, title: $0) }
      }
      return [""] + Table(columns: columns, rows: rows(group.sides)).lines(width: width, paint: paint)
    }
  }

  private func rows(_ sides: [Side]) -> [Table.Row] {
    sides[0].figures.tiers.indices.flatMap { tier -> [Table.Row] in
      let tiers = sides.map { $0.figures.tiers[tier] }
      let prefix = tiers[0].name.isEmpty ? "" : tiers[0].name + " "
      var rows: [Table.Row] = []
      if tiers.contains(where: { $0.hitRate != nil }) {
        let fields = tiers.flatMap { [Self.share($0.hitRate), Table.Field(text: "")] }
        rows.append(Table.Row(name: prefix + "hits", content: .fields(fields)))
      }
      return rows
        + tiers[0].counts.indices.map { count in
          let fields = tiers.flatMap { tier -> [Table.Field] in
            let figure = tier.counts[count]
            return [Table.Field(text: Units.count(figure.value)), Table.Field(text: Units.number(figure.perThousand))]
          }
          return Table.Row(name: prefix + tiers[0].counts[count].name, content: .fields(fields))
        }
    }
  }

  private static func share(_ value: Double?) -> Table.Field {
    value.map { Table.Field(text: Units.fixed($0 * 100, 2) + " %") } ?? .empty
  }
}
