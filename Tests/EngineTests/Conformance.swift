import CPlatform
import Glibc
import Workload

@testable import Engine

/// Checks of one pool type against the promises of `Pool` and `PoolLane`; each returns what it found wrong.
struct Conformance<P: Pool & ~Copyable> {
  let traits: ConformanceTraits

  /// Everything that the traits allow.
  static func check(_ type: P.Type, _ traits: ConformanceTraits) -> [String] {
    let suite = Conformance(traits: traits)
    var faults: [String] = []
    for seed in 1...3 as ClosedRange<UInt64> { faults += suite.randomOperations(seed: seed, count: 3_000) }
    faults += suite.extremes()
    if traits.reusesMemory { faults += suite.reuse() }
    if traits.mapsThroughPlatform { faults += suite.exhaustion() }
    if traits.freesForeignObjects { faults += suite.foreignFrees() }
    if traits.sharesAfterDetach { faults += suite.detachedCaches() }
    return faults
  }

  /// Runs `body` on a fresh pool; a pool that cannot be built is a fault, or one that leaves something mapped if all
  /// mapping was done by this thread.
  func withPool(lanes: Int = 1, _ body: (borrowing P) -> [String]) -> [String] {
    let before = (pb_thread_mapped(), pb_thread_heap_blocks())
    let faults = withUncheckedPool(lanes: lanes, body)
    let left = (pb_thread_mapped() - before.0, pb_thread_heap_blocks() - before.1)
    if !faults.isEmpty || lanes != 1 || left == (0, 0) { return faults }
    return ["the pool's end leaves \(left.0) bytes mapped and \(left.1) blocks of malloc"]
  }

  private func withUncheckedPool(lanes: Int, _ body: (borrowing P) -> [String]) -> [String] {
    traits.withConfiguration(lanes: lanes) { configuration in
      do throws(PoolError) {
        let pool = try P(configuration)
        return body(pool)
      } catch {
        return ["the pool cannot be built: \(error)"]
      }
    }
  }

  // MARK: - One lane against the model

  func randomOperations(seed: UInt64, count: Int) -> [String] {
    withPool { pool in
      var lane = pool.makeLane(0)
      attach(&lane)
      var model = ConformanceModel(traits)
      var random = SplitMix64(state: seed)
      for step in 0..<count where model.faults.isEmpty {
        // Phases of growth and shrinkage, so that pools run through their lists in both directions.
        let wanted = step / 200 % 2 == 0 ? 60 : 30
        switch random.next() % 100 {
        case 0..<UInt64(wanted): allocate(&lane, &model, &random)
        case 85..<95: resize(&lane, &model, &random)
        case 97..<100: endScope(&lane, &model, &random)
        default: free(&lane, &model, &random)
        }
        if step % 500 == 499 {
          model.checkAll()
          pool.purge()
          model.checkAll()
        }
        if step % 700 == 699 {
          lane.detach()
          lane.attach()
        }
      }
      freeAll(&lane, &model)
      lane.detach()
      return model.faults.map { "seed \(seed): \($0)" }
    }
  }

  func size(_ random: inout SplitMix64) -> Int {
    if let large = traits.largeSizes, random.next() % 200 == 0 {
      return large.lowerBound + Int(random.next() % UInt64(large.count))
    }
    // Half of them small: there are most size classes.
    let limit = random.next() % 2 == 0 ? min(traits.sizes.count, 300) : traits.sizes.count
    return traits.sizes.lowerBound + Int(random.next() % UInt64(limit))
  }

  private func allocate(_ lane: inout P.Lane, _ model: inout ConformanceModel, _ random: inout SplitMix64) {
    let size = size(&random)
    let variant = Int(random.next() % UInt64(traits.scopeOfVariant.count))
    var alignment: Int?
    var isZeroed = false
    let pointer: UnsafeMutableRawPointer?
    switch random.next() % 8 {
    case 0:
      isZeroed = true
      pointer = lane.allocateZeroed(size, variant)
    case 1:
      let power = random.next() % UInt64(traits.largestAlignment.trailingZeroBitCount + 1)
      // Large alignments are rare.
      let chosen = random.next() % 8 == 0 ? power : min(power, 8)
      alignment = 1 << Int(chosen)
      pointer = lane.allocateAligned(size, alignment ?? 1, variant)
    default: pointer = lane.allocate(size, variant)
    }
    guard let pointer, !lane.isRefused(pointer) else { return model.fault("no memory for \(size) bytes") }
    model.add(pointer, size: size, variant: variant, alignment: alignment, isZeroed: isZeroed, from: lane)
  }

  private func free(_ lane: inout P.Lane, _ model: inout ConformanceModel, _ random: inout SplitMix64) {
    if model.objects.isEmpty { return }
    // The youngest half of the time, else any; a bulk pool's scoped objects end with their scope alone.
    var index = model.objects.count - 1
    if random.next() % 2 == 0 { index = Int(random.next() % UInt64(model.objects.count)) }
    if P.Lane.endsScopesInBulk, traits.scopeOfVariant[model.objects[index].variant] >= 0 { return }
    let object = model.remove(at: index)
    lane.free(object.reference, P.Lane.needsSizes ? object.size : 0)
  }

  private func resize(_ lane: inout P.Lane, _ model: inout ConformanceModel, _ random: inout SplitMix64) {
    if model.objects.isEmpty { return }
    let index = Int(random.next() % UInt64(model.objects.count))
    let object = model.objects[index]
    let newSize = max(size(&random), 1)
    guard let moved = lane.resize(object.reference, from: object.size, to: newSize, object.variant) else {
      if traits.alwaysResizes { model.fault("no memory for a resize from \(object.size) to \(newSize) bytes") }
      return model.check(object)
    }
    model.resized(at: index, to: moved, size: newSize, by: lane)
  }

