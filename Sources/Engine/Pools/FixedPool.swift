import CPlatform

/// Objects of one size, one owner.
///
/// ```
/// a lane's page              chunks, 64 KiB, 128 KiB, … 4 MiB
///  ├ FixedBlocks {head ──►   | object | object | object | … not touched yet |
///  └ ChunkTable ──►          base and length of each, for the end
/// ```
/// See `FixedBlocks` for the algorithm. Requests of other sizes are what it cannot serve: `allocate` does not look at
/// the size (checked in debug builds), as a fixed-size pool's caller has none to give.
///
/// With several lanes it is one pool a lane, and no object may be freed by another lane than its own.
///
/// What was tried, on an AMD EPYC 7002 (ns for an allocation or free, replay loop included; boost::pool in the same
/// loop takes 2.2 in `pairs` and 2.4 in `batches`, glibc 6.0 and 8.2). Builds whose loops differ in nothing but their
/// addresses were seen to differ by 8 %, so less than that says nothing here.
/// - Lane state, first object and the loop's slots all at a page's start: 4.3 in `pairs`. Their words agree in the low
///   12 bits, so that loads wait for stores that do not feed them. Apart: 2.4. Hence `FixedLane.blocksOffset` and the
///   margin of `ReplayTables`.
/// - The list's head in memory: a pair takes two trips of the head through the store buffer: 2.4 and 2.7. In a register
///   (`FixedHeldLane`), which a caller has who keeps the pool in a local variable: 1.3 to 1.5 and 1.6 to 1.7. On a
///   newer EPYC 0.70 and 1.13, with a loop that has a jump for each operation; boost::pool 0.85 and 1.25.
/// - Fetching the next free object in `FixedBlocks.allocate`: shortened `game-frame`, where the pool is one list a size
///   class. Kept there; a held lane gains nothing.
/// - The class of what is freed from its address (`ChunkClasses`), in place of sizes that the loop keeps: a C model of
///   `game-frame` went from 5.6 to 5.3. With accesses in the loop that take no branch, 5.5 became 4.4 (whole runs; null
///   3.2 and 2.7). Kept.
/// - Shifting blocks of even numbers of cache lines by a line each 64 KiB, against collisions in a set: 1 % of
///   `game-frame`, but runs differed less (glibc's time ÷ this one's 2.95 to 3.11, then 3.08 to 3.14). Kept for pools of
///   many sizes; with one size objects would lose their alignment. Huge pages: nothing. Dropped.
/// - The heads of a size class's lists together, eight to a line: 4 % of `game-frame`. Kept.
/// - Detecting that the object freed last is freed again: 7 % in `pairs`, 10 % in `batches`, 3 % in `game-frame`, of
///   which the addresses may be most; not shown to be under 2 %, so left to debug builds, as is the size. A foreign
///   pointer would take a search for its chunk, and is not looked for.
struct FixedPool: Pool, ~Copyable {
  private let pages: UnsafeMutableRawPointer
  private let lanes: Int

  /// - Throws: `PoolError.unsupported` unless all requests are of one size.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let size = configuration.fixedSize else { throw .unsupported("serves requests of one size only") }
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { throw .outOfMemory(bytes: size) }
    let bytes = configuration.lanes * SystemMemory.pageSize
    guard let pages = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.pages = pages
    lanes = configuration.lanes
    for index in 0..<lanes {
      let lane = makeLane(index)
      lane.chunks.initialize(to: ChunkTable())
      lane.blocks.initialize(to: FixedBlocks(blockSize: FixedBlocks.blockSize(for: size), chunks: lane.chunks))
    }
  }

  deinit {
    for index in 0..<lanes { makeLane(index).chunks.pointee.destroy() }
    SystemMemory.unmap(pages, lanes * SystemMemory.pageSize)
  }

  borrowing func makeLane(_ index: Int) -> FixedLane { FixedLane(page: pages + index * SystemMemory.pageSize) }

  /// Unmaps the chunks none of whose objects is in use. O(free objects × log chunks).
  borrowing func purge() {
    for index in 0..<lanes {
      let lane = makeLane(index)
      FixedBlocks.releaseIdle(lane.blocks, count: 1, chunks: lane.chunks)
    }
  }
}

// MARK: - As a pool of its own

extension FixedPool {
  /// A pool of objects of `size` bytes for one owner.
  static func create(objectSize size: Int) throws(PoolError) -> FixedPool {
    try FixedPool(PoolConfiguration(fixedSize: size))
  }

  /// An object, or nil when the system refuses. Aligned to the largest power of two that divides the object size
  /// rounded up to 16 bytes (8 if it is at most 8), up to a page.
  borrowing func allocate() -> UnsafeMutableRawPointer? { makeLane(0).blocks.pointee.allocate() }

  /// - Parameter object: handed out by this pool and not freed since; nothing checks it.
  borrowing func free(_ object: UnsafeMutableRawPointer) { makeLane(0).blocks.pointee.free(object) }

  /// Objects in use, in all lanes. O(free objects + chunks); nothing is counted while objects come and go.
  borrowing func liveCount() -> Int {
    var count = 0
    for index in 0..<lanes {
      let lane = makeLane(index)
      count += FixedBlocks.liveCount(lane.blocks, count: 1, chunks: lane.chunks)
    }
    return count
  }

  /// Unmaps everything, also objects in use. O(chunks).
  consuming func destroy() {}
}

/// One lane's pool of objects of one size.
struct FixedLane: PoolLane {
  static var freesForeignObjects: Bool { false }

  fileprivate let blocks: UnsafeMutablePointer<FixedBlocks>

  /// Not the page's start, where an object may lie in its own page: their words would be taken for each other's.
  private static let blocksOffset = 1088

  fileprivate init(page: UnsafeMutableRawPointer) {
    self.init(blocks: (page + Self.blocksOffset).assumingMemoryBound(to: FixedBlocks.self))
  }

  init(blocks: UnsafeMutablePointer<FixedBlocks>) { self.blocks = blocks }

  fileprivate var chunks: UnsafeMutablePointer<ChunkTable> {
    UnsafeMutableRawPointer(blocks + 1).assumingMemoryBound(to: ChunkTable.self)
  }

  @inline(__always)
  mutating func hold() -> FixedHeldLane { FixedHeldLane(blocks: blocks) }

  @inline(__always)
  mutating func putBack(_ held: FixedHeldLane) { blocks.pointee.putList(held.head) }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    assert(size <= blocks.pointee.blockSize, "a fixed pool was asked for more than its object size")
    return blocks.pointee.allocate()
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    size <= blocks.pointee.blockSize ? blocks.pointee.allocateZeroed(size) : nil
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    size <= blocks.pointee.blockSize ? blocks.pointee.allocateAligned(alignment) : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { blocks.pointee.free(pointer) }

  /// In place, or nil for what exceeds the object size.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { newSize <= blocks.pointee.blockSize ? pointer : nil }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { blocks.pointee.blockSize }
}
