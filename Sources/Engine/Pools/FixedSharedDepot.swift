import CPlatform
import Glibc
import Synchronization

/// What the lanes of a shared pool have in common.
///
/// ```
/// depot's pages
///  504   a word that is always nil
///  512   the nowhere magazine's top: both empty and full, so a lane without a magazine takes the slow path
///  576   stack of empty magazines | 592 lock | 640 ChunkTable | 680 large objects | 696 cursor and end of magazines
///  768   DepotClass 0 | class 1 | …, a cache line each
/// ```
/// Objects move between lanes and the depot a magazine at a time, through two lock-free stacks: full magazines by
/// class, empty ones. Fresh objects are carved from a class's chunk by exchanging its cursor and end as one word.
/// The lock is taken only to map memory and for large objects.
struct FixedSharedDepot {
  static let headerBytes = 768
  private let base: UnsafeMutableRawPointer

  init(base: UnsafeMutableRawPointer) { self.base = base }

  /// A top that no object was ever pushed to.
  @inline(__always)
  var nowhere: UnsafeMutableRawPointer { base + 512 }
  var empties: UnsafeMutablePointer<MagazineStack> {
    (base + 576).assumingMemoryBound(to: MagazineStack.self)
  }
  private var lock: UnsafeMutablePointer<pthread_mutex_t> {
    (base + 592).assumingMemoryBound(to: pthread_mutex_t.self)
  }
  /// Under the lock.
  var chunks: UnsafeMutablePointer<ChunkTable> { (base + 640).assumingMemoryBound(to: ChunkTable.self) }
  /// Under the lock.
  private var large: UnsafeMutablePointer<LargeObjects> { (base + 680).assumingMemoryBound(to: LargeObjects.self) }
  /// Memory for further magazines. Under the lock.
  private var spare: UnsafeMutablePointer<(cursor: UInt, end: UInt)> {
    (base + 696).assumingMemoryBound(to: (cursor: UInt, end: UInt).self)
  }
  @inline(__always)
  var classes: UnsafeMutablePointer<DepotClass> {
    (base + Self.headerBytes).assumingMemoryBound(to: DepotClass.self)
  }

  /// - Parameter blockSizes: of each class in turn.
  func initialize(classCount: Int, blockSize: (Int) -> Int) {
    empties.initialize(to: MagazineStack())
    pthread_mutex_init(lock, nil)
    chunks.initialize(to: ChunkTable())
    large.initialize(to: LargeObjects())
    spare.initialize(to: (0, 0))
    for index in 0..<classCount { (classes + index).initialize(to: DepotClass(blockSize: blockSize(index))) }
  }

  /// Unmaps all objects and magazines; the depot's pages are the owner's.
  func destroy() {
    chunks.pointee.destroy()
    large.pointee.freeAll()
    pthread_mutex_destroy(lock)
  }

  /// What a chunk of magazines is entered as.
  static let magazineClass = -1

  func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }

  func withLarge<Result>(_ body: (inout LargeObjects) -> Result) -> Result { locked { body(&large.pointee) } }

  /// A magazine for class `index`, empty, as its top; nil when the system refuses memory for a new one.
  func emptyMagazine(_ index: Int) -> UnsafeMutableRawPointer? {
    let magazine = empties.pointee.pop() ?? locked { newMagazine() }
    return magazine?.sealed(capacity: classes[index].capacity)
  }

  private func newMagazine() -> Magazine? {
    if spare.pointee.cursor == spare.pointee.end {
      guard let chunk = chunks.pointee.map(SystemMemory.firstChunk, sizeClass: Self.magazineClass) else { return nil }
      spare.pointee.cursor = UInt(bitPattern: chunk)
      spare.pointee.end = spare.pointee.cursor + UInt(SystemMemory.firstChunk)
    }
    defer { spare.pointee.cursor += UInt(Magazine.bytes) }
    return UnsafeMutableRawPointer(bitPattern: spare.pointee.cursor).map(Magazine.init(base:))
  }
}

