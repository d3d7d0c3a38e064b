public import Workload

/// A whole result set as text for a person.
public struct ResultReport {
  private let results: ResultSet
  private let reference: Subject
  private let passes: [Pass]
  private let showsStatistics: Bool

  /// - Parameter showsStatistics: whether what subjects counted of themselves stands below their figures.
  public init(_ results: ResultSet, reference: Subject, passes: [Pass], showsStatistics: Bool = false) {
    self.results = results
    self.reference = reference
    self.passes = passes
    self.showsStatistics = showsStatistics
  }

  /// The machine and the tool.
  public func head(width: Int, paint: Paint) -> String {
    text(ResultHeader(results: results, paint: paint).lines(width: width))
  }

  /// The workloads from index `start` on. Those of one sweep share a table.
  ///
  /// - Parameter isWide: one table a workload, however wide.
  public func body(from start: Int = 0, width: Int, isWide: Bool, paint: Paint) -> String {
    var lines: [String] = []
    let header = ResultHeader(results: results, paint: paint)
    var index = start
    while index < results.workloads.count {
      let workload = results.workloads[index]
      if workload.setting.isEmpty {
        lines += [""] + header.lines(workload, width: width) + [""]
        lines += WorkloadTable(workload, reference: reference, passes: passes, isWide: isWide)
          .lines(width: isWide ? nil : width, paint: paint)
        lines += statistics(StatisticsTable(workload), width: isWide ? nil : width, paint: paint)
        index += 1
        continue
      }
      let rest = results.workloads[index...]
      let sweep = Array(rest.prefix { $0.text == workload.text && $0.name == workload.name && !$0.setting.isEmpty })
      var shared = workload
      shared.setting = []
      lines += [""] + header.lines(shared, width: width).prefix(workload.summary == nil ? 1 : 2) + [""]
      lines += ScalingTable(settings: sweep, reference: reference, passes: passes)
        .lines(width: isWide ? nil : width, paint: paint)
      lines += statistics(
        StatisticsTable(settings: sweep, title: ScalingTable.title), width: isWide ? nil : width, paint: paint)
      index += sweep.count
    }
    return text(lines)
  }

  /// What the signs in the tables mean: below the last one.
  public func legend(width: Int, paint: Paint) -> String {
    var legend = Legend(results: results, reference: reference, passes: passes, paint: paint)
    legend.showsStatistics = showsStatistics && results.cells.contains { PoolFigures($0) != nil }
    let lines = legend.lines(width: width)
    return text(lines.isEmpty ? [] : [""] + lines)
  }

  private func statistics(_ table: StatisticsTable, width: Int?, paint: Paint) -> [String] {
    if !showsStatistics { return [] }
    let lines = table.lines(width: width, paint: paint)
    return lines.isEmpty ? ["", paint("no subject counted anything of itself in a throughput pass", .faint)] : lines
  }

  private func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
