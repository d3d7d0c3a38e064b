import CPlatform

/// Bump allocation: one region a lane and scope of the workload, all of whose objects a scope's end drops at once.
///
/// ```
/// a lane's memory
///  0                     for each variant the distance of its scope's region from the lane's memory, 4 bytes
///  rounded up to 128     RegionState of scope 0 | of scope 1 | …, 128 bytes each
/// ```
/// See `RegionState` for the algorithm. Nested scopes have regions of their own. Serves a workload all of whose objects
/// end with a scope; `MixedRegionPool` serves the others too, and `OneRegionPool` is for workloads with a single scope.
///
/// Allocate: three loads (the region's distance, cursor, limit) and a store.
///
/// What was tried, on an AMD EPYC 7002 (ns for an allocation or nominal free, replay loop and the scopes' ends
/// included; in the same loop glibc takes 8.3 in `request`, a bump allocator in C 1.6, std::pmr's monotonic buffer 3.0):
/// - Cursor and limit in memory: 1.6 in `request`, once the loop fetched its stream ahead; 2.2 before. The chain from
///   one store of the cursor to the next load bounds it, in C as well.
/// - Cursor and limit in registers for the only region that there is (`OneRegionPool`): 1.05. Kept for workloads with
///   one scope.
/// - The same lane holding the only region or none, by a comparison: 1.7, and the part of `compiler` with scopes rose
///   from 4.2 to 5.0, since the compiler copied what it compared with in every step. Dropped for a type of its own.
struct RegionPool: Pool, ~Copyable {
  private let lanes: RegionLanes

  /// - Throws: `PoolError.unsupported` if a variant has no scope.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    if configuration.scopeOfVariant.isEmpty || configuration.scopeOfVariant.contains(where: { $0 < 0 }) {
      throw .unsupported("has no free for single objects: all must end with a scope")
    }
    lanes = try RegionLanes(configuration)
  }

  borrowing func makeLane(_ index: Int) -> RegionLane { lanes.lane(index) }

  /// Unmaps the blocks that hold no object.
  borrowing func purge() { lanes.purge() }
}

/// The regions of all lanes.
struct RegionLanes: ~Copyable {
  static let regionBytes = 128
  /// Stands for the distance of a variant without a scope.
  static let unscoped: Int32 = -1

  private let base: UnsafeMutableRawPointer
  private let bytes: Int
  private let laneBytes: Int
  private let tableBytes: Int
  private let lanes: Int
  private let scopes: Int

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let table = configuration.scopeOfVariant
    let tableBytes = SystemMemory.rounded(table.count * 4, to: Self.regionBytes)
    let laneBytes = tableBytes + configuration.scopes * Self.regionBytes
    let bytes = max(configuration.lanes * laneBytes, 1)
    guard let base = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.base = base
    self.bytes = bytes
    self.laneBytes = laneBytes
    self.tableBytes = tableBytes
    lanes = configuration.lanes
    scopes = configuration.scopes
    for index in 0..<lanes {
      let memory = base + index * laneBytes
      for (variant, scope) in table.enumerated() {
        precondition(scope < scopes, "a variant of a scope that is not there")
        let distance = scope < 0 ? Self.unscoped : Int32(tableBytes + Int(scope) * Self.regionBytes)
        memory.storeBytes(of: distance, toByteOffset: variant * 4, as: Int32.self)
      }
      for scope in 0..<scopes {
        let region = lane(index).region(ofScope: scope)
        region.initialize(to: RegionState(home: UnsafeMutableRawPointer(region)))
      }
    }
  }

  deinit {
    for index in 0..<lanes {
      for scope in 0..<scopes { lane(index).region(ofScope: scope).pointee.destroy() }
    }
    SystemMemory.unmap(base, bytes)
  }

  borrowing func lane(_ index: Int) -> RegionLane {
    let memory = base + index * laneBytes
    return RegionLane(base: memory, regions: memory + tableBytes)
  }

  borrowing func purge() {
    for index in 0..<lanes {
      for scope in 0..<scopes { lane(index).region(ofScope: scope).pointee.purge() }
    }
  }
}

/// One lane's regions.
struct RegionLane: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }

  private let base: UnsafeMutableRawPointer
  private let regions: UnsafeMutableRawPointer

  fileprivate init(base: UnsafeMutableRawPointer, regions: UnsafeMutableRawPointer) {
    self.base = base
    self.regions = regions
  }

  @inline(__always)
  func region(ofScope scope: Int) -> UnsafeMutablePointer<RegionState> {
    (regions + scope &* RegionLanes.regionBytes).assumingMemoryBound(to: RegionState.self)
  }

  /// The region's distance from the lane's memory, `RegionLanes.unscoped` if the variant has none.
  @inline(__always)
  func distance(_ variant: Int) -> Int32 { base.load(fromByteOffset: variant &* 4, as: Int32.self) }

  @inline(__always)
  func region(at distance: Int32) -> UnsafeMutablePointer<RegionState> {
    (base + Int(distance)).assumingMemoryBound(to: RegionState.self)
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    region(at: distance(variant)).pointee.allocate(size)
  }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    region(at: distance(variant)).pointee.allocateZeroed(size)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    region(at: distance(variant)).pointee.allocateAligned(size, alignment)
  }

  /// Nothing: the object ends with its scope.
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    region(at: distance(variant)).pointee.resize(pointer, from: oldSize, to: newSize)
  }

  @inline(__always)
  mutating func endScope(_ scope: Int) { region(ofScope: scope).pointee.reset() }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { RegionState.usableSize(pointer, size) }

  /// Whether an object at `address` is in one of the first `scopes` regions.
  func contains(_ address: UnsafeMutableRawPointer, scopes: Int) -> Bool {
    for scope in 0..<scopes where region(ofScope: scope).pointee.contains(address) { return true }
    return false
  }
}
