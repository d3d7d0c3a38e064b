/// `RegionPool` for a workload that has a single scope: one region a lane, so that an allocation has none to look up.
struct OneRegionPool: Pool, ~Copyable {
  private let lanes: RegionLanes

  /// - Throws: `PoolError.unsupported` if a variant has no scope or there are several.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    if configuration.scopes != 1 || configuration.scopeOfVariant.contains(where: { $0 != 0 }) {
      throw .unsupported("has one region: all must end with the same scope")
    }
    lanes = try RegionLanes(configuration)
  }

  borrowing func makeLane(_ index: Int) -> OneRegionLane {
    OneRegionLane(region: lanes.lane(index).region(ofScope: 0))
  }

  /// Unmaps the blocks that hold no object.
  borrowing func purge() { lanes.purge() }
}

/// One lane's region.
struct OneRegionLane: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }

  fileprivate let region: UnsafeMutablePointer<RegionState>

  @inline(__always)
  mutating func hold() -> OneRegionHeldLane { OneRegionHeldLane(region: region) }

  @inline(__always)
  mutating func putBack(_ held: OneRegionHeldLane) { held.writeBack() }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { region.pointee.allocate(size) }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    region.pointee.allocateZeroed(size)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    region.pointee.allocateAligned(size, alignment)
  }

  /// Nothing: the object ends with its scope.
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { region.pointee.resize(pointer, from: oldSize, to: newSize) }

  @inline(__always)
  mutating func endScope(_ scope: Int) { region.pointee.reset() }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { RegionState.usableSize(pointer, size) }
}

/// A lane that keeps its region's cursor and limit to itself, so that they can be in registers.
struct OneRegionHeldLane: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }

  private let region: UnsafeMutablePointer<RegionState>
  private var cursor: UnsafeMutableRawPointer
  private var limit: UnsafeMutableRawPointer

  @inline(__always)
  init(region: UnsafeMutablePointer<RegionState>) {
    self.region = region
    cursor = region.pointee.cursor
    limit = region.pointee.limit
  }

  @inline(__always)
  func writeBack() { region.pointee.cursor = cursor }

  /// See `RegionState.allocate`.
  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    let object = cursor
    let rounded = (size &+ 15) & ~15
    guard _fastPath(UInt(bitPattern: rounded) <= UInt(bitPattern: limit - object)) else {
      return onRegion { $0.pointee.allocateElsewhere(size) }
    }
    cursor = object + rounded
    return object
  }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    onRegion { $0.pointee.allocateZeroed(size) }
  }

  @inline(__always)
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    onRegion { $0.pointee.allocateAligned(size, alignment) }
  }

  /// Nothing: the object ends with its scope.
  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  @inline(__always)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { onRegion { $0.pointee.resize(pointer, from: oldSize, to: newSize) } }

  @inline(__always)
  mutating func endScope(_ scope: Int) { onRegion { $0.pointee.reset() } }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { RegionState.usableSize(pointer, size) }

  /// Writes the cursor back for the rarer calls, which may also move the limit.
  @inline(__always)
  private mutating func onRegion<Result>(_ body: (UnsafeMutablePointer<RegionState>) -> Result) -> Result {
    writeBack()
    defer { self = OneRegionHeldLane(region: region) }
    return body(region)
  }
}
