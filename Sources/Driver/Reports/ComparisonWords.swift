/// The sentences that several formats share.
struct ComparisonWords {
  var comparison: Comparison

  init(_ comparison: Comparison) { self.comparison = comparison }

  /// `2 regressed, 30 same, 3 inconclusive (the smallest change these could have shown: 3.1 %)`.
  var summary: String {
    let order: [(Verdict, String)] = [
      (.regressed, "regressed"), (.failed, "failed"), (.improved, "improved"), (.same, "same"),
      (.inconclusive, "inconclusive"), (.noVerdict, "without a verdict"), (.added, "only in NEW"),
    ]
    let parts = order.compactMap { verdict, words -> String? in
      let count = comparison.count(verdict)
      guard count > 0 || verdict == .regressed else { return nil }
      var part = count > 0 ? "\(count) \(words)" : comparison.decidesSomething ? "nothing regressed" : "nothing decided"
      if verdict == .inconclusive, let change = comparison.smallestDetectable {
        part += " (the smallest change these could have shown: \(Self.share(change)))"
      }
      return part
    }
    return parts.joined(separator: ", ")
  }

  /// What the verdicts rest on, a sentence each.
  var method: [String] {
    let correction = comparison.tests > 0 ? ", corrected over \(comparison.tests) tests" : ""
    let pairing =
      comparison.isPaired
      ? "paired: NEW ÷ BASE block by block; signed-rank tests\(correction)"
      : "unpaired: the files share no block, so what changed on the machine between them counts too; Mann–Whitney tests"
        + correction
    return [pairing, "tolerated: \(comparison.thresholds.words)"]
  }

  /// What the reader has to know or do besides.
  var advice: [String] {
    var list: [String] = []
    if comparison.count(.inconclusive) > 0 {
      if let blocks = comparison.blocksToDecide {
        list.append("inconclusive: by the spread seen, --blocks \(blocks) would decide what can be decided")
      } else {
        let most = BlocksToDecide.most
        list.append(
          "inconclusive: by the spread seen, not even \(most) blocks would decide: what changed is too close to the "
            + "threshold, or the noise too large; another --threshold or a calmer machine may"
        )
      }
    }
    for (name, versions) in versionChanges {
      list.append("\(name) is \(versions.base) in BASE, \(versions.new) in NEW")
    }
    for workload in comparison.workloads {
      guard let control = workload.control, let limit = comparison.thresholds[.throughput],
        control.interval.lowerBound > 1 + limit || control.interval.upperBound < 1 - limit
      else { continue }
      let change = CellComparison.percent(control.ratio - 1)
      list.append("\(workload.name): the harness's own time changed by \(change): the machine is not what it was")
    }
    let outliers = comparison.cells.reduce(0) { $0 + ($1.estimate?.outliers ?? 0) }
    if outliers > 0 {
      list.append(
        "\(outliers) \(outliers == 1 ? "value lies" : "values lie") far outside the others and count like them")
    }
    return list
  }

  /// Libraries that are not of the same version on both sides.
  private var versionChanges: [(String, (base: String, new: String))] {
    var list: [(String, (base: String, new: String))] = []
    for cell in comparison.cells where !cell.baseVersion.isEmpty && !cell.newVersion.isEmpty {
      guard cell.baseVersion != cell.newVersion, !list.contains(where: { $0.0 == cell.subject }) else { continue }
      list.append((cell.subject, (cell.baseVersion, cell.newVersion)))
    }
    return list
  }

  /// Each side's origin: `BASE  old.json, 2026-01-02T03:04:05Z, poolbench 0.1.0`.
  var sides: [String] {
    [("BASE", comparison.base), ("NEW ", comparison.new)].map { name, side in
      "\(name)  \(side.label), \(side.date), poolbench \(side.tool.words)"
    }
  }

  /// `3.1 %`.
  static func share(_ value: Double) -> String { Units.fixed(value * 100, 1) + " %" }
}
