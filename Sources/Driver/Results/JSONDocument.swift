import Workload

/// A result set as one JSON document.
///
/// ```
/// { "schema": "poolbench-results", "version": 1, "poolbench": …, "date": …, "arguments": […], "machine": {…},
///   "workloads": [ { "name": …, "text": …, "cells": [ { "subject": …, "how": …, "runs": [ {…} ] } ] } ] }
/// ```
/// A run carries the columns of the CSV that it fills, under the same names, and in `record` the worker's own lines
/// by key: a text, or a list where a key stands more than once.
public enum JSONDocument {
  public static let schema = "poolbench-results"
  /// Raised when a name goes or changes its meaning; new names alone do not raise it.
  public static let version = 1

  /// The whole document around the texts of its workloads, each as ``workload(_:)`` gives it.
  public static func text(_ results: ResultSet, workloads: [String]) -> String {
    let head = JSONValue.object([
      ("schema", .text(schema)),
      ("version", .whole(version)),
      ("poolbench", .object([("version", .text(results.tool.version)), ("commit", .optional(results.tool.commit))])),
      ("date", .text(results.date)),
      ("arguments", .list(results.arguments.map { .text($0) })),
      ("machine", machine(results.machine)),
    ])
    let body = workloads.isEmpty ? "[]" : "[\n    " + workloads.joined(separator: ",\n    ") + "\n  ]"
    // The head ends with a line break and its brace.
    return head.text().dropLast(2) + ",\n  \"workloads\": " + body + "\n}\n"
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

  /// One member of the list `workloads`.
  public static func workload(_ workload: WorkloadResult) -> String {
    func named(_ parameters: [Parameter]) -> JSONValue {
      .object(parameters.map { ($0.name, .text($0.value)) })
    }
    return JSONValue.object([
      ("name", .text(workload.name)),
      ("description", .optional(workload.summary)),
      ("setting", named(workload.setting)),
      (
        "overrides",
        .object([
          ("seed", .optional(workload.overrides.seed.map(String.init))),
          ("threads", workload.overrides.threads.map { .whole($0) } ?? .null),
          ("operations", workload.overrides.operations.map { .whole(Int(clamping: $0)) } ?? .null),
          ("parameters", named(workload.overrides.parameters)),
        ])
      ),
      ("lanes", .whole(workload.lanes)),
      // 64 bits: more than a JSON number is sure to hold.
      ("seed", .text(String(workload.seed))),
      ("stream_digest", .optional(workload.streamDigest)),
      ("cells", .list(workload.cells.map { cell(workload, $0) })),
      ("text", .text(workload.text)),
    ]).text(indent: 4)
  }

  private static func cell(_ workload: WorkloadResult, _ cell: CellResult) -> JSONValue {
    .object([
      ("subject", .text(cell.subject.name)),
      ("version", .text(cell.version)),
      ("how", .text(cell.fit.word)),
      ("adaptations", .list(cell.fit.adaptations.map { .text($0.rawValue) })),
      ("status", .text(cell.status.words)),
      ("note", .text(cell.status.note)),
      ("runs", .list(cell.runs.map { run(workload, cell, $0) })),
    ])
  }

  /// Columns that stand in the workload or the cell already.
  private static let outside: Set = [
    "workload", "subject", "version", "how", "lanes", "seed", "setting", "adaptation",
  ]

  private static func run(_ workload: WorkloadResult, _ cell: CellResult, _ run: RunResult) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = []
    for (name, value) in zip(Columns.names, Columns.row(workload, cell, run)) where !outside.contains(name) {
      switch value {
      case .none: continue
      case .text(let text): members.append((name, .text(text)))
      case .whole(let number): members.append((name, .whole(number)))
      case .number(let number): members.append((name, .number(number)))
      }
    }
    members.append(("record", raw(run.record)))
    return .object(members)
  }

  private static func raw(_ record: RunRecord?) -> JSONValue {
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
}
