import CPlatform

/// Blocks of one size with one owner: the free list and the unused end of the newest chunk.
///
/// ```
/// head ─► free block ─► free block ─► nil         the link is the free block's first word
/// cursor ─► first byte never handed out … end     in the newest chunk
/// ```
/// The free list is last-in first-out, so that the block handed out next is the one most likely in the cache. Blocks
/// are carved from a chunk one at a time and only when the list is empty: no chunk is ever walked.
///
/// Sources: the segregated storage of Knuth, TAOCP 1, 2.5 and boost::pool (which threads whole chunks eagerly);
/// lazy carving as in tcmalloc's and mimalloc's page initialisation. Chunk sizes: `SystemMemory`.
///
/// Allocate: load the head, load its link, store the head. Free: load the head, store the link, store the head.
/// Everything O(1), but for what says otherwise.
struct FixedBlocks {
  private(set) var head: UnsafeMutableRawPointer?
  private var cursor: UInt = 0
  private var end: UInt = 0
  /// Multiple of 16, or 8.
  let blockSize: Int
  private var nextChunkBytes = SystemMemory.firstChunk
  /// What the chunks of these blocks are entered as.
  private let sizeClass: Int
  /// The owner's chunks.
  private let chunks: UnsafeMutablePointer<ChunkTable>
  /// Bytes that are left out at each boundary of 64 KiB, 0 or a cache line's. Makes this a cache line long, too.
  private let stagger: UInt

  private static let lineBytes = 64

  /// Free blocks that a request for an unusual alignment looks at before it carves a new one.
  private static let alignedSearch = 16

  /// - Parameter staggers: whether blocks of an even number of cache lines begin a line later from each boundary of
  ///   64 KiB on, as the colours of Bonwick's slabs. What is looked at most is a block's beginning, and those of blocks of
  ///   256 bytes would share a quarter of a cache's sets. Costs the alignment to more than a line.
  init(blockSize: Int, sizeClass: Int = 0, staggers: Bool = false, chunks: UnsafeMutablePointer<ChunkTable>) {
    self.blockSize = blockSize
    stagger = staggers && blockSize % (2 * Self.lineBytes) == 0 ? UInt(Self.lineBytes) : 0
    self.sizeClass = sizeClass
    self.chunks = chunks
  }

  /// The block size for objects of `size` bytes: a multiple of 16, or 8 for the smallest.
  static func blockSize(for size: Int) -> Int { size <= 8 ? 8 : SystemMemory.rounded(size, to: 16) }

  @inline(__always)
  mutating func allocate() -> UnsafeMutableRawPointer? {
    if head.isRareNil { return carve() }
    let block = head.unsafelyUnwrapped
    head = block.load(as: UnsafeMutableRawPointer?.self)
    // The next call will want its link, and its caller the object.
    pb_prefetch(head)
    return block
  }

  /// As `allocate`, the first `size` bytes zero: a block that was never handed out is so already.
  mutating func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    guard let block = head else { return carve() }
    head = block.load(as: UnsafeMutableRawPointer?.self)
    block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return block
  }

  @inline(__always)
  mutating func free(_ block: UnsafeMutableRawPointer) {
    assert(block != head, "an object of a fixed pool was freed twice")
    block.storeBytes(of: head, as: UnsafeMutableRawPointer?.self)
    head = block
  }

  /// The free list, which leaves: the caller puts it back before anything but `carve` is called.
  @inline(__always)
  mutating func takeList() -> UnsafeMutableRawPointer? {
    defer { head = nil }
    return head
  }

  @inline(__always)
  mutating func putList(_ list: UnsafeMutableRawPointer?) { head = list }

  /// The next block of the newest chunk, or of a new one.
  @inline(never)
  mutating func carve() -> UnsafeMutableRawPointer? {
    if end - cursor < UInt(blockSize), !addChunk() { return nil }
    let block = cursor
    cursor += UInt(blockSize)
    if stagger > 0, (block ^ cursor) >> 16 != 0, end - cursor >= stagger {
      chunks.pointee.lose(Int(stagger), at: UnsafeMutableRawPointer(bitPattern: cursor)!)
      cursor += stagger
    }
    return UnsafeMutableRawPointer(bitPattern: block)
  }

  private mutating func addChunk() -> Bool {
    let bytes = chunks.pointee.length(for: max(nextChunkBytes, blockSize))
    guard let base = chunks.pointee.map(bytes, sizeClass: sizeClass) else { return false }
    nextChunkBytes = min(nextChunkBytes * 2, SystemMemory.largestChunk)
    cursor = UInt(bitPattern: base)
    end = cursor + UInt(bytes)
    return true
  }

  /// A block at a multiple of `alignment`, a power of two.
  ///
  /// Chunks begin at a page, so every block is aligned to the largest power of two that divides the block size, up to
  /// the page, or to a cache line where blocks are staggered. Beyond that one of the first free blocks may happen to fit;
  /// else the cursor skips ahead, and the whole blocks it skips become free. What must be aligned to more than a page
  /// gets a chunk of its own.
  /// - Complexity: O(alignment / block size) beside a bounded search.
  mutating func allocateAligned(_ alignment: Int) -> UnsafeMutableRawPointer? {
    let isAligned = stagger == 0 ? alignment <= SystemMemory.pageSize : alignment <= Self.lineBytes
    if blockSize & (alignment - 1) == 0, isAligned { return allocate() }
    if let block = takeFree(alignedTo: alignment) { return block }
    if alignment > SystemMemory.pageSize {
      return chunks.pointee.mapBlock(blockSize, sizeClass: sizeClass, alignment: alignment)
    }
    if !fits(alignment) {
      skip(to: end)
      guard addChunk() else { return nil }
    }
    let aligned = (cursor + UInt(alignment - 1)) & ~UInt(alignment - 1)
    skip(to: aligned)
    if cursor < aligned {
      chunks.pointee.lose(Int(aligned - cursor), at: UnsafeMutableRawPointer(bitPattern: cursor)!)
    }
    cursor = aligned + UInt(blockSize)
    return UnsafeMutableRawPointer(bitPattern: aligned)
  }

  private func fits(_ alignment: Int) -> Bool {
    let aligned = (cursor + UInt(alignment - 1)) & ~UInt(alignment - 1)
    return aligned <= end && end - aligned >= UInt(blockSize)
  }

  /// Frees the whole blocks between the cursor and `limit`.
  private mutating func skip(to limit: UInt) {
    while limit - cursor >= UInt(blockSize) {
      free(UnsafeMutableRawPointer(bitPattern: cursor)!)
      cursor += UInt(blockSize)
    }
  }

  private mutating func takeFree(alignedTo alignment: Int) -> UnsafeMutableRawPointer? {
    var before: UnsafeMutableRawPointer?
    var block = head
    for _ in 0..<Self.alignedSearch {
      guard let found = block else { return nil }
      let next = found.load(as: UnsafeMutableRawPointer?.self)
      if UInt(bitPattern: found) & UInt(alignment - 1) == 0 {
        if let before {
          before.storeBytes(of: next, as: UnsafeMutableRawPointer?.self)
        } else {
          head = next
        }
        return found
      }
      before = found
      block = next
    }
    return nil
  }
}

