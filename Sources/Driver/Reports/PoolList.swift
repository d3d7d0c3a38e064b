public import Workload

/// What each pool of this repository can serve in its own form, side by side.
public struct PoolList {
  private let subjects: [Subject]

  public init(_ subjects: [Subject] = Subject.Base.pools.map { Subject($0) }) { self.subjects = subjects }

  public func text(width: Int, paint: Paint) -> String {
    let titles = [
      "free", "bulk end", "sizes", "largest", "alignment", "threads", "objects", "memory", "scopes", "finds",
      "gives back",
    ]
    let columns = titles.map { Table.Column(section: "pools", title: $0, isLeftAligned: true) }
    let rows = subjects.map { subject in
      Table.Row(name: subject.name, content: .fields(Self.words(subject.capabilities).map { Table.Field(text: $0) }))
    }
    var lines = Table(columns: columns, rows: rows).lines(width: width, paint: paint) + [""]
    for note in Self.notes { lines += wrap(note, width: width).map { paint($0, .faint) } }
    let options = subjects.filter { !$0.base.options.isEmpty }.map { subject in
      "\(subject.base.rawValue)[\(subject.base.options.map(\.usage).joined(separator: ", "))]"
    }
    lines += wrap("Options: \(options.joined(separator: "; ")).", width: width).map { paint($0, .faint) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A word for each column.
  private static func words(_ able: Capabilities) -> [String] {
    let short: [Capabilities.Misuse: String] = [
      .doubleFree: "double", .foreignPointer: "foreign", .staleHandle: "stale",
    ]
    return [
      !able.freesIndividually ? "–" : able.freesAcrossLanes ? "any lane" : "owner",
      able.endsScopesInBulk ? "yes" : "–",
      able.servesAnySize ? "any" : able.canBeSegregated ? "one°" : "one",
      able.largestRequest.map { Units.shortBytes(Double($0)) } ?? "any",
      able.maximumAlignment.map { "to \(Units.shortBytes(Double($0)))" } ?? "any",
      able.isThreadSafe ? "any" : "one",
      able.handsOutHandles ? "handles" : "addresses",
      able.hasHardCap ? "fixed" : "grows",
      able.formsTree ? "nest" : "–",
      able.detects.isEmpty ? "–" : able.detects.compactMap { short[$0] }.joined(separator: ", "),
      able.returnsMemory ? "yes" : "–",
    ]
  }

  private static let notes = [
    "free: who may free an object on its own; finds: misuse that is found in a release build; °: there is a form with a "
      + "pool for each size class. What a pool cannot serve, its row says before anything is timed; poolbench explain "
      + "--subject NAME tells how a pool works."
  ]
}
