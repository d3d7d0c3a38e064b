import CPlatform

/// `FixedSharedPool` for mixed sizes: one shared fixed pool a size class, frees from any lane.
///
/// ```
/// depot's pages: FixedSharedDepot with 97 classes
/// a lane's memory
///  0    class of size, one byte for each 8 bytes up to 1024
///  192  rack of class 0 | rack of class 1 | … | rack of class 96, 32 bytes each
/// ```
/// See `FixedSharedRack` for the algorithm and `SizeClasses` for the classes. `free` and `resize` need the size asked
/// for. Objects above 256 KiB are mapped one by one.
struct SegregatedSharedPool: Pool, ~Copyable {
  private let pages: UnsafeMutableRawPointer
  private let bytes: Int
  private let lanes: Int

  private static let depotBytes =
    FixedSharedDepot.headerBytes + SizeClasses.count * MemoryLayout<DepotClass>.stride
  private static let lanesOffset = SystemMemory.rounded(depotBytes, to: 128)
  private static let laneStride = SystemMemory.rounded(
    SegregatedSharedLane.racksOffset + SizeClasses.count * MemoryLayout<FixedSharedRack>.stride, to: 128)

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let bytes = Self.lanesOffset + configuration.lanes * Self.laneStride
    guard let pages = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.pages = pages
    self.bytes = bytes
    lanes = configuration.lanes
    depot.initialize(classCount: SizeClasses.count, blockSize: SizeClasses.blockSize)
    for index in 0..<lanes { makeLane(index).initialize() }
  }

  deinit {
    depot.destroy()
    SystemMemory.unmap(pages, bytes)
  }

  private var depot: FixedSharedDepot { FixedSharedDepot(base: pages) }

  private var idle: FixedSharedIdle {
    FixedSharedIdle(
      depot: depot, classCount: SizeClasses.count,
      racks: pages + Self.lanesOffset + SegregatedSharedLane.racksOffset, laneStride: Self.laneStride, lanes: lanes)
  }

  borrowing func makeLane(_ index: Int) -> SegregatedSharedLane {
    SegregatedSharedLane(base: pages + Self.lanesOffset + index * Self.laneStride, depot: depot)
  }

  /// Unmaps the chunks none of whose objects is in use.
  borrowing func purge() { idle.release() }

  /// Objects in use up to 256 KiB. While all lanes are parked; O(free objects + chunks).
  borrowing func liveCount() -> Int { idle.liveCount() }
}

/// One lane's access to the size classes that all lanes share.
struct SegregatedSharedLane: PoolLane {
  static var needsSizes: Bool { true }

  fileprivate static let racksOffset = 192

  private let base: UnsafeMutableRawPointer
  private let depot: FixedSharedDepot

  fileprivate init(base: UnsafeMutableRawPointer, depot: FixedSharedDepot) {
    self.base = base
    self.depot = depot
  }

  @inline(__always)
  private var racks: UnsafeMutablePointer<FixedSharedRack> {
    (base + Self.racksOffset).assumingMemoryBound(to: FixedSharedRack.self)
  }

  fileprivate func initialize() {
    SizeClasses.writeTable(to: base)
    for index in 0..<SizeClasses.count { (racks + index).initialize(to: FixedSharedRack(depot, sizeClass: index)) }
  }

  /// The rack of the class that the table gives for a small size.
  @inline(__always)
  private func tabled(_ size: Int) -> UnsafeMutablePointer<FixedSharedRack> {
    racks + Int(base.load(fromByteOffset: (size &+ 7) &>> 3, as: UInt8.self))
  }

  @inline(__always)
  private func isTabled(_ size: Int) -> Bool { UInt(bitPattern: size) <= UInt(SizeClasses.tableLimit) }

  private func isLarge(_ size: Int) -> Bool { UInt(bitPattern: size) > UInt(SizeClasses.largest) }

  /// Gives all magazines to the depot. O(classes).
  mutating func detach() {
    for index in 0..<SizeClasses.count { racks[index].detach(depot) }
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard isTabled(size) else { return allocateUntabled(size) }
    return tabled(size).pointee.allocate(depot)
  }

  @inline(never)
  private func allocateUntabled(_ size: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return depot.withLarge { $0.allocate(size) } }
    return racks[SizeClasses.index(of: size)].allocate(depot)
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return allocateUntabled(size) }
    guard let object = racks[SizeClasses.index(of: size)].allocate(depot) else { return nil }
    object.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  /// From the class of `size`, so that `free` finds it by the size alone.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return depot.withLarge { $0.allocate(size, alignment: alignment) } }
    return racks[SizeClasses.index(of: size)].allocateAligned(alignment, depot)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    guard isTabled(size) else { return freeUntabled(pointer, size) }
    tabled(size).pointee.free(pointer, depot)
  }

  @inline(never)
  private func freeUntabled(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if isLarge(size) { return depot.withLarge { $0.free(pointer) } }
    racks[SizeClasses.index(of: size)].free(pointer, depot)
  }

  /// In place while the class stays; large objects are remapped.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    if isLarge(oldSize), isLarge(newSize) { return depot.withLarge { $0.resize(pointer, to: newSize) } }
    if !isLarge(oldSize), !isLarge(newSize), SizeClasses.index(of: oldSize) == SizeClasses.index(of: newSize) {
      return pointer
    }
    guard let moved = allocate(newSize, variant) else { return nil }
    moved.copyMemory(from: pointer, byteCount: min(oldSize, newSize))
    free(pointer, oldSize)
    return moved
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    isLarge(size) ? LargeObjects.usableSize(pointer) : SizeClasses.blockSize(SizeClasses.index(of: size))
  }
}