/// One size class of a depot, in a cache line of its own.
struct DepotClass: ~Copyable {
  /// Magazines with at least one object.
  let full = MagazineStack()
  /// Cursor and end of the newest chunk.
  private let fresh = Atomic<WordPair>(WordPair(first: 0, second: 0))
  let blockSize: Int
  /// Objects a magazine holds: as many as make 64 KiB, so that lanes hoard little of what is big; 2...62.
  let capacity: Int
  /// Changed under the depot's lock.
  private let nextChunkBytes = Atomic<Int>(SystemMemory.firstChunk)
  private let padding = 0

  init(blockSize: Int) {
    self.blockSize = blockSize
    capacity = min(max(SystemMemory.firstChunk / blockSize, 2), Magazine.largestCapacity)
  }

  /// Takes up to `count` whole blocks from the newest chunk; nil when it has none left.
  func carve(_ count: Int) -> (first: UInt, count: Int)? {
    var seen = fresh.load(ordering: .relaxed)
    while true {
      let taken = min(Int(seen.second - seen.first) / blockSize, count)
      if taken == 0 { return nil }
      let changed = WordPair(first: seen.first + UInt(taken * blockSize), second: seen.second)
      let (done, found) = fresh.weakCompareExchange(
        expected: seen, desired: changed, successOrdering: .relaxed, failureOrdering: .relaxed)
      if done { return (seen.first, taken) }
      seen = found
    }
  }

  /// Takes one block at a multiple of `alignment` and everything before it; nil when it does not fit.
  func carveAligned(_ alignment: Int) -> (start: UInt, block: UInt)? {
    var seen = fresh.load(ordering: .relaxed)
    while true {
      let block = (seen.first + UInt(alignment - 1)) & ~UInt(alignment - 1)
      if block > seen.second || seen.second - block < UInt(blockSize) { return nil }
      let changed = WordPair(first: block + UInt(blockSize), second: seen.second)
      let (done, found) = fresh.weakCompareExchange(
        expected: seen, desired: changed, successOrdering: .relaxed, failureOrdering: .relaxed)
      if done { return (seen.first, block) }
      seen = found
    }
  }

  /// Makes a chunk the newest, unless the present one has a block left. Under the depot's lock, so that lanes that run
  /// out at once map one chunk between them. False when the system refuses.
  func addChunk(to chunks: UnsafeMutablePointer<ChunkTable>, sizeClass: Int) -> Bool {
    let now = fresh.load(ordering: .relaxed)
    if now.second - now.first >= UInt(blockSize) { return true }
    let size = nextChunkBytes.load(ordering: .relaxed)
    let bytes = SystemMemory.roundedToPages(max(size, blockSize))
    guard let base = chunks.pointee.map(bytes, sizeClass: sizeClass) else { return false }
    nextChunkBytes.store(min(size * 2, SystemMemory.largestChunk), ordering: .relaxed)
    let cursor = UInt(bitPattern: base)
    fresh.store(WordPair(first: cursor, second: cursor + UInt(bytes)), ordering: .relaxed)
    return true
  }

  /// Blocks of `chunk`, one of this class, that have been carved. Only while no one else uses the class.
  func carved(_ chunk: Chunk) -> Int {
    let now = fresh.load(ordering: .relaxed)
    let base = UInt(bitPattern: chunk.base)
    let isNewest = now.second == base + UInt(chunk.bytes)
    return chunk.blocks(of: blockSize, below: isNewest ? Int(now.first - base) : chunk.bytes)
  }

  /// Forgets the newest chunk if it is releasable. Only while no one else uses the class.
  func forgetReleasable(in chunks: ChunkTable) {
    let end = fresh.load(ordering: .relaxed).second
    if end == 0 { return }
    if chunks[chunks.index(of: UnsafeMutableRawPointer(bitPattern: end - 1)!)].isReleasable {
      fresh.store(WordPair(first: 0, second: 0), ordering: .relaxed)
    }
  }
}
