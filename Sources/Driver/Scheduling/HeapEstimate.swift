public import Workload

/// What a workload will keep alive and do, by expectation: Little's law, class by class and phase by phase.
public struct HeapEstimate: Equatable, Sendable {
  /// One class in one phase, over all lanes.
  public struct Entry: Equatable, Sendable {
    public var classIndex: Int
    /// Allocations in the phase.
    public var allocations: Double
    /// Objects alive towards the end of the phase.
    public var liveObjects: Double
    /// Their bytes as requested, resizes included.
    public var liveBytes: Double
  }

  /// For each phase its classes with allocations or live objects, in the order of the file.
  public var phases: [[Entry]]
  /// Nominal operations of the whole run without the drain.
  public var operations: Double

  /// Largest sum of live bytes at the end of a phase.
  public var peakLiveBytes: Double { phases.map { $0.reduce(0) { $0 + $1.liveBytes } }.max() ?? 0 }
  public var peakLiveObjects: Double { phases.map { $0.reduce(0) { $0 + $1.liveObjects } }.max() ?? 0 }

  /// - Complexity: O(phases² × classes × rows).
  public init(_ description: WorkloadDescription) {
    let classes = description.classes.map { ClassModel($0, description) }
    var history: [(allocations: Double, lanes: Double, shares: [Double])] = []
    phases = []
    operations = 0
    for phase in description.phases {
      let weights = phase.mix.reduce(0) { $0 + $1.weight }
      var shares = [Double](repeating: 0, count: classes.count)
      for share in phase.mix { shares[share.classIndex] = share.weight / weights }
      history.append((Double(phase.operations), Double(phase.threads - phase.consumers), shares))

      var entries: [Entry] = []
      for (index, model) in classes.enumerated() {
        var live = 0.0
        var after = 0.0
        for past in history.reversed() {
          live += past.lanes * model.live(share: past.shares[index], after: after, during: past.allocations)
          after += past.allocations
        }
        live = min(live, (model.bound ?? .infinity) * Double(description.lanes))
        let allocations = Double(phase.operations) * Double(phase.threads - phase.consumers) * shares[index]
        if allocations == 0, live < 0.5 { continue }
        operations += allocations * model.operationsPerAllocation
        entries.append(
          Entry(
            classIndex: index, allocations: allocations, liveObjects: live, liveBytes: live * model.meanBytes))
      }
      phases.append(entries)
    }
  }

  /// The memory that a worker needs at least, in bytes: live objects and a table entry for each.
  public var neededBytes: Double { peakLiveBytes + 16 * peakLiveObjects }
}

/// One class as Little's law sees it.
private struct ClassModel {
  var meanBytes: Double
  /// Allocate, free, resizes and visits.
  var operationsPerAllocation: Double
  /// Objects of a lane that can be alive at most, or nil.
  var bound: Double?
  private var lifetime: LifetimeModel

  private enum LifetimeModel {
    case drawn(InverseTable)
    case forever
    /// Allocations until the scope ends, and their mean square over their mean.
    case scope(length: Double, growth: Double)
    case bounded
  }

  init(_ objects: ObjectClass, _ description: WorkloadDescription) {
    let bytes = (try? objects.size.compiled(least: 1))?.mean ?? 0
    let resizes = objects.resize.map { $0.share * Double($0.times) } ?? 0
    // Seen over its life, a resized object has on average half of its growth behind it.
    let grown = objects.resize.map { resize in (0..<resize.times).reduce(1) { size, _ in size * resize.factor } } ?? 1
    meanBytes = bytes * (1 + (objects.resize?.share ?? 0) * (grown - 1) / 2)
    operationsPerAllocation = 2 + resizes + objects.access
    switch objects.lifetime {
    case .drawn(let distribution):
      lifetime = (try? distribution.compiled(least: 0)).map { .drawn($0) } ?? .bounded
    case .forever: lifetime = .forever
    case .scope(let scope):
      let length = description.meanAllocations(inScope: scope)
      lifetime = .scope(length: length.mean, growth: length.growth)
    case .fifo(let depth):
      bound = Double(depth)
      lifetime = .bounded
    case .lifo(let depth):
      bound = Double(depth)
      lifetime = .bounded
    }
  }

  /// Objects of `during` steps of one lane that are alive `after` steps later.
  func live(share: Double, after: Double, during: Double) -> Double {
    switch lifetime {
    case .forever, .bounded: share * during
    case .drawn(let table): share * (table.mean(upTo: after + during) - table.mean(upTo: after))
    // Half of the instance one looks into has passed; long instances are looked into more often.
    case .scope(_, let growth): after > 0 ? 0 : share * min(during, growth / 2)
    }
  }
}

extension WorkloadDescription {
  /// Expected allocations of a lane within one instance of a scope, and E[length²] ÷ E[length] of them, where outer
  /// scopes count what is inside.
  func meanAllocations(inScope index: Int) -> (mean: Double, growth: Double) {
    guard let table = try? scopes[index].length.compiled(least: 1) else { return (1, 1) }
    // Acyclic by the parser's word: at most one scope is inside this one.
    guard let inner = scopes.firstIndex(where: { $0.inside == index }) else {
      return (table.mean, table.meanSquare / table.mean)
    }
    let inside = meanAllocations(inScope: inner).mean
    return (table.mean * inside, table.meanSquare / table.mean * inside)
  }
}
