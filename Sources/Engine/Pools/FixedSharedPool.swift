import CPlatform

/// Objects of one size, any number of lanes, frees from any lane.
///
/// ```
/// lane 0's rack  lane 1's rack  …      two magazines each: FixedSharedRack
///      │ magazines of ≤ 62 objects, by 128-bit compare and swap
///      ▼
/// FixedSharedDepot: stack of full magazines, stack of empty ones, cursor of the newest chunk
///      ▼
/// chunks, 64 KiB, 128 KiB, … 4 MiB, never walked, never unmapped while lanes run
/// ```
/// A free object's memory is not written to. A thread that ends gives its magazines to the depot. As with `FixedPool`,
/// `allocate` does not look at the size (checked in debug builds).
///
/// What was tried, on an AMD EPYC 7002 with two processors (ns for an allocation or free, replay loop included):
/// - One free list under a POSIX mutex, `FixedMutexPool`: 6.6 with one thread, which glibc's mutex notices, and 50 with
///   two and more; here 2.3 with one and 1.2 with two and more. One list by 128-bit exchanges costs 5 by the exchange
///   alone.
/// - The top of the loaded magazine in a register, as `FixedHeldLane` has its head: no gain in `pairs` (2.36 for 2.24)
///   nor in `batches` (2.36 for 2.34), since an object that is freed and taken again goes through the magazine's memory
///   all the same. Dropped.
/// - Detecting that the object freed last is freed again: nothing in `pairs`, 6 % in `batches`, which is within what a
///   loop's address makes (see `FixedPool`) but not shown to be under 2 %. Left to debug builds.
struct FixedSharedPool: Pool, ~Copyable {
  private let pages: UnsafeMutableRawPointer
  private let bytes: Int
  private let lanes: Int

  /// One lane's rack has two cache lines, so that no two lanes share one, nor a pair that is fetched together.
  private static let laneStride = 128
  private static let depotBytes = FixedSharedDepot.headerBytes + MemoryLayout<DepotClass>.stride
  private static let racksOffset = SystemMemory.rounded(depotBytes, to: laneStride)

  /// - Throws: `PoolError.unsupported` unless all requests are of one size.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let size = configuration.fixedSize else { throw .unsupported("serves requests of one size only") }
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { throw .outOfMemory(bytes: size) }
    let bytes = Self.racksOffset + configuration.lanes * Self.laneStride
    guard let pages = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.pages = pages
    self.bytes = bytes
    lanes = configuration.lanes
    depot.initialize(classCount: 1) { _ in FixedBlocks.blockSize(for: size) }
    for index in 0..<lanes { makeLane(index).rack.initialize(to: FixedSharedRack(depot, sizeClass: 0)) }
  }

  deinit {
    depot.destroy()
    SystemMemory.unmap(pages, bytes)
  }

  private var depot: FixedSharedDepot { FixedSharedDepot(base: pages) }

  private var idle: FixedSharedIdle {
    FixedSharedIdle(
      depot: depot, classCount: 1, racks: pages + Self.racksOffset, laneStride: Self.laneStride, lanes: lanes)
  }

  borrowing func makeLane(_ index: Int) -> FixedSharedLane {
    let rack = pages + Self.racksOffset + index * Self.laneStride
    return FixedSharedLane(rack: rack.assumingMemoryBound(to: FixedSharedRack.self), depot: depot)
  }

  /// Unmaps the chunks none of whose objects is in use.
  borrowing func purge() { idle.release() }

  /// Objects in use. While all lanes are parked; O(free objects + chunks).
  borrowing func liveCount() -> Int { idle.liveCount() }

  /// Unmaps everything, also objects in use. O(chunks).
  consuming func destroy() {}
}

/// One lane's access to the objects that all lanes share.
struct FixedSharedLane: PoolLane {
  fileprivate let rack: UnsafeMutablePointer<FixedSharedRack>
  fileprivate let depot: FixedSharedDepot

  private var blockSize: Int { depot.classes[0].blockSize }

  mutating func detach() { rack.pointee.detach(depot) }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    assert(size <= blockSize, "a fixed pool was asked for more than its object size")
    return rack.pointee.allocate(depot)
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard size <= blockSize, let object = rack.pointee.allocate(depot) else { return nil }
    object.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    size <= blockSize ? rack.pointee.allocateAligned(alignment, depot) : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { rack.pointee.free(pointer, depot) }

  /// In place, or nil for what exceeds the object size.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { newSize <= blockSize ? pointer : nil }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { blockSize }
}
