import Workload

/// A description compiled for generating: plain values in mapped memory, read by all lanes, changed by none.
struct StreamPlan {
  enum LifetimeKind: UInt8, BitwiseCopyable { case drawn, forever, scope, fifo, lifo }

  struct ClassPlan: BitwiseCopyable {
    var size: Sampler
    var lifetime: LifetimeKind
    /// Of drawn lifetimes; elsewhere unused.
    var life: Sampler
    /// Of fifo and lifo.
    var depth: UInt64
    /// Of scope lifetimes.
    var scope: Int
    /// Index of the way of asking, counted from `firstVariant`.
    var call: Sampler
    var firstVariant: Int
    var isResized: Chance
    var resizeFactor: Double
    var resizeTimes: UInt64
    var isFreedByOther: Chance
    var access: Double
    var isWrite: Chance
  }

  struct PhasePlan: BitwiseCopyable {
    var operations: UInt64
    var threads: Int
    var consumers: Int
    /// Index into `classes` of this phase.
    var mix: Sampler
    var classes: UnsafeMutablePointer<Int>
    /// Nanoseconds between two allocations of a lane, or 0.
    var interval: Double
    var threadLife: UInt64
    var freesAtEnd: Bool
    var lanesReceive: Bool
    var pauseNanoseconds: UInt64

    var producers: Int { threads - consumers }

    /// The lane that frees what `lane` hands over, or nil if nobody but itself can.
    @inline(__always)
    func receiver(of lane: Int) -> Int? {
      if consumers > 0 { return threads &- consumers &+ lane % consumers }
      return threads > 1 ? (lane &+ 1) % threads : nil
    }
  }

  struct ScopePlan: BitwiseCopyable {
    var length: Sampler
    /// The scope that holds this one, or −1.
    var outer: Int
    /// The scope inside this one, or −1.
    var inner: Int
  }

  let seed: UInt64
  let classes: MappedArray<ClassPlan>
  let phases: MappedArray<PhasePlan>
  let scopes: MappedArray<ScopePlan>
  /// Scopes that are in no other, in the order of the file.
  let roots: MappedArray<Int>
  /// Whether the compact `allocate` stands for a variant, and its class.
  let variantIsPlain: MappedArray<Bool>
  let variantClass: MappedArray<Int>
  /// Lanes of the widest phase.
  let lanes: Int
  let hasResizes: Bool

  /// The scope that holds no other, of those in `root`.
  func innermost(_ root: Int) -> Int {
    var scope = root
    while scopes[scope].inner >= 0 { scope = scopes[scope].inner }
    return scope
  }

  /// - Throws: `DistributionError` where a distribution leaves nothing to draw.
  init(_ description: WorkloadDescription) throws(DistributionError) {
    seed = description.seed
    lanes = description.phases.map(\.threads).max() ?? 1
    hasResizes = description.classes.contains { $0.resize != nil }

    let nothing = Sampler(InverseTable.certain)
    var classes = MappedArray<ClassPlan>(capacity: description.classes.count)
    var firstVariant = 0
    for objects in description.classes {
      var kind = LifetimeKind.forever
      var life = nothing
      var depth: UInt64 = 0
      var scope = -1
      switch objects.lifetime {
      case .forever: break
      case .drawn(let distribution):
        kind = .drawn
        life = Sampler(try distribution.compiled(least: 0))
      case .scope(let index):
        kind = .scope
        scope = index
      case .fifo(let d):
        kind = .fifo
        depth = d
      case .lifo(let d):
        kind = .lifo
        depth = d
      }
      classes.append(
        ClassPlan(
          size: Sampler(try objects.size.compiled(least: objects.size.minimum == 0 ? 0 : 1)), lifetime: kind,
          life: life, depth: depth, scope: scope,
          call: Sampler(InverseTable(weights: objects.calls.map(\.weight))), firstVariant: firstVariant,
          isResized: Chance(objects.resize?.share ?? 0), resizeFactor: objects.resize?.factor ?? 1,
          resizeTimes: UInt64(objects.resize?.times ?? 0), isFreedByOther: Chance(objects.freedByOther),
          access: objects.access, isWrite: Chance(objects.write)))
      firstVariant += objects.calls.count
    }
    self.classes = classes

    let handsOver = description.classes.contains { $0.freedByOther > 0 }
    var phases = MappedArray<PhasePlan>(capacity: description.phases.count)
    for phase in description.phases {
      phases.append(
        PhasePlan(
          operations: phase.operations, threads: phase.threads, consumers: phase.consumers,
          mix: Sampler(InverseTable(weights: phase.mix.map(\.weight))),
          classes: MappedArray(phase.mix.map(\.classIndex)).base, interval: phase.rate.map { 1e9 / $0 } ?? 0,
          threadLife: phase.threadLife ?? 0, freesAtEnd: phase.freesAtEnd,
          lanesReceive: handsOver && phase.threads > 1 && phase.consumers == 0,
          pauseNanoseconds: phase.pauseNanoseconds))
    }
    self.phases = phases

    var scopes = MappedArray<ScopePlan>(capacity: description.scopes.count)
    for scope in description.scopes {
      scopes.append(
        ScopePlan(length: Sampler(try scope.length.compiled(least: 1)), outer: scope.inside ?? -1, inner: -1))
    }
    for (index, scope) in description.scopes.enumerated() {
      if let outer = scope.inside { scopes.base[outer].inner = index }
    }
    self.scopes = scopes
    roots = MappedArray(description.scopes.indices.filter { description.scopes[$0].inside == nil })

    let variants = description.variants
    variantIsPlain = MappedArray(variants.map(\.isPlain))
    variantClass = MappedArray(variants.map(\.classIndex))
  }

  /// Allocations of one lane over all phases.
  func allocations(of lane: Int) -> UInt64 {
    var sum: UInt64 = 0
    for phase in 0..<phases.count where lane < phases[phase].producers { sum += phases[phase].operations }
    return sum
  }

  func markInterval(of lane: Int) -> UInt64 { max(1, allocations(of: lane) / 256) }
}

extension InverseTable {
  /// Only the value 0: takes no random number.
  static var certain: InverseTable { InverseTable(ends: [.max], lows: [0], widths: [1]) }

  /// Indices of `weights`, drawn by weight.
  init(weights: [Double]) {
    self.init(weighted: weights.enumerated().map { Weighted(UInt64($0.offset), weight: $0.element) })
  }
}
