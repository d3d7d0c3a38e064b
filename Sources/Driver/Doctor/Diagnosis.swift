/// All that the doctor found.
public struct Diagnosis: Equatable, Sendable {
  public var findings: [Finding]
  /// Nil where it was not asked for or could not be measured.
  public var floor: NoiseFloor?

  public init(findings: [Finding], floor: NoiseFloor? = nil) {
    self.findings = findings
    self.floor = floor
  }

  /// Whether results measured here and now would mislead.
  public var misleads: Bool { findings.contains { $0.verdict == .misleading } }

  /// A JSON document; names and verdicts are those of the table.
  public func json(tool: ToolVersion) -> String {
    let list = findings.map { finding in
      JSONValue.object([
        ("section", .text(finding.section.rawValue)), ("name", .text(finding.name)), ("found", .text(finding.found)),
        ("verdict", .text(finding.verdict.rawValue)), ("why", .text(finding.why)),
        ("remedy", .optional(finding.remedy)),
      ])
    }
    let noise = floor.map { floor in
      JSONValue.object([("turns", Self.json(floor.turns)), ("whole_runs", Self.json(floor.whole))])
    }
    return JSONValue.object([
      ("schema", .text("poolbench-doctor")), ("version", .whole(1)), ("poolbench", .text(tool.words)),
      ("misleading", .bool(misleads)), ("findings", .list(list)), ("noise_floor", noise ?? .null),
    ]).text() + "\n"
  }

  private static func json(_ mode: NoiseFloor.Mode) -> JSONValue {
    let estimate = mode.estimate
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return .object([
      ("pairs", .whole(mode.logarithms.count)), ("pair_sd", .number(mode.deviation)),
      ("robust_sd", .number(mode.robustDeviation)), ("ratio", number(estimate?.ratio)),
      ("ratio_low", number(estimate?.interval.lowerBound)), ("ratio_high", number(estimate?.interval.upperBound)),
      ("outliers", .whole(estimate?.outliers ?? 0)), ("change", .number(NoiseFloor.change)),
      ("blocks", mode.blocks.map { .whole($0) } ?? .null),
      ("log_ratios", .list(mode.logarithms.map { .number($0) })),
    ])
  }
}
