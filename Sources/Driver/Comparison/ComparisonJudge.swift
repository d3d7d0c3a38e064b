import Workload

/// Gives every cell its verdict.
///
/// A quantity is judged by two things together: where the 95 % interval of new ÷ base lies about the threshold, and a
/// rank test of "beyond the threshold" whose p is corrected for all tests of the comparison (Holm). Less is better in
/// every quantity, so a ratio above 1 is worse throughout.
struct ComparisonJudge {
  var thresholds: Thresholds
  var isPaired: Bool
  var inference = Inference.standard

  /// A cell before the correction, with what decides it.
  private struct Draft {
    var cell: CellComparison
    /// Where a side lies below what the clock can tell.
    var clock = ClockLimit.none
    /// p of worse and of better; nil if the cell is settled already.
    var tests: (worse: Double, better: Double)?
  }

  /// Which side's percentile is below what the clock can tell.
  private enum ClockLimit { case none, base, new, both }

  /// - Returns: the workloads with their cells, worst first, and how many tests the correction counted.
  func judge(_ matches: [WorkloadMatch]) -> (workloads: [WorkloadComparison], tests: Int) {
    var drafts = matches.map { match in match.cells.flatMap { self.drafts($0, match) } }
    let raw = drafts.joined().compactMap(\.tests).flatMap { [$0.worse, $0.better] }
    var adjusted = inference.adjusted(raw)[...]
    for workload in drafts.indices {
      for index in drafts[workload].indices where drafts[workload][index].tests != nil {
        drafts[workload][index].tests = (adjusted.removeFirst(), adjusted.removeFirst())
      }
    }
    let workloads = zip(matches, drafts).map { match, drafts in
      WorkloadComparison(
        name: match.name,
        cells: drafts.map { decided($0, tests: raw.count) }.sorted(by: Self.isWorse), control: control(match))
    }
    return (workloads.filter { !$0.cells.isEmpty }, raw.count)
  }

  /// By verdict, then by ratio, then by name.
  private static func isWorse(_ one: CellComparison, _ other: CellComparison) -> Bool {
    if one.verdict != other.verdict { return one.verdict.rank < other.verdict.rank }
    // A cell that lost its figures stands above all ratios.
    let (left, right) = (one.estimate?.ratio ?? .infinity, other.estimate?.ratio ?? .infinity)
    return left == right ? one.name < other.name : left > right
  }

  // MARK: Before the correction

  private func drafts(_ match: CellMatch, _ workload: WorkloadMatch) -> [Draft] {
    func whole(_ verdict: Verdict, _ reason: String, wantsBlocks: Bool = false) -> [Draft] {
      var cell = CellComparison(workload: workload.name, subject: match.subject, verdict: verdict, reason: reason)
      cell.baseWay = match.base?.way
      cell.newWay = match.new?.way
      cell.wantsBlocks = wantsBlocks
      return [Draft(cell: cell)]
    }
    let base = CellPresence(match.base?.cell)
    let new = CellPresence(match.new?.cell)
    switch (base, new) {
    case (.absent, .absent), (.skipped, .skipped), (.skipped, .absent), (.absent, .skipped): return []
    case (.figures, .absent): return whole(.regressed, "missing in NEW")
    case (.figures, .skipped(let reason)): return whole(.regressed, "skipped in NEW: \(reason)")
    case (.figures, .failed(let reason)): return whole(.regressed, "failed in NEW: \(reason)")
    // Of one file an interruption strikes both sides alike.
    case (.figures, .unmeasured) where !isPaired: return whole(.regressed, "missing in NEW (interrupted)")
    case (.failed(let reason), .figures): return whole(.failed, "in BASE alone: \(reason)")
    case (.failed(let reason), .failed): return whole(.failed, "on both sides: \(reason)")
    case (.failed(let reason), _): return whole(.failed, "in BASE, and NEW has no figures: \(reason)")
    case (_, .failed(let reason)): return whole(.failed, "in NEW, and BASE has no figures: \(reason)")
    case (.figures, .unmeasured), (.unmeasured, _):
      return whole(.noVerdict, "interrupted before it was measured", wantsBlocks: true)
    case (.absent, _): return whole(.added, "only in NEW")
    case (.skipped, _): return whole(.added, "skipped in BASE")
    case (.figures, .figures):
      guard let base = match.base.map(side), let new = match.new.map(side) else { return [] }
      return thresholds.quantities.compactMap { draft($0, match.subject, workload.name, base, new) }
    }
  }

