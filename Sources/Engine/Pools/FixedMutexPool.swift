import CPlatform
import Glibc

/// Objects of one size, any number of lanes, one free list under one lock: what most programs that share a fixed-size
/// pool have, and what `FixedSharedPool` has to be worth its magazines against.
///
/// ```
/// a page      1088 lock | 1152 FixedBlocks {head ──► chunks} | 1216 ChunkTable
/// ```
/// The lock is a POSIX mutex as it comes, which is what such programs take, and which asks for no atomic operation
/// while the process has one thread. Measured beside it, here and in a bare loop: the futex lock of `CPlatformLock.c`,
/// which spins before it sleeps, and glibc's adaptive mutex, which does so too. With 2 to 16 threads all three are
/// within a seventh of each other; with one the futex lock takes twice as long.
struct FixedMutexPool: Pool, ~Copyable {
  private let page: UnsafeMutableRawPointer

  /// - Throws: `PoolError.unsupported` unless all requests are of one size.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let size = configuration.fixedSize else { throw .unsupported("serves requests of one size only") }
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { throw .outOfMemory(bytes: size) }
    guard let page = SystemMemory.map(SystemMemory.pageSize) else {
      throw .outOfMemory(bytes: SystemMemory.pageSize)
    }
    self.page = page
    let lane = makeLane(0)
    pthread_mutex_init(lane.lock, nil)
    lane.chunks.initialize(to: ChunkTable())
    lane.blocks.initialize(to: FixedBlocks(blockSize: FixedBlocks.blockSize(for: size), chunks: lane.chunks))
  }

  deinit {
    pthread_mutex_destroy(makeLane(0).lock)
    makeLane(0).chunks.pointee.destroy()
    SystemMemory.unmap(page, SystemMemory.pageSize)
  }

  borrowing func makeLane(_ index: Int) -> FixedMutexLane { FixedMutexLane(page: page) }

  /// Unmaps the chunks none of whose objects is in use. O(free objects × log chunks).
  borrowing func purge() { makeLane(0).locked { FixedBlocks.releaseIdle($0, count: 1, chunks: makeLane(0).chunks) } }

  /// Objects in use. O(free objects + chunks).
  borrowing func liveCount() -> Int {
    makeLane(0).locked { FixedBlocks.liveCount($0, count: 1, chunks: makeLane(0).chunks) }
  }
}

/// One lane's access to the pool that all lanes share.
struct FixedMutexLane: PoolLane {
  /// Lock and list are in lines of their own, and not at the page's start: see `FixedLane`.
  private static let lockOffset = 1088

  fileprivate let lock: UnsafeMutablePointer<pthread_mutex_t>
  fileprivate let blocks: UnsafeMutablePointer<FixedBlocks>

  fileprivate init(page: UnsafeMutableRawPointer) {
    lock = (page + Self.lockOffset).assumingMemoryBound(to: pthread_mutex_t.self)
    blocks = (page + (Self.lockOffset + 64)).assumingMemoryBound(to: FixedBlocks.self)
  }

  fileprivate var chunks: UnsafeMutablePointer<ChunkTable> {
    UnsafeMutableRawPointer(blocks + 1).assumingMemoryBound(to: ChunkTable.self)
  }

  @inline(__always)
  fileprivate func locked<Result>(_ body: (UnsafeMutablePointer<FixedBlocks>) -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body(blocks)
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    assert(size <= blocks.pointee.blockSize, "a fixed pool was asked for more than its object size")
    return locked { $0.pointee.allocate() }
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard size <= blocks.pointee.blockSize, let object = allocate(size, variant) else { return nil }
    object.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    size <= blocks.pointee.blockSize ? locked { $0.pointee.allocateAligned(alignment) } : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { locked { $0.pointee.free(pointer) } }

  /// In place, or nil for what exceeds the object size.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { newSize <= blocks.pointee.blockSize ? pointer : nil }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { blocks.pointee.blockSize }
}
