import CPlatform

/// The honest adaptation of a fixed-size pool to mixed sizes: one fixed pool a size class, one owner.
///
/// ```
/// a lane's pages
///  0    class of size, one byte for each 8 bytes up to 1024
///  192  ChunkTable, then the list of large objects
///  256  first free block of class 0 | class 1 | … | class 96, 8 bytes each
///  1088 FixedBlocks of class 0 | class 1 | … | class 96, a cache line each, without their lists
/// ```
/// The lists' heads are apart from the rest, which is needed only when a list is empty: eight of them share a line of
/// the cache.
///
/// See `FixedBlocks` for the algorithm, `SizeClasses` for the classes, and `ChunkClasses` for how `free` finds the class
/// of an object by its address. Objects above 256 KiB are mapped one by one.
///
/// Allocate: one load more than a fixed pool, of the class; free the same. With several lanes it is one such pool a
/// lane, and no object may be freed by another lane than its own.
struct SegregatedPool: Pool, ~Copyable {
  private let pages: UnsafeMutableRawPointer
  private let classes: ChunkClasses
  private let lanes: Int

  private static let laneBytes = SegregatedLane.blocksOffset + SizeClasses.count * MemoryLayout<FixedBlocks>.stride
  private static var laneStride: Int { SystemMemory.roundedToPages(laneBytes) }

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let bytes = configuration.lanes * Self.laneStride
    guard let pages = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    guard let classes = ChunkClasses() else {
      SystemMemory.unmap(pages, bytes)
      throw .outOfMemory(bytes: bytes)
    }
    self.pages = pages
    self.classes = classes
    lanes = configuration.lanes
    for index in 0..<lanes { makeLane(index).initialize() }
  }

  deinit {
    for index in 0..<lanes {
      let lane = makeLane(index)
      lane.chunks.pointee.destroy()
      lane.large.pointee.freeAll()
    }
    classes.destroy()
    SystemMemory.unmap(pages, lanes * Self.laneStride)
  }

  borrowing func makeLane(_ index: Int) -> SegregatedLane {
    SegregatedLane(base: pages + index * Self.laneStride, classes: classes)
  }

  /// Unmaps the chunks none of whose objects is in use. O(free objects × log chunks).
  borrowing func purge() {
    for index in 0..<lanes {
      let lane = makeLane(index)
      lane.withLists { FixedBlocks.releaseIdle($0, count: SizeClasses.count, chunks: lane.chunks) }
    }
  }

  /// Objects in use up to 256 KiB, in all lanes. O(free objects + chunks).
  borrowing func liveCount() -> Int {
    var count = 0
    for index in 0..<lanes {
      let lane = makeLane(index)
      lane.withLists { count += FixedBlocks.liveCount($0, count: SizeClasses.count, chunks: lane.chunks) }
    }
    return count
  }
}

/// One lane's fixed pools, one a size class.
struct SegregatedLane: PoolLane {
  fileprivate static let blocksOffset = 1088
  private static let headsOffset = 256
  private static let chunksOffset = 192
  private static let largeOffset = 240

  /// The lane's pages.
  private let base: UnsafeMutableRawPointer
  private let classes: ChunkClasses

  fileprivate init(base: UnsafeMutableRawPointer, classes: ChunkClasses) {
    self.base = base
    self.classes = classes
  }

  @inline(__always)
  fileprivate var blocks: UnsafeMutablePointer<FixedBlocks> {
    (base + Self.blocksOffset).assumingMemoryBound(to: FixedBlocks.self)
  }

  /// The free lists. All bits zero: empty ones.
  @inline(__always)
  private var heads: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (base + Self.headsOffset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }

  /// Calls `body` with the lists in their places.
  fileprivate func withLists(_ body: (UnsafeMutablePointer<FixedBlocks>) -> Void) {
    for index in 0..<SizeClasses.count { blocks[index].putList(heads[index]) }
    body(blocks)
    for index in 0..<SizeClasses.count { heads[index] = blocks[index].takeList() }
  }

