import Histogram
public import Workload

/// Percentiles of the durations of one kind of operation, in nanoseconds.
public struct LatencyFigures: Equatable, Sendable {
  public var p50: Double
  public var p90: Double
  public var p99: Double
  public var p999: Double
  public var p9999: Double
  public var maximum: Double
  /// Operations timed.
  public var count: UInt64

  /// The figures that are shown and written, in order, under the names of the columns.
  public static let names = ["p50", "p90", "p99", "p999", "p9999", "max"]
  public var all: [Double] { [p50, p90, p99, p999, p9999, maximum] }
}

/// What one latency run measured, or several of them together.
///
/// The worker's buckets are kept as they are and merged by adding; percentiles are read from an HdrHistogram of three
/// digits, loaded with each bucket's largest value, so that a figure is never flattered by the bucket's width (1/64).
public struct LatencySummary: Equatable, Sendable {
  /// Counts by bucket of ``LatencyBuckets``, in ticks.
  private var buckets: [OperationKind: [Int: UInt64]] = [:]
  /// Exact largest durations, in ticks.
  private var maxima: [OperationKind: UInt64] = [:]
  public private(set) var ticksPerSecond: Double
  public private(set) var figures: [OperationKind: LatencyFigures] = [:]

  /// Reads the histograms of a record.
  ///
  /// - Returns: nil if the record has none, or one that can't be read.
  public init?(_ record: RunRecord) {
    guard let rate = record[.ticksPerSecond].flatMap({ Double($0) }), rate > 0 else { return nil }
    ticksPerSecond = rate
    for line in record.all(.histogram) {
      let words = line.split(separator: " ")
      guard let first = words.first, let kind = OperationKind(rawValue: String(first)) else { return nil }
      for word in words.dropFirst() {
        let parts = word.split(separator: ":")
        // A word without a colon is a count of the worker's own and says nothing about a bucket.
        guard parts.count == 2 else { continue }
        guard let index = Int(parts[0]), let count = UInt64(parts[1]), (0..<LatencyBuckets.count).contains(index)
        else { return nil }
        buckets[kind, default: [:]][index, default: 0] &+= count
      }
    }
    for line in record.all(.maximum) {
      let words = line.split(separator: " ")
      guard words.count == 2, let kind = OperationKind(rawValue: String(words[0])), let ticks = UInt64(words[1])
      else { return nil }
      maxima[kind] = max(maxima[kind] ?? 0, ticks)
    }
    if buckets.isEmpty { return nil }
    computeFigures()
  }

  /// All operations of several runs as if they were one; nil without runs.
  public init?(merging runs: [LatencySummary]) {
    guard var merged = runs.first else { return nil }
    for run in runs.dropFirst() {
      // Every worker measures its clock's rate anew. What differs by less than a bucket's width is one clock.
      let rate = run.ticksPerSecond / merged.ticksPerSecond
      func ticks(_ value: UInt64) -> UInt64 {
        abs(rate - 1) < 1.0 / 64 ? value : UInt64((Double(min(value, 1 << 62)) / rate).rounded(.up))
      }
      for (kind, counts) in run.buckets {
        for (index, count) in counts {
          let place = LatencyBuckets.index(of: ticks(LatencyBuckets.range(of: index).upperBound))
          merged.buckets[kind, default: [:]][place, default: 0] &+= count
        }
      }
      for (kind, value) in run.maxima { merged.maxima[kind] = max(merged.maxima[kind] ?? 0, ticks(value)) }
    }
    merged.computeFigures()
    self = merged
  }

  private mutating func computeFigures() {
    figures = [:]
    for (kind, counts) in buckets {
      var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
      for (index, count) in counts where count > 0 {
        // The histogram takes values up to half of UInt64; 2⁶² ticks are decades.
        histogram.record(min(LatencyBuckets.range(of: index).upperBound, 1 << 62), count: count)
      }
      if histogram.totalCount == 0 { continue }
      let nanoseconds = 1e9 / ticksPerSecond
      let greatest = maxima[kind] ?? histogram.maxRecorded
      // A bucket's upper end may lie beyond the largest value seen.
      func figure(_ percentile: Double) -> Double {
        Double(min(histogram.valueAtPercentile(percentile), greatest)) * nanoseconds
      }
      figures[kind] = LatencyFigures(
        p50: figure(50), p90: figure(90), p99: figure(99), p999: figure(99.9), p9999: figure(99.99),
        maximum: Double(greatest) * nanoseconds, count: histogram.totalCount)
    }
  }
}
