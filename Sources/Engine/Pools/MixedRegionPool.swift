import CPlatform
import Glibc

/// The honest adaptation of regions to a workload some of whose objects end with no scope: those go to the process's
/// `malloc`.
///
/// ```
/// variant ─► distance ≥ 0 ─► region of its scope (see RegionPool)
///                    −1   ─► malloc, calloc, realloc, free
/// ```
struct MixedRegionPool: Pool, ~Copyable {
  private let lanes: RegionLanes
  private let scopes: Int

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    lanes = try RegionLanes(configuration)
    scopes = configuration.scopes
  }

  borrowing func makeLane(_ index: Int) -> MixedRegionLane {
    MixedRegionLane(regions: lanes.lane(index), scopes: scopes)
  }

  /// Unmaps the blocks that hold no object. What malloc keeps is its own affair.
  borrowing func purge() { lanes.purge() }
}

/// One lane's regions and the process's `malloc`. `free` is for objects without a scope only.
struct MixedRegionLane: PoolLane {
  static var endsScopesInBulk: Bool { true }

  fileprivate var regions: RegionLane
  fileprivate let scopes: Int

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    let distance = regions.distance(variant)
    guard distance >= 0 else { return malloc(size) }
    return regions.region(at: distance).pointee.allocate(size)
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    isScoped(variant) ? regions.allocateZeroed(size, variant) : calloc(1, size)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isScoped(variant) { return regions.allocateAligned(size, alignment, variant) }
    var pointer: UnsafeMutableRawPointer?
    return posix_memalign(&pointer, max(alignment, MemoryLayout<Int>.size), size) == 0 ? pointer : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { Glibc.free(pointer) }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    isScoped(variant)
      ? regions.resize(pointer, from: oldSize, to: newSize, variant) : realloc(pointer, newSize)
  }

  @inline(__always)
  mutating func endScope(_ scope: Int) { regions.endScope(scope) }

  /// O(blocks): has to find out whose the object is. Objects of 0 bytes, which may lie at a block's very end, have 0.
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    if size == 0 { return 0 }
    return regions.contains(pointer, scopes: scopes)
      ? RegionState.usableSize(pointer, size) : pb_usable_size(pointer)
  }

  private func isScoped(_ variant: Int) -> Bool { regions.distance(variant) >= 0 }
}
