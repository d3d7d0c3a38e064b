import CPlatform

@testable import Engine

extension Conformance where P: ~Copyable {
  /// The system refuses memory: nil, nothing lost, and the pool goes on when there is some again.
  func exhaustion() -> [String] {
    var faults: [String] = []
    // Chunks of small objects hold many.
    let limits = traits.sizes.upperBound < 1_000 ? [0, 1, 2] : [0, 1, 2, 3, 5]
    for limit in limits { faults += exhaustion(afterMaps: limit).map { "after \(limit) mappings: \($0)" } }
    return faults + refusedConstruction()
  }

  private func refusedConstruction() -> [String] {
    traits.withConfiguration(lanes: 2) { configuration in
      pb_limit_maps(0)
      defer { pb_limit_maps(-1) }
      do throws(PoolError) {
        _ = try P(configuration)
        return ["a pool was built without memory"]
      } catch {
        if case .outOfMemory = error { return [] }
        return ["a pool that has no memory says: \(error)"]
      }
    }
  }

  private func exhaustion(afterMaps limit: Int) -> [String] {
    withPool { pool in
      var lane = pool.makeLane(0)
      attach(&lane)
      defer { lane.detach() }
      var model = ConformanceModel(traits)
      let size = min(20_000, traits.sizes.upperBound)
      let growth = max(size - 100, min(size, 1))
      defer { pb_limit_maps(-1) }
      pb_limit_maps(limit)
      var isRefused = false
      for step in 0..<200_000 where !isRefused {
        let pointer = step % 2 == 0 ? lane.allocate(size, 0) : lane.allocateZeroed(size, 0)
        if let pointer, !lane.isRefused(pointer) {
          model.add(pointer, size: size, variant: 0, from: lane)
        } else {
          isRefused = true
        }
      }
      if !isRefused { return ["memory does not run out"] }
      if model.objects.count > 10, traits.alwaysResizes {
        let object = model.objects[3]
        if let moved = lane.resize(object.reference, from: size, to: 100_000, 0), !lane.isRefused(moved) {
          model.resized(at: 3, to: moved, size: 100_000, by: lane)
        }
      }
      model.checkAll()
      let isBulk = P.Lane.endsScopesInBulk && traits.scopeOfVariant[0] >= 0
      if isBulk {
        end(0, &lane, &model)
      } else if let index = model.objects.indices.last {
        let object = model.remove(at: index)
        lane.free(object.reference, P.Lane.needsSizes ? object.size : 0)
      }
      if traits.keepsFreedMemory, isBulk ? limit > 0 : !model.objects.isEmpty {
        guard let again = lane.allocate(growth, 0) else { return model.faults + ["freed memory is not handed out"] }
        if lane.isRefused(again) { return model.faults + ["freed memory is not handed out"] }
        model.add(again, size: growth, variant: 0, from: lane)
      }
      pb_limit_maps(-1)
      for _ in 0..<50 {
        guard let pointer = lane.allocate(size, 0) else { return model.faults + ["stays out of memory"] }
        if lane.isRefused(pointer) { return model.faults + ["stays out of memory"] }
        model.add(pointer, size: size, variant: 0, from: lane)
      }
      model.checkAll()
      return model.faults
    }
  }
}
