public import Workload

/// The change of each metric that is tolerated. Only metrics with a threshold are judged.
public struct Thresholds: Equatable, Sendable {
  /// As a share: 0.02 for 2 %.
  public private(set) var values: [Metric: Double]
  /// Metrics that the user has named: these are judged also where a default would rather be silent.
  public private(set) var asked: Set<Metric> = []

  /// 2 % of throughput, 5 % of p99 and of peak resident memory.
  public init() { values = [.throughput: 0.02, .p99: 0.05, .rss: 0.05] }

  /// The defaults as `throughput=1%,p50=5%,rss=off` changes them; later parts outweigh earlier ones.
  ///
  /// - Throws: `SubjectError` with a sentence for the user.
  public init(parsing text: String) throws(SubjectError) {
    self.init()
    let parts = text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    if parts.isEmpty { throw SubjectError("--threshold takes METRIC=PERCENT, such as throughput=2%,p99=5%") }
    for part in parts {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let metric = Metric(rawValue: sides[0]) else {
        let known = Metric.allCases.map(\.rawValue)
        let hint = nearest(to: sides[0], in: known).map { "; did you mean '\($0)'?" } ?? ""
        throw SubjectError(
          "--threshold: '\(sides[0])' is not a metric\(hint) (known: \(known.joined(separator: ", ")))")
      }
      guard sides.count == 2 else {
        throw SubjectError("--threshold takes METRIC=PERCENT, such as \(metric.rawValue)=2%, not '\(part)'")
      }
      if sides[1] == "off" {
        values[metric] = nil
        asked.remove(metric)
        continue
      }
      let digits = sides[1].hasSuffix("%") ? String(sides[1].dropLast()) : sides[1]
      guard let percent = Double(digits), percent >= 0, percent < 100 else {
        throw SubjectError(
          "--threshold \(metric.rawValue) takes a percentage from 0 to under 100 such as 2%, or off, not '\(sides[1])'")
      }
      values[metric] = percent / 100
      asked.insert(metric)
    }
    if values.isEmpty { throw SubjectError("--threshold leaves no metric to judge") }
  }

  public subscript(_ metric: Metric) -> Double? { values[metric] }

  /// Everything that is judged, in the order of the tables.
  public var quantities: [Quantity] {
    Metric.allCases.filter { values[$0] != nil }.flatMap(\.quantities)
  }

  /// `throughput 2 %, p99 5 %`.
  public var words: String {
    Metric.allCases.compactMap { metric in
      values[metric].map { "\(metric == .rss ? "peak RSS" : metric.rawValue) \(Units.short($0 * 100)) %" }
    }.joined(separator: ", ")
  }
}
