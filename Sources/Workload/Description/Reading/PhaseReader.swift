/// Reads the `[phase P]` sections, or makes the one phase of a file that has none.
struct PhaseReader {
  let context: ReadingContext
  let classes: [ObjectClass]
  let overrides: WorkloadOverrides
  /// The workload's lanes, `--threads` applied.
  let threads: Int
  /// Allocations per lane of phases that don't say.
  let operations: UInt64

  /// Allocations of a workload that doesn't say.
  static let standardOperations: UInt64 = 1_000_000
  /// Most allocations of a lane in a phase.
  static let largestOperations: UInt64 = 1_000_000_000_000_000

  /// The end of a phase, as `at-end` names it.
  private enum End: String, CaseIterable {
    case keep, free
  }

  func readAll(_ sections: SectionReader) -> [Phase] {
    if sections.phases.isEmpty {
      return [
        Phase(name: Phase.standardName, operations: operations, threads: threads, mix: standardMix)
      ]
    }
    return sections.phases.map(phase)
  }

  private func phase(_ section: Section) -> Phase {
    var result = Phase(name: section.name, operations: operations, threads: threads, mix: [])
    result.operations = context.count(section, .operations, in: 1...Self.largestOperations) ?? operations
    if let entry = section[.threads] {
      if overrides.threads != nil {
        context.diagnostics.error(
          "--threads can't replace the number of lanes that a phase gives; use a parameter and --set", at: entry.span)
      }
      let range = 1...UInt64(WorkloadDescription.largestThreads)
      result.threads = context.count(section, .threads, in: range).map { Int($0) } ?? threads
    }
    result.consumers = consumers(section, threads: result.threads)
    result.mix = mix(section)
    result.rate = rate(section)
    result.threadLife = threadLife(section)
    if let entry = section[.atEnd] {
      result.freesAtEnd = (context.keyword(entry, for: .atEnd) as End?) == .free
    }
    if let entry = section[.pause], let primary = context.single(entry, for: .pause) {
      result.pauseNanoseconds = context.whole(primary, .nanoseconds, in: 0...Self.longestPause) ?? 0
    }
    return result
  }

  /// A day.
  private static let longestPause: UInt64 = 86_400_000_000_000

  private func consumers(_ section: Section, threads: Int) -> Int {
    guard let entry = section[.consumers],
      let consumers = context.count(section, .consumers, in: 0...UInt64(WorkloadDescription.largestThreads))
    else { return 0 }
    if consumers >= UInt64(threads) {
      context.diagnostics.error(
        "consumers must be fewer than the phase's threads (\(threads)), so that a lane is left to allocate",
        at: entry.span)
      return 0
    }
    return Int(consumers)
  }

  private func mix(_ section: Section) -> [ClassShare] {
    guard let entry = section[.mix] else { return standardMix }
    guard let items = context.items(of: entry),
      let list = context.namesWithShares(items, example: "session 60%, scratch 40%")
    else { return [] }
    let names = classes.map(\.name)
    var indices: [Int?] = []
    var seen: Set<Int> = []
    for pair in list {
      let index = context.word(pair.value, among: names, noun: "a class").flatMap { names.firstIndex(of: $0) }
      if let index, !seen.insert(index).inserted {
        context.error("class \(pair.value.shown) stands in the mix already", at: pair.value)
      }
      indices.append(index)
    }
    guard let weights = context.weighted(list, span: entry.span) else { return [] }
    return weights.compactMap { entry in indices[entry.value].map { ClassShare(classIndex: $0, weight: entry.weight) } }
  }

  /// All classes by their `share`.
  private var standardMix: [ClassShare] {
    classes.enumerated().compactMap { $1.share > 0 ? ClassShare(classIndex: $0, weight: $1.share) : nil }
  }

  private func rate(_ section: Section) -> Double? {
    guard let entry = section[.rate], let primary = context.single(entry, for: .rate) else { return nil }
    var number = primary
    switch primary.form {
    case .per("s"): number.form = .word
    case .per:
      context.error("\(primary.shown): rates are per second; write '\(primary.text)/s'", at: primary)
      return nil
    case .word where primary.text.unicodeScalars.first.map { "0"..."9" ~= $0 } ?? false:
      context.error("\(primary.shown) is not a rate; write '\(primary.text)/s'", at: primary)
      return nil
    default:
      context.error("\(primary.shown) is not a rate, such as 500K/s", at: primary)
      return nil
    }
    guard let rate = context.real(number, .count, upTo: 1e9) else { return nil }
    if rate < 0.001 {
      context.error("\(primary.shown) is too slow: at least 0.001/s", at: primary)
      return nil
    }
    return rate
  }

  private func threadLife(_ section: Section) -> UInt64? {
    guard let entry = section[.threadLife], let primary = context.single(entry, for: .threadLife),
      primary.word != "off"
    else { return nil }
    return context.whole(primary, .count, in: 1...Self.largestOperations)
  }
}

extension Phase {
  /// Of a description without `[phase]` sections.
  static let standardName = "main"
}
