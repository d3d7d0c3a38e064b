public import Workload

// A second generator of operation streams, written from "The stream, exactly" in workloads/README.md and from nothing
// else: arrays and linear scans, O(operations × live objects). It stands beside the engine's fast one as its judge,
// and shares with it only what the text itself names: Xoshiro256, Chance, InverseTable.draw, Operation.encode.

/// What the text says a description's stream is.
public struct NaiveStream {
  public var lanes: [Lane]
  public var variants: [Variant]

  public struct Lane: Equatable {
    /// One list per phase of the description; empty where the lane is parked or consumes.
    public var phases: [[Operation]]
    public var drain: [Operation]
  }
}

extension NaiveStream {
  /// The words of one lane's phase.
  public func words(lane: Int, phase: Int) -> [UInt64] { encoded(lanes[lane].phases[phase]) }

  /// The words of one lane's drain.
  public func drainWords(lane: Int) -> [UInt64] { encoded(lanes[lane].drain) }

  /// Digest of a lane's words: its phases in order, then its drain.
  public func digest(lane: Int) -> UInt64 {
    var digest = StreamDigest()
    for phase in lanes[lane].phases.indices {
      for word in words(lane: lane, phase: phase) { digest.combine(word) }
    }
    for word in drainWords(lane: lane) { digest.combine(word) }
    return digest.value
  }

  /// Digest of the whole stream.
  public var digest: UInt64 { combinedDigest(lanes.indices.map { digest(lane: $0) }) }

  /// Nominal operations of all lanes in their phases.
  public var counts: NominalCounts { NominalCounts(lanes.flatMap(\.phases).joined()) }

  /// Nominal operations of all lanes in the drain.
  public var drainCounts: NominalCounts { NominalCounts(lanes.flatMap(\.drain)) }

  private func encoded(_ operations: [Operation]) -> [UInt64] {
    var words: [UInt64] = []
    for operation in operations { operation.encode(into: &words, variants: variants) }
    return words
  }
}

/// One digest for all lanes: of their digests, in the order of the lanes.
public func combinedDigest(_ laneDigests: [UInt64]) -> UInt64 {
  var digest = StreamDigest()
  for laneDigest in laneDigests { digest.combine(laneDigest) }
  return digest.value
}

/// How many nominal operations of each kind there are.
public struct NominalCounts: Equatable {
  public var allocations = 0
  public var frees = 0
  public var handOvers = 0
  public var resizes = 0
  public var accesses = 0

  public var total: Int { allocations + frees + handOvers + resizes + accesses }

  public init(allocations: Int = 0, frees: Int = 0, handOvers: Int = 0, resizes: Int = 0, accesses: Int = 0) {
    self.allocations = allocations
    self.frees = frees
    self.handOvers = handOvers
    self.resizes = resizes
    self.accesses = accesses
  }

  public init(_ operations: some Sequence<Operation>) {
    for operation in operations {
      switch operation {
      case .allocate: allocations += 1
      case .free: frees += 1
      case .handOver: handOvers += 1
      case .resize: resizes += 1
      case .access: accesses += 1
      case .scopeBegin, .scopeEnd, .mailbox, .due, .mark, .threadEnd: break
      }
    }
  }
}

/// The stream of `description`, as the text has it.
///
/// - Parameter compile: turns a distribution into its table; its second argument is the least value that makes sense.
public func naiveStream(
  _ description: WorkloadDescription,
  compile: (Distribution, UInt64) throws -> InverseTable = { try $0.compiled(least: $1) }
) throws -> NaiveStream {
  let tables = try NaiveTables(description, compile: compile)
  let laneCount = description.phases.map(\.threads).max() ?? 0
  return NaiveStream(
    lanes: (0..<laneCount).map { number in
      var lane = NaiveLane(number: number, description: description, tables: tables)
      let phases = description.phases.indices.map { lane.play(phase: $0) }
      return NaiveStream.Lane(phases: phases, drain: lane.drain())
    },
    variants: description.variants)
}

/// All that is drawn from by table, compiled.
struct NaiveTables {
  /// By class.
  var sizes: [InverseTable]
  var lifetimes: [InverseTable?]
  var calls: [InverseTable]
  /// By scope.
  var lengths: [InverseTable]
  /// By phase.
  var mixes: [InverseTable]

  init(_ description: WorkloadDescription, compile: (Distribution, UInt64) throws -> InverseTable) throws {
    sizes = try description.classes.map { try compile($0.size, $0.size.minimum == 0 ? 0 : 1) }
    lifetimes = try description.classes.map { objects in
      guard case .drawn(let lifetime) = objects.lifetime else { return nil }
      return try compile(lifetime, 0)
    }
    calls = description.classes.map { indexTable(weights: $0.calls.map(\.weight)) }
    lengths = try description.scopes.map { try compile($0.length, 1) }
    mixes = description.phases.map { indexTable(weights: $0.mix.map(\.weight)) }
  }
}

/// A table over the indices 0, 1, … with these relative weights.
public func indexTable(weights: [Double]) -> InverseTable {
  InverseTable(weighted: weights.enumerated().map { Weighted(UInt64($0.offset), weight: $0.element) })
}
