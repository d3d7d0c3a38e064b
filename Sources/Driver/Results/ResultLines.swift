import Workload

/// The lines of a result file, each a JSON object.
///
/// ```
/// {"schema":"poolbench-results","version":2,"poolbench":…,"date":…,"arguments":[…],"machine":{…},"plan":{…},"sum":…}
/// {"workload":{"index":0,"name":…,"text":…,"cells":[{"subject":…,"how":…},…]},"sum":…}
/// {"run":{"workload_index":0,"subject":…,"pass":…,"repetition":1,…,"record":{…}},"sum":…}
/// {"end":{"how":"complete"},"sum":…}
/// ```
/// All workloads stand before the first run. A run carries the columns of the CSV that it fills by itself, under the
/// same names (`net_ns_per_op` and `control_…`, which take a run of the null subject too, are left out), and in `record`
/// the worker's own lines by key: a text, or a list where a key stands more than once. `cell` tells of a subject that
/// turned out not to serve a workload, `resumed` of another command that went on with the file.
///
/// The runs of workers that took turns stand next to each other, each with their number in `of`: they are worth
/// something only together, and where some are missing the others count for nothing.
///
/// `sum` is a digest of the bytes before it and tells damage; a line without one is taken as it is.
enum ResultLines {
  static let schema = "poolbench-results"
  /// Raised when a name goes or changes its meaning; new names alone do not raise it.
  static let version = 2

  static func head(_ results: ResultSet, plan: RunPlan, workloads: Int) -> String {
    closed([
      ("schema", .text(schema)), ("version", .whole(version)), ("poolbench", tool(results.tool)),
      ("date", .text(results.date)), ("arguments", .list(results.arguments.map { .text($0) })),
      ("machine", machine(results.machine)), ("plan", self.plan(plan, workloads: workloads)),
    ])
  }

  /// - Parameter cells: as the plan has them, without runs.
  static func workload(_ index: Int, _ workload: PreparedWorkload, cells: [CellResult]) -> String {
    let description = workload.description
    return closed(
      "workload",
      [
        ("index", .whole(index)), ("name", .text(description.name)), ("description", .optional(description.summary)),
        ("file_name", .text(workload.fileName)), ("directory", .text(workload.directory)),
        ("text", .text(String(decoding: workload.text, as: UTF8.self))),
        ("overrides", overrides(workload.overrides)), ("setting", parameters(workload.setting)),
        ("lanes", .whole(description.lanes)), ("seed", .text(String(description.seed))),
        (
          "cells",
          .list(cells.map { .object([("subject", .text($0.subject.name))] + fit($0.fit)) })
        ),
      ])
  }

  /// - Parameter count: how many lines, this one and its neighbours, are of the same block of turns.
  static func run(
    _ index: Int, _ workload: WorkloadResult, _ cell: CellResult, _ run: RunResult, of count: Int = 1
  ) -> String {
    var members: [(name: String, value: JSONValue)] = [("workload_index", .whole(index))]
    for (name, value) in zip(Columns.names, Columns.row(workload, cell, run))
    where !Columns.relativeNames.contains(name) {
      switch value {
      case .none: continue
      case .text(let text): members.append((name, .text(text)))
      case .whole(let number): members.append((name, .whole(number)))
      case .number(let number): members.append((name, .number(number)))
      }
    }
    if count > 1 { members.append(("of", .whole(count))) }
    members += [("kind", .text(run.status.kind.rawValue)), ("detail", .text(run.status.detail))]
    if run.elapsed > .zero { members.append(("elapsed_ns", .nanoseconds(run.elapsed))) }
    members += [("is_whole", .bool(run.record?.isComplete ?? false)), ("record", record(run.record))]
    return closed("run", members)
  }

  static func cell(_ index: Int, _ cell: CellResult) -> String {
    closed("cell", [("workload_index", .whole(index)), ("subject", .text(cell.subject.name))] + fit(cell.fit))
  }

  static func resumed(tool: ToolVersion, machine: Machine, date: String) -> String {
    closed(
      "resumed", [("poolbench", self.tool(tool)), ("date", .text(date)), ("machine", self.machine(machine))])
  }

  static func end(isComplete: Bool) -> String {
    closed("end", [("how", .text(isComplete ? "complete" : "interrupted"))])
  }

  // MARK: Parts

  private static func tool(_ tool: ToolVersion) -> JSONValue {
    .object([("version", .text(tool.version)), ("commit", .optional(tool.commit))])
  }