  private func endScope(_ lane: inout P.Lane, _ model: inout ConformanceModel, _ random: inout SplitMix64) {
    if traits.scopes > 0 { end(Int(random.next() % UInt64(traits.scopes)), &lane, &model) }
  }

  /// Ends a scope and begins it anew, and with it those inside.
  func end(_ scope: Int, _ lane: inout P.Lane, _ model: inout ConformanceModel) {
    close(scope, &lane, &model)
    open(scope, &lane)
  }

  /// Attaches the lane and begins all scopes.
  func attach(_ lane: inout P.Lane) {
    lane.attach()
    for scope in 0..<traits.scopes where parent(of: scope) < 0 { open(scope, &lane) }
  }

  private func parent(of scope: Int) -> Int { traits.parentOfScope.isEmpty ? -1 : Int(traits.parentOfScope[scope]) }

  /// Outer ones first, as the replay does.
  private func open(_ scope: Int, _ lane: inout P.Lane) {
    lane.beginScope(scope)
    for inner in 0..<traits.scopes where parent(of: inner) == scope { open(inner, &lane) }
  }

  /// Inner ones first.
  private func close(_ scope: Int, _ lane: inout P.Lane, _ model: inout ConformanceModel) {
    for inner in 0..<traits.scopes where parent(of: inner) == scope { close(inner, &lane, &model) }
    let ended = model.removeScope(scope)
    if P.Lane.endsScopesInBulk {
      lane.endScope(scope)
    } else {
      for object in ended { lane.free(object.reference, P.Lane.needsSizes ? object.size : 0) }
    }
  }

  /// Ends all scopes, then frees what is left, checking each. Scopes stay open.
  private func freeAll(_ lane: inout P.Lane, _ model: inout ConformanceModel) {
    for scope in 0..<traits.scopes where parent(of: scope) < 0 { end(scope, &lane, &model) }
    for index in model.objects.indices.reversed() {
      let object = model.remove(at: index)
      lane.free(object.reference, P.Lane.needsSizes ? object.size : 0)
    }
  }

  // MARK: - Sizes

  /// Impossible sizes give nil and leave everything as it was; 0 and 1 are served.
  func extremes() -> [String] {
    withPool { pool in
      var lane = pool.makeLane(0)
      attach(&lane)
      defer { lane.detach() }
      var model = ConformanceModel(traits)
      for size in [0, 1] where traits.sizes.contains(size) {
        for _ in 0..<3 {
          guard let pointer = lane.allocate(size, 0) else { return ["no memory for \(size) bytes"] }
          model.add(pointer, size: size, variant: 0, from: lane)
        }
      }
      if traits.refusesExtremes {
        let kept = max(1, traits.sizes.lowerBound)
        guard let object = lane.allocate(kept, 0) else { return ["no memory for \(kept) bytes"] }
        model.add(object, size: kept, variant: 0, from: lane)
        for size in [Int.max, Int.max - 15, Int.max - 4096, Int.max / 2, 1 << 48] {
          if isServed(lane.allocate(size, 0), lane) { model.fault("\(size) bytes were handed out") }
          if isServed(lane.allocateZeroed(size, 0), lane) { model.fault("\(size) zeroed bytes were handed out") }
          let alignment = min(4096, traits.largestAlignment)
          if isServed(lane.allocateAligned(size, alignment, 0), lane) {
            model.fault("\(size) aligned bytes were handed out")
          }
          if isServed(lane.resize(object, from: kept, to: size, 0), lane) {
            model.fault("an object grew to \(size) bytes")
          }
        }
        guard let after = lane.allocate(kept, 0) else { return ["no memory after impossible requests"] }
        model.add(after, size: kept, variant: 0, from: lane)
      }
      freeAll(&lane, &model)
      return model.faults
    }
  }

  /// Whether `reference` is an object, and neither nil nor what stands for a refused one.
  func isServed(_ reference: UnsafeMutableRawPointer?, _ lane: borrowing P.Lane) -> Bool {
    guard let reference else { return false }
    return !lane.isRefused(reference)
  }

  // MARK: - Reuse

  /// Memory that was freed, or whose scope ended, is handed out again: a steady heap sees few different addresses.
  func reuse() -> [String] {
    withPool { pool in
      var lane = pool.makeLane(0)
      attach(&lane)
      defer { lane.detach() }
      var random = SplitMix64(state: 5)
      var addresses: Set<UnsafeMutableRawPointer> = []
      let size = min(max(48, traits.sizes.lowerBound), traits.sizes.upperBound)
      let liveCount = 32
      let rounds = 400
      for variant in traits.scopeOfVariant.indices {
        let scope = Int(traits.scopeOfVariant[variant])
        for _ in 0..<rounds {
          var live: [UnsafeMutableRawPointer] = []
          for _ in 0..<liveCount {
            guard let pointer = lane.allocate(size, variant) else { return ["no memory for \(size) bytes"] }
            addresses.insert(lane.address(of: pointer))
            live.append(pointer)
          }
          if P.Lane.endsScopesInBulk, scope >= 0 {
            var none = ConformanceModel(traits)
            end(scope, &lane, &none)
          } else {
            while !live.isEmpty {
              let pointer = live.remove(at: Int(random.next() % UInt64(live.count)))
              lane.free(pointer, P.Lane.needsSizes ? size : 0)
            }
          }
        }
      }
      let bound = (liveCount + 256) * traits.scopeOfVariant.count
      return addresses.count <= bound
        ? [] : ["\(liveCount) live objects took \(addresses.count) different addresses: memory is lost"]
    }
  }
}
