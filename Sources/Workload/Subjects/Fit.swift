/// Whether and how a subject can replay a workload: decided from the description, before anything is timed.
public enum Fit: Equatable, Sendable {
  case native
  /// Runs by the named adaptations; its rows carry a mark.
  case adapted([Adaptation])
  /// One reason for the user.
  case skipped(String)
}

/// An honest way to serve what a pool's own form cannot.
public enum Adaptation: String, CaseIterable, Sendable {
  /// One fixed-size pool per size class.
  case segregated
  /// One pool per lane.
  case perLane = "per-lane"
  /// Region for the classes with a scope, the worker's `malloc` for the rest.
  case mixed

  /// What a footnote says about it.
  public var explanation: String {
    switch self {
    case .segregated: "one fixed-size pool per size class"
    case .perLane: "one pool per lane"
    case .mixed: "the pool serves the classes with a scope, malloc the rest"
    }
  }
}

extension Fit {
  /// How `subject` serves `description`, by its capabilities alone.
  ///
  /// - Complexity: O(phases × classes).
  public static func of(_ subject: Subject, _ description: WorkloadDescription) -> Fit {
    let able = subject.capabilities
    let demands = Demands(description)
    var adaptations: [Adaptation] = []

    if let limit = able.largestRequest {
      let largest = demands.largestSize(description)
      if largest > limit { return .skipped("requests of up to \(largest) bytes: its largest is \(limit)") }
    }
    if !able.freesIndividually {
      if !demands.hasScopedClasses {
        return .skipped("no class ends with a scope: \(subject.base.rawValue) cannot free one by one")
      }
      if demands.hasUnscopedClasses {
        if !able.fallsBackToMalloc { return .skipped("classes without a scope: it cannot free one by one") }
        adaptations.append(.mixed)
      }
    } else if demands.handsOver, !able.freesAcrossLanes {
      return .skipped("objects are freed by other lanes: only the owner can free them")
    }
    if let limit = able.maximumAlignment, demands.largestAlignment > limit {
      return .skipped("aligned(\(demands.largestAlignment)) is beyond its largest alignment, \(limit) bytes")
    }
    if subject.base.isMalloc, subject.options.contains(.sized), demands.largestAlignment > 1 {
      return .skipped("a sized free of aligned objects needs their alignment too: run it without [sized]")
    }
    if subject.base == .threadCache, subject.choice(.profile) != "own" {
      if subject.options.contains(.sized) {
        return .skipped("its other profiles know no sized free: run it without sized")
      }
      if subject.options.contains(.huge) {
        return .skipped("its other profiles know no huge pages: run it without huge")
      }
    }
    if !able.servesAnySize, demands.hasMixedSizes {
      if !able.canBeSegregated { return .skipped("mixed sizes: it serves requests of one size only") }
      adaptations.append(.segregated)
    }
    if !able.isThreadSafe, demands.lanes > 1 { adaptations.append(.perLane) }
    return adaptations.isEmpty ? .native : .adapted(adaptations)
  }

  /// The word in the column `how`.
  public var word: String {
    switch self {
    case .native: "native"
    case .adapted: "adapted"
    case .skipped: "skipped"
    }
  }

  public var adaptations: [Adaptation] {
    if case .adapted(let list) = self { return list }
    return []
  }
}

/// What a workload asks of a pool, over all its phases.
private struct Demands {
  var lanes: Int
  var hasScopedClasses = false
  var hasUnscopedClasses = false
  var hasMixedSizes: Bool
  var handsOver = false
  var largestAlignment = 1

  init(_ description: WorkloadDescription) {
    lanes = description.lanes
    hasMixedSizes = description.onlySize == nil
    for objects in description.usedClasses {
      if case .scope = objects.lifetime { hasScopedClasses = true } else { hasUnscopedClasses = true }
      for share in objects.calls {
        if case .aligned(let bytes) = share.call { largestAlignment = max(largestAlignment, bytes) }
      }
    }
    // An object may outlive the phase it was allocated in and be handed over in a later one.
    handsOver = lanes > 1 && description.usedClasses.contains { $0.freedByOther > 0 }
  }

  /// The largest request in bytes that can be drawn or grow from one. Compiles distributions, so it is asked for only
  /// where a pool has a limit.
  func largestSize(_ description: WorkloadDescription) -> Int {
    var largest: UInt64 = 0
    for objects in description.usedClasses {
      guard let sizes = try? objects.requestedSizes() else { return .max }
      largest = max(largest, sizes.upperBound)
    }
    return Int(largest)
  }
}

extension WorkloadDescription {
  /// Replaying threads: the most that a phase wants.
  public var lanes: Int { phases.map(\.threads).max() ?? threads }

  /// Which of `classes` some phase allocates.
  public var usedClassIndices: Set<Int> { Set(phases.flatMap { phase in phase.mix.map(\.classIndex) }) }

  /// The classes that some phase allocates, in the order of the file.
  public var usedClasses: [ObjectClass] {
    let used = usedClassIndices
    return classes.indices.filter(used.contains).map { classes[$0] }
  }

  /// The size of every request in bytes if there is but one and nothing is resized, else nil.
  public var onlySize: UInt64? {
    let used = usedClasses
    guard let first = used.first?.size.onlyValue else { return nil }
    return used.allSatisfy { $0.resize == nil && $0.size.onlyValue == first } ? first : nil
  }
}

extension Distribution {
  /// The one value that can be drawn as the file's words show it, or nil if there may be several.
  public var onlyValue: UInt64? {
    if let minimum, minimum == maximum { return minimum }
    func common(_ values: [UInt64?]) -> UInt64? {
      guard let first = values.first ?? nil else { return nil }
      return values.allSatisfy { $0 == first } ? first : nil
    }
    switch shape {
    case .fixed(let value): return value
    case .uniform(let low, let high): return low == high ? low : nil
    case .choice(let entries), .histogram(_, let entries): return common(entries.map { $0.value })
    case .quantiles(let points): return common(points.map { $0.value })
    case .mixture(let parts): return common(parts.map { $0.value.onlyValue })
    case .zipf(let count, _): return count == 1 ? 1 : nil
    case .normal, .lognormal, .exponential, .geometric, .gamma, .pareto: return nil
    }
  }
}
