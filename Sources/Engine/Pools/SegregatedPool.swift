/// The honest adaptation of a fixed-size pool to mixed sizes: one fixed pool a size class, one owner.
///
/// ```
/// a lane's pages
///  0    class of size, one byte for each 8 bytes up to 1024
///  192  ChunkTable, then the list of large objects
///  256  FixedBlocks of class 0 | class 1 | … | class 96, a cache line each
/// ```
/// See `FixedBlocks` for the algorithm and `SizeClasses` for the classes. `free` and `resize` need the size asked for,
/// as a fixed pool a class has nothing else to tell the class from. Objects above 256 KiB are mapped one by one.
///
/// Allocate: one load more than a fixed pool, of the class; free the same. With several lanes it is one such pool a
/// lane, and no object may be freed by another lane than its own.
struct SegregatedPool: Pool, ~Copyable {
  private let pages: UnsafeMutableRawPointer
  private let lanes: Int

  private static let laneBytes = SegregatedLane.blocksOffset + SizeClasses.count * MemoryLayout<FixedBlocks>.stride
  private static var laneStride: Int { SystemMemory.roundedToPages(laneBytes) }

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let bytes = configuration.lanes * Self.laneStride
    guard let pages = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.pages = pages
    lanes = configuration.lanes
    for index in 0..<lanes { makeLane(index).initialize() }
  }

  deinit {
    for index in 0..<lanes {
      let lane = makeLane(index)
      lane.chunks.pointee.destroy()
      lane.large.pointee.freeAll()
    }
    SystemMemory.unmap(pages, lanes * Self.laneStride)
  }

  borrowing func makeLane(_ index: Int) -> SegregatedLane { SegregatedLane(base: pages + index * Self.laneStride) }

  /// Unmaps the chunks none of whose objects is in use. O(free objects × log chunks).
  borrowing func purge() {
    for index in 0..<lanes {
      let lane = makeLane(index)
      FixedBlocks.releaseIdle(lane.blocks, count: SizeClasses.count, chunks: lane.chunks)
    }
  }

  /// Objects in use up to 256 KiB, in all lanes. O(free objects + chunks).
  borrowing func liveCount() -> Int {
    var count = 0
    for index in 0..<lanes {
      let lane = makeLane(index)
      count += FixedBlocks.liveCount(lane.blocks, count: SizeClasses.count, chunks: lane.chunks)
    }
    return count
  }
}

/// One lane's fixed pools, one a size class.
struct SegregatedLane: PoolLane {
  static var needsSizes: Bool { true }

  fileprivate static let blocksOffset = 256
  private static let chunksOffset = 192
  private static let largeOffset = 240

  /// The lane's pages. Everything lies at a constant distance from it, so that it alone takes a register.
  private let base: UnsafeMutableRawPointer

  fileprivate init(base: UnsafeMutableRawPointer) { self.base = base }

  @inline(__always)
  fileprivate var blocks: UnsafeMutablePointer<FixedBlocks> {
    (base + Self.blocksOffset).assumingMemoryBound(to: FixedBlocks.self)
  }

  fileprivate var chunks: UnsafeMutablePointer<ChunkTable> {
    (base + Self.chunksOffset).assumingMemoryBound(to: ChunkTable.self)
  }

  fileprivate var large: UnsafeMutablePointer<LargeObjects> {
    (base + Self.largeOffset).assumingMemoryBound(to: LargeObjects.self)
  }

  fileprivate func initialize() {
    SizeClasses.writeTable(to: base)
    chunks.initialize(to: ChunkTable())
    large.initialize(to: LargeObjects())
    for index in 0..<SizeClasses.count {
      let size = SizeClasses.blockSize(index)
      (blocks + index).initialize(to: FixedBlocks(blockSize: size, sizeClass: index, chunks: chunks))
    }
  }

  /// The pool of the class that the table gives for a small size.
  @inline(__always)
  private func tabled(_ size: Int) -> UnsafeMutablePointer<FixedBlocks> {
    blocks + Int(base.load(fromByteOffset: (size &+ 7) &>> 3, as: UInt8.self))
  }

  @inline(__always)
  private func isTabled(_ size: Int) -> Bool { UInt(bitPattern: size) <= UInt(SizeClasses.tableLimit) }

  private func isLarge(_ size: Int) -> Bool { UInt(bitPattern: size) > UInt(SizeClasses.largest) }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard isTabled(size) else { return allocateUntabled(size) }
    return tabled(size).pointee.allocate()
  }

  @inline(never)
  private func allocateUntabled(_ size: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return large.pointee.allocate(size) }
    return blocks[SizeClasses.index(of: size)].allocate()
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return large.pointee.allocate(size) }
    return blocks[SizeClasses.index(of: size)].allocateZeroed(size)
  }

  /// From the class of `size`, so that `free` finds it by the size alone.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return large.pointee.allocate(size, alignment: alignment) }
    return blocks[SizeClasses.index(of: size)].allocateAligned(alignment)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    guard isTabled(size) else { return freeUntabled(pointer, size) }
    tabled(size).pointee.free(pointer)
  }

  @inline(never)
  private func freeUntabled(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if isLarge(size) { return large.pointee.free(pointer) }
    blocks[SizeClasses.index(of: size)].free(pointer)
  }

  /// In place while the class stays; large objects are remapped.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    if isLarge(oldSize), isLarge(newSize) { return large.pointee.resize(pointer, to: newSize) }
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