// MARK: - Counting and giving back

extension FixedBlocks {
  /// Blocks of `chunk`, one of these blocks' own, that have been handed out at least once.
  func carved(_ chunk: Chunk) -> Int {
    let base = UInt(bitPattern: chunk.base)
    let isNewest = end == base + UInt(chunk.bytes)
    return chunk.blocks(of: blockSize, below: isNewest ? Int(cursor - base) : chunk.bytes)
  }

  /// O(free blocks).
  var freeCount: Int {
    var count = 0
    var block = head
    while let free = block {
      count += 1
      block = free.load(as: UnsafeMutableRawPointer?.self)
    }
    return count
  }

  /// Notes each free block in its chunk. O(free blocks × log chunks).
  func countIdle() {
    var block = head
    while let free = block {
      chunks.pointee[chunks.pointee.index(of: free)].idle += 1
      block = free.load(as: UnsafeMutableRawPointer?.self)
    }
  }

  /// Takes the blocks of releasable chunks off the list and keeps the others' order.
  mutating func forgetReleasable() {
    var kept: UnsafeMutableRawPointer?
    var block = head
    head = nil
    while let free = block {
      block = free.load(as: UnsafeMutableRawPointer?.self)
      if chunks.pointee[chunks.pointee.index(of: free)].isReleasable { continue }
      if let kept {
        kept.storeBytes(of: free, as: UnsafeMutableRawPointer?.self)
      } else {
        head = free
      }
      free.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
      kept = free
    }
    if end != 0 {
      let index = chunks.pointee.index(of: UnsafeMutableRawPointer(bitPattern: end - 1)!)
      if chunks.pointee[index].isReleasable {
        cursor = 0
        end = 0
      }
    }
  }
}

// MARK: - All blocks of an owner

extension FixedBlocks {
  /// Blocks in use of an owner whose blocks of class i are `blocks[i]`. O(free blocks + chunks).
  static func liveCount(
    _ blocks: UnsafeMutablePointer<FixedBlocks>, count: Int, chunks: UnsafeMutablePointer<ChunkTable>
  ) -> Int {
    var live = 0
    for index in 0..<chunks.pointee.count {
      let chunk = chunks.pointee[index]
      live += blocks[chunk.sizeClass].carved(chunk)
    }
    for index in 0..<count { live -= blocks[index].freeCount }
    return live
  }

  /// Unmaps the chunks none of whose blocks is in use. O(free blocks × log chunks).
  static func releaseIdle(
    _ blocks: UnsafeMutablePointer<FixedBlocks>, count: Int, chunks: UnsafeMutablePointer<ChunkTable>
  ) {
    for index in 0..<chunks.pointee.count { chunks.pointee[index].idle = 0 }
    for index in 0..<count { blocks[index].countIdle() }
    for index in 0..<chunks.pointee.count {
      let chunk = chunks.pointee[index]
      chunks.pointee[index].isReleasable = chunk.idle == blocks[chunk.sizeClass].carved(chunk)
    }
    for index in 0..<count { blocks[index].forgetReleasable() }
    chunks.pointee.remove { $0.isReleasable }
  }
}