  private static func machine(_ machine: Machine) -> JSONValue {
    .object([
      ("processor", .text(machine.processor)),
      ("cores", .whole(machine.cores)),
      ("memory_bytes", .whole(Int(clamping: machine.memoryBytes))),
      ("kernel", .text(machine.kernel)),
      ("architecture", .text(machine.architecture)),
      ("libc", .text(machine.libc)),
      ("transparent_huge_pages", .text(machine.hugePages)),
      ("governor", .text(machine.governor)),
      ("address_randomisation", .text(machine.addressRandomisation)),
      ("load", .text(machine.load)),
      ("cgroup_limits", .list(machine.groupLimits.map { .text($0) })),
    ])
  }

  private static func plan(_ plan: RunPlan, workloads: Int) -> JSONValue {
    func byName(_ paths: [String: String]) -> JSONValue {
      .object(paths.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }
    return .object([
      ("workloads", .whole(workloads)),
      ("subjects", .list(plan.subjects.map { .text($0.name) })),
      ("reference", .text(plan.reference.name)),
      ("passes", .list(plan.passes.map { .text($0.rawValue) })),
      ("blocks", plan.blocks.count.map { .whole($0) } ?? .null),
      ("fewest_blocks", .whole(plan.blocks.fewest)),
      ("budget_ns", .nanoseconds(plan.blocks.budget)),
      ("seeds", .whole(plan.seeds)),
      ("takes_turns", .bool(plan.takesTurns)),
      ("processors", .list(plan.processors.map { .whole($0) })),
      ("native_only", .bool(plan.nativeOnly)),
      ("is_cold", .bool(plan.isCold)),
      ("settles", .bool(plan.settles)),
      ("timeout_ns", .nanoseconds(plan.timeout)),
      // 64 bits: more than a JSON number is sure to hold.
      ("memory_limit", .text(String(plan.memoryLimit))),
      ("preloads", byName(plan.preloads)),
      ("builds", byName(plan.builds)),
    ])
  }

  private static func parameters(_ parameters: [Parameter]) -> JSONValue {
    .list(parameters.map { .object([("name", .text($0.name)), ("value", .text($0.value))]) })
  }

  private static func overrides(_ overrides: WorkloadOverrides) -> JSONValue {
    .object([
      ("seed", .optional(overrides.seed.map(String.init))),
      ("threads", overrides.threads.map { .whole($0) } ?? .null),
      ("operations", .optional(overrides.operations.map(String.init))),
      ("parameters", parameters(overrides.parameters)),
    ])
  }

  private static func fit(_ fit: Fit) -> [(name: String, value: JSONValue)] {
    switch fit {
    case .native: [("how", .text(fit.word))]
    case .adapted(let list): [("how", .text(fit.word)), ("adaptations", .list(list.map { .text($0.rawValue) }))]
    case .skipped(let reason): [("how", .text(fit.word)), ("note", .text(reason))]
    }
  }

  private static func record(_ record: RunRecord?) -> JSONValue {
    guard let record else { return .null }
    var order: [String] = []
    var values: [String: [String]] = [:]
    for field in record.fields {
      if values[field.key] == nil { order.append(field.key) }
      values[field.key, default: []].append(field.value)
    }
    return .object(
      order.map { key in
        let list = values[key] ?? []
        return (key, list.count == 1 ? .text(list[0]) : .list(list.map { .text($0) }))
      })
  }

  // MARK: The sum

  private static func closed(_ name: String, _ members: [(name: String, value: JSONValue)]) -> String {
    closed([(name, .object(members))])
  }

  /// The object with the sum of its bytes as the last member, and a line break.
  private static func closed(_ members: [(name: String, value: JSONValue)]) -> String {
    withSum(String(JSONValue.object(members).line.dropLast()))
  }

  /// - Parameter open: the line up to the brace that ends it.
  static func withSum(_ open: String) -> String { open + sumStart + sum(open.utf8) + sumEnd + "\n" }

  private static let sumStart = ",\"sum\":\""
  private static let sumEnd = "\"}"
  private static let sumDigits = 16

  /// Whether a line, without its break, is as it was written; nil if it carries no sum.
  static func isSound(_ line: some BidirectionalCollection<UInt8>) -> Bool? {
    let tail = line.suffix(sumStart.utf8.count + sumDigits + sumEnd.utf8.count)
    guard tail.starts(with: sumStart.utf8), tail.suffix(sumEnd.utf8.count).elementsEqual(sumEnd.utf8) else {
      return nil
    }
    let digits = tail.dropFirst(sumStart.utf8.count).prefix(sumDigits)
    return digits.elementsEqual(sum(line.dropLast(tail.count)).utf8)
  }

  /// The bytes' 64-bit digest in hexadecimal: FNV-1a (Fowler, Noll, Vo; RFC 9923). Each step is a bijection of the
  /// state, so a single wrong byte is always found.
  private static func sum(_ bytes: some Sequence<UInt8>) -> String {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: sumDigits - digits.count) + digits
  }
}
