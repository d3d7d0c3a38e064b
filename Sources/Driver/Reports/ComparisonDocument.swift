import Workload

/// A comparison as one JSON document.
///
/// ```
/// { "schema": "poolbench-comparison", "version": 1, "verdict": …, "counts": {…}, "base": {…}, "new": {…},
///   "paired": …, "workloads": [ { "name": …, "cells": [ {…} ] } ] }
/// ```
/// Changes, intervals and thresholds are in percent, above 0 being worse; values are in nanoseconds or bytes.
enum ComparisonDocument {
  static let schema = "poolbench-comparison"
  /// Raised when a name goes or changes its meaning; new names alone do not raise it.
  static let version = 1

  static func text(_ comparison: Comparison) -> String {
    let order: [Verdict] = [.regressed, .failed, .inconclusive, .improved, .same, .added]
    let overall = order.first { comparison.count($0) > 0 }
    return JSONValue.object([
      ("schema", .text(schema)), ("version", .whole(version)), ("verdict", .text((overall ?? .noVerdict).rawValue)),
      ("counts", .object(Verdict.allCases.map { ($0.rawValue, .whole(comparison.count($0))) })),
      ("base", side(comparison.base)), ("new", side(comparison.new)), ("paired", .bool(comparison.isPaired)),
      (
        "thresholds_percent",
        .object(
          Metric.allCases.compactMap { metric in
            comparison.thresholds[metric].map { (metric.rawValue, .number($0 * 100)) }
          })
      ),
      ("tests", .whole(comparison.tests)), ("warnings", .list(comparison.warnings.map { .text($0) })),
      ("blocks_to_decide", comparison.blocksToDecide.map { .whole($0) } ?? .null),
      ("workloads", .list(comparison.workloads.map(workload))),
    ]).text() + "\n"
  }

  private static func side(_ side: Comparison.Side) -> JSONValue {
    .object([
      ("name", .text(side.label)), ("date", .text(side.date)),
      ("poolbench", .object([("version", .text(side.tool.version)), ("commit", .optional(side.tool.commit))])),
    ])
  }

  private static func workload(_ workload: WorkloadComparison) -> JSONValue {
    .object([
      ("name", .text(workload.name)),
      // The same harness on both sides: what it changed by is the machine's doing.
      ("control", workload.control.map { .object(figures($0)) } ?? .null),
      ("cells", .list(workload.cells.map(cell))),
    ])
  }

  private static func cell(_ cell: CellComparison) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    func percent(_ share: Double?) -> JSONValue { number(share.map { $0 * 100 }) }
    return .object(
      [
        ("subject", .text(cell.subject)), ("quantity", .optional(cell.quantity?.column)),
        ("verdict", .text(cell.verdict.rawValue)), ("reason", .text(cell.reason)), ("base", number(cell.base)),
        ("new", number(cell.new)), ("base_blocks", .whole(cell.baseBlocks)), ("new_blocks", .whole(cell.newBlocks)),
        ("base_version", .text(cell.baseVersion)), ("new_version", .text(cell.newVersion)),
        ("base_how", .optional(cell.baseWay?.fit.word)), ("new_how", .optional(cell.newWay?.fit.word)),
        ("threshold_percent", percent(cell.threshold)),
      ] + (cell.estimate.map(figures) ?? []) + [
        ("p_worse", number(cell.worse)), ("p_better", number(cell.better)),
        ("detectable_percent", percent(cell.detectable)),
        ("blocks_to_decide", cell.blocksToDecide.map { .whole($0) } ?? .null),
      ])
  }

  private static func figures(_ estimate: RatioEstimate) -> [(name: String, value: JSONValue)] {
    [
      ("change_percent", .number((estimate.ratio - 1) * 100)),
      ("lower_percent", .number((estimate.interval.lowerBound - 1) * 100)),
      ("upper_percent", .number((estimate.interval.upperBound - 1) * 100)),
      // Of the logarithm of the ratio: what the blocks of equal things would scatter by.
      ("noise_percent", .number(estimate.standardError * 100)), ("blocks", .whole(estimate.blocks)),
      ("outliers", .whole(estimate.outliers)),
    ]
  }
}