  /// A measured cell.
  private struct Side {
    var workload: WorkloadResult
    var cell: CellResult
    /// Of the cell, for what only latency and memory are asked; nil if neither is judged.
    var summary: CellSummary?
  }

  private func side(_ place: CellMatch.Place) -> Side {
    let needsSummary = thresholds.quantities.contains { $0.metric.pass != .throughput }
    let summary =
      needsSummary ? CellSummary(place.cell, of: place.workload, reference: place.cell.subject) : nil
    return Side(workload: place.workload, cell: place.cell, summary: summary)
  }

  /// Nil where neither side has the quantity.
  private func draft(
    _ quantity: Quantity, _ subject: String, _ workload: String, _ base: Side, _ new: Side
  ) -> Draft? {
    guard let threshold = thresholds[quantity.metric] else { return nil }
    var cell = CellComparison(workload: workload, subject: subject, quantity: quantity, verdict: .noVerdict)
    cell.threshold = threshold
    cell.baseVersion = base.cell.version
    cell.newVersion = new.cell.version
    cell.baseWay = CellComparison.Way(subject: base.cell.subject, fit: base.cell.fit)
    cell.newWay = CellComparison.Way(subject: new.cell.subject, fit: new.cell.fit)
    let values = Observations(quantity, base: base.cell, new: new.cell, isPaired: false)
    cell.base = Sample(values.base)?.median
    cell.new = Sample(values.new)?.median
    cell.baseBlocks = values.base.count
    cell.newBlocks = values.new.count
    if values.base.isEmpty || values.new.isEmpty {
      return oneSided(cell, quantity, base, new)
    }

    let shared = isPaired ? Observations(quantity, base: base.cell, new: new.cell, isPaired: true) : values
    guard shared.arePositive else {
      cell.reason = "0 on a side: there is no ratio"
      return Draft(cell: cell)
    }
    cell.estimate = shared.blocks > 1 ? shared.estimate(inference, seed: Self.seed(workload, cell.name)) : nil
    let clock = clockLimit(quantity, base, new)
    if clock == .both {
      cell.reason = "below what the clock can tell"
    } else if quantity.metric.pass == .memory, !thresholds.asked.contains(quantity.metric), isSmall(base, new) {
      cell.reason = "under 64 MiB of peak live bytes; --threshold \(quantity.metric.rawValue)=… judges it all the same"
    } else if shared.blocks < StoppingRule.fewestForVerdict {
      let fewest = StoppingRule.fewestForVerdict
      cell.reason = "\(shared.blocks) of the \(fewest) blocks that a verdict needs; --blocks \(fewest) measures them"
      cell.wantsBlocks = true
    } else if cell.estimate == nil {
      cell.reason = "no interval can be given"
    } else {
      return Draft(
        cell: cell, clock: clock,
        tests: (shared.worse(than: threshold, inference), shared.better(than: threshold, inference)))
    }
    return Draft(cell: cell)
  }