  fileprivate var chunks: UnsafeMutablePointer<ChunkTable> {
    (base + Self.chunksOffset).assumingMemoryBound(to: ChunkTable.self)
  }

  fileprivate var large: UnsafeMutablePointer<LargeObjects> {
    (base + Self.largeOffset).assumingMemoryBound(to: LargeObjects.self)
  }

  fileprivate func initialize() {
    SizeClasses.writeTable(to: base)
    chunks.initialize(to: ChunkTable(classes: classes))
    large.initialize(to: LargeObjects())
    for index in 0..<SizeClasses.count {
      let size = SizeClasses.blockSize(index)
      (blocks + index).initialize(to: FixedBlocks(blockSize: size, sizeClass: index, staggers: true, chunks: chunks))
    }
  }

  /// The class that the table gives for a small size.
  @inline(__always)
  private func tabled(_ size: Int) -> Int { Int(base.load(fromByteOffset: (size &+ 7) &>> 3, as: UInt8.self)) }

  @inline(__always)
  private func isTabled(_ size: Int) -> Bool { UInt(bitPattern: size) <= UInt(SizeClasses.tableLimit) }

  private func isLarge(_ size: Int) -> Bool { UInt(bitPattern: size) > UInt(SizeClasses.largest) }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard _fastPath(isTabled(size)) else { return allocateUntabled(size) }
    return take(tabled(size))
  }

  @inline(__always)
  private func take(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
    let head = heads[sizeClass]
    if head.isRareNil { return blocks[sizeClass].carve() }
    let block = head.unsafelyUnwrapped
    let next = block.load(as: UnsafeMutableRawPointer?.self)
    heads[sizeClass] = next
    // The next call will want its link, and its caller the object.
    pb_prefetch(next)
    return block
  }

  @inline(never)
  private func allocateUntabled(_ size: Int) -> UnsafeMutableRawPointer? {
    isLarge(size) ? large.pointee.allocate(size) : take(SizeClasses.index(of: size))
  }

  /// A block that was never handed out is zero already.
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return large.pointee.allocate(size) }
    let sizeClass = SizeClasses.index(of: size)
    let isFresh = heads[sizeClass] == nil
    let block = take(sizeClass)
    if !isFresh { block?.initializeMemory(as: UInt8.self, repeating: 0, count: size) }
    return block
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if isLarge(size) { return large.pointee.allocate(size, alignment: alignment) }
    let sizeClass = SizeClasses.index(of: size)
    blocks[sizeClass].putList(heads[sizeClass])
    defer { heads[sizeClass] = blocks[sizeClass].takeList() }
    return blocks[sizeClass].allocateAligned(alignment)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    let entry = classes.entry(of: pointer)
    guard _fastPath(entry != 0) else { return freeLarge(pointer) }
    assert(pointer != heads[entry &- 1], "an object of a fixed pool was freed twice")
    pointer.storeBytes(of: heads[entry &- 1], as: UnsafeMutableRawPointer?.self)
    heads[entry &- 1] = pointer
  }

  @inline(never)
  private func freeLarge(_ pointer: UnsafeMutableRawPointer) { large.pointee.free(pointer) }

  /// In place while the class stays; large objects are remapped.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    let entry = classes.entry(of: pointer)
    if isLarge(newSize) {
      if entry == 0 { return large.pointee.resize(pointer, to: newSize) }
    } else if entry == SizeClasses.index(of: newSize) &+ 1 {
      return pointer
    }
    guard let moved = allocate(newSize, variant) else { return nil }
    moved.copyMemory(from: pointer, byteCount: min(oldSize, newSize))
    free(pointer, oldSize)
    return moved
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    let entry = classes.entry(of: pointer)
    return entry == 0 ? LargeObjects.usableSize(pointer) : SizeClasses.blockSize(entry - 1)
  }
}
