import Workload

/// What a subject counted of itself in the timed replay: medians over the runs of the throughput pass.
///
/// A name is a tier, a dot and what was counted. `misses` of a tier are the requests that it passed on, `requests` all
/// that came to it; without `requests` every allocation came to it.
public struct PoolFigures: Equatable, Sendable {
  public struct Tier: Equatable, Sendable {
    public var name: String
    /// Requests that came to it, and the share that it served itself, 0...1; nil of one that tells of no misses.
    public var requests: Double?
    public var hitRate: Double?
    /// In order of their names.
    public var counts: [Count]
  }

  public struct Count: Equatable, Sendable {
    public var name: String
    public var value: Double
    /// For 1,000 allocations.
    public var perThousand: Double
  }

  /// From the one that every allocation comes to, to those that see ever fewer; behind them those that tell of no
  /// misses, in order of their names.
  public var tiers: [Tier]

  /// The names of all counts, which are the same for all subjects of one kind.
  var names: [[String]] { tiers.map { [$0.name] + $0.counts.map(\.name) } }

  /// - Returns: nil if no run counted anything.
  public init?(_ cell: CellResult) {
    let runs = cell.measured(.throughput).compactMap { run -> (allocations: Double, values: [String: Int])? in
      guard let record = run.record, let allocations = run.number(.allocations), allocations > 0 else { return nil }
      let values = record.statistics
      return values.isEmpty ? nil : (allocations, values)
    }
    guard let first = runs.first else { return nil }
    func median(_ name: String, _ value: (Double, Double) -> Double) -> Double? {
      Sample(runs.compactMap { run in run.values[name].map { value(Double($0), run.allocations) } })?.median
    }
    let parts = first.values.keys.map { name -> (tier: String, count: String) in
      guard let dot = name.firstIndex(of: ".") else { return ("", name) }
      return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
    tiers = Dictionary(grouping: parts, by: \.tier).map { tier, parts in
      let prefix = tier.isEmpty ? "" : tier + "."
      let counts = parts.map(\.count).sorted().compactMap { count -> Count? in
        guard let value = median(prefix + count, { value, _ in value }),
          let perThousand = median(prefix + count, { $0 / $1 * 1000 })
        else { return nil }
        return Count(name: count, value: value, perThousand: perThousand)
      }
      func requests(_ run: (allocations: Double, values: [String: Int])) -> Double {
        run.values[prefix + "requests"].map { Double($0) } ?? run.allocations
      }
      let rates = runs.compactMap { run -> Double? in
        guard let misses = run.values[prefix + "misses"], requests(run) > 0 else { return nil }
        return min(max(1 - Double(misses) / requests(run), 0), 1)
      }
      let tellsMisses = parts.contains { $0.count == "misses" }
      return Tier(
        name: tier, requests: tellsMisses ? Sample(runs.map(requests))?.median : nil,
        hitRate: Sample(rates)?.median, counts: counts)
    }
    .sorted { one, other in
      let (first, second) = (one.requests ?? -1, other.requests ?? -1)
      return first != second ? first > second : one.name < other.name
    }
  }
}
