public import Workload

/// The subjects that can be measured, with what each can serve.
public struct SubjectList {
  public struct Entry: Equatable, Sendable {
    public var subject: Subject
    /// As the worker says, or why there is none.
    public var version: String
    public var isAvailable: Bool

    public init(subject: Subject, version: String, isAvailable: Bool) {
      self.subject = subject
      self.version = version
      self.isAvailable = isAvailable
    }
  }

  private let entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  public func text(width: Int, paint: Paint) -> String {
    let columns = ["version", "free", "sizes", "threads", "bulk end", "alignment", "gives back"].map {
      Table.Column(section: "subjects", title: $0, isLeftAligned: true)
    }
    let rows = entries.map { entry -> Table.Row in
      let able = entry.subject.capabilities
      func field(_ text: String) -> Table.Field { Table.Field(text: text) }
      let free = !able.freesIndividually ? "scopes" : able.freesAcrossLanes ? "any lane" : "owner"
      let fields = [
        entry.isAvailable ? field(entry.version) : Table.Field(text: "not usable", emphasis: .failure),
        field(free), field(able.servesAnySize ? "any" : "one"), field(able.isThreadSafe ? "any" : "one"),
        field(able.endsScopesInBulk ? "yes" : "no"),
        field(able.maximumAlignment.map { "to \(Units.shortBytes(Double($0)))" } ?? "any"),
        field(able.returnsMemory ? "yes" : "no"),
      ]
      return Table.Row(name: entry.subject.name, content: .fields(fields))
    }
    var lines = Table(columns: columns, rows: rows).lines(width: width, paint: paint)
    lines.append("")
    for entry in entries where !entry.isAvailable {
      lines += wrap("\(entry.subject.name): \(entry.version)", width: width).map { paint($0, .failure) }
    }
    for line in notes { lines += wrap(line, width: width).map { paint($0, .faint) } }
    return lines.map { $0 + "\n" }.joined()
  }

  private var notes: [String] {
    let variants = entries.map(\.subject).flatMap { subject in
      subject.base.options.map { "\(subject.base.rawValue)[\($0.usage)]" }
    }
    var seen: Set<String> = []
    return [
      "What a pool cannot serve by itself it serves by an adaptation, if there is an honest one: its row says so.",
      "Variants: " + variants.filter { seen.insert($0).inserted }.joined(separator: ", ")
        + "; NAME[VARIABLE=value] sets a variable of the worker's environment, as in glibc[MALLOC_ARENA_MAX=1]; "
        + "--preload NAME=PATH adds any other malloc.",
      "More subjects, the pools of known systems: poolbench list --pools.",
    ]
  }
}

/// Workload files with their descriptions.
public struct WorkloadList {
  private let entries: [(name: String, summary: String)]

  public init(_ entries: [(name: String, summary: String)]) { self.entries = entries }

  public func text(width: Int, paint: Paint) -> String {
    let nameWidth = entries.map(\.name.count).max() ?? 0
    return entries.flatMap { entry in
      wrap(entry.summary.isEmpty ? "–" : entry.summary, width: max(16, width - nameWidth - 2)).enumerated().map {
        padded($0 == 0 ? entry.name : "", to: nameWidth) + "  " + $1 + "\n"
      }
    }.joined()
  }
}