  /// A quantity that one side or none has.
  private func oneSided(
    _ cell: CellComparison, _ quantity: Quantity, _ base: Side, _ new: Side
  ) -> Draft? {
    if cell.baseBlocks == 0, cell.newBlocks == 0 { return nil }
    var cell = cell
    let pass = quantity.metric.pass
    // What the system does not count, or nobody asked for, is no fault of the subject's.
    let other = cell.baseBlocks == 0 ? base : new
    let wasMeasured = other.workload.cells.contains { cell in
      cell.measured(pass).contains { $0.value(of: quantity) != nil }
    }
    if isPaired {
      // The blocks hold both sides, unless the last was cut short.
      cell.reason = "not measured in \(cell.baseBlocks == 0 ? "BASE" : "NEW")"
      cell.wantsBlocks = true
    } else if cell.baseBlocks == 0 {
      cell.verdict = .added
      cell.reason = "only in NEW"
    } else if wasMeasured {
      cell.verdict = .regressed
      cell.reason = "missing in NEW"
    } else {
      cell.reason = "not measured in NEW"
      cell.wantsBlocks = true
    }
    return Draft(cell: cell)
  }

  private func isSmall(_ base: Side, _ new: Side) -> Bool {
    [base, new].contains { $0.summary?.isSmallHeap ?? false }
  }

  private func clockLimit(_ quantity: Quantity, _ base: Side, _ new: Side) -> ClockLimit {
    guard let kind = quantity.kind, let percentile = quantity.percentile else { return .none }
    let limits = [base, new].map { $0.summary?.isBelowClock(kind, percentile) ?? false }
    return limits[0] ? (limits[1] ? .both : .base) : limits[1] ? .new : .none
  }

  /// The same for the same cell whatever else is compared.
  private static func seed(_ workload: String, _ cell: String) -> UInt64 {
    var digest = StreamDigest()
    for byte in (workload + "\n" + cell).utf8 { digest.combine(UInt64(byte)) }
    return digest.value
  }

  // MARK: After the correction

  private func decided(_ draft: Draft, tests count: Int) -> CellComparison {
    var cell = draft.cell
    guard let tests = draft.tests, let estimate = cell.estimate, let threshold = cell.threshold else { return cell }
    cell.worse = tests.worse
    cell.better = tests.better
    cell.detectable = MinimumDetectable.change(estimate, threshold: threshold)
    let (low, high) = (estimate.interval.lowerBound, estimate.interval.upperBound)
    func byTest(_ verdict: Verdict, _ p: Double) {
      if p <= Inference.significance {
        cell.verdict = verdict
      } else {
        cell.verdict = .inconclusive
        let side = verdict == .regressed ? "worse" : "better"
        cell.reason = "the whole interval is \(side), but over \(count) tests p is \(Units.fixed(p, 2))"
      }
    }
    if low > 1 + threshold {
      byTest(.regressed, tests.worse)
    } else if high < 1 - threshold {
      byTest(.improved, tests.better)
    } else if low >= 1 - threshold, high <= 1 + threshold {
      cell.verdict = .same
    } else {
      cell.verdict = .inconclusive
    }
    // The clock's own cost is in both figures and draws their ratio towards 1: what is above it on one side alone has
    // changed at least as much as it seems, and of all else nothing can be said.
    switch (draft.clock, cell.verdict) {
    case (.none, _), (.base, .regressed), (.new, .improved): break
    default:
      cell.verdict = .noVerdict
      cell.reason = "below what the clock can tell in \(draft.clock == .base ? "BASE" : "NEW")"
    }
    if cell.verdict == .inconclusive {
      cell.blocksToDecide = BlocksToDecide.count(
        estimate, threshold: threshold, tests: count, isPaired: isPaired)
    }
    return cell
  }

  /// The harness's own time on both sides.
  private func control(_ match: WorkloadMatch) -> RatioEstimate? {
    guard !isPaired, let base = match.base?.cell(Subject(.null)), let new = match.new?.cell(Subject(.null)) else {
      return nil
    }
    let values = Observations(Quantity(.throughput), base: base, new: new, isPaired: false)
    guard values.blocks > 1, values.arePositive else { return nil }
    return values.estimate(inference, seed: Self.seed(match.name, "null"))
  }
}
