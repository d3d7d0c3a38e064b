import Workload

/// The fixed-length pool (定长内存池) of the lessons on tcmalloc's design: big chunks, a cursor and a free list.
///
/// ```
/// head ─► freed object ─► freed object ─► nil        the link is the freed object's first word
///
/// a chunk of 128 KiB, of its own from the system
///  | object | object | object ◄ cursor        never touched yet        | tail < an object: dropped |
///                             └────────── remaining bytes ─────────────────────────────────────────┘
/// ```
/// Freed objects come first, the youngest at once; else the cursor moves on by an object (*lazy* bump: nothing is
/// written ahead); else a new chunk is taken and what remains of the old one is dropped. 128 KiB are "16 pages" of
/// 8 KiB. An object is of max(size, 8) bytes.
///
/// Floor, counted from the description: allocate from the list 2L 1S, by the cursor 3L 2S (list, cursor, remaining);
/// free 1L 2S. As compiled the same, but 4L by the cursor: the object size is no constant here.
///
/// What differs from the usual source: it compares what remains with the size asked for but takes the rounded one off,
/// and forgets where its chunks are, so that it cannot end; here it is the rounded one in both places, and a list of
/// the chunks is kept. Sizes come without a type here, and are rounded to 8 as those of a type with a pointer in it.
struct FixedChunks: FixedClassic {
  static var alignment: Int { 8 }
  static var largestObject: Int { chunkBytes }
  static var chunkBytes: Int { 16 << 13 }

  private var head: UnsafeMutableRawPointer?
  private var cursor: UnsafeMutableRawPointer?
  private var remaining = 0
  let objectSize: Int
  private var chunks = ChunkBases()
  private(set) var chunkCount = 0
  /// Bytes at the ends of chunks in which no object had room.
  private(set) var droppedBytes = 0

  init(objectSize size: Int, _ subject: Subject) {
    objectSize = max(SystemMemory.rounded(size, to: 8), 8)
  }

  @inline(__always)
  mutating func allocate() -> UnsafeMutableRawPointer? {
    if let object = head {
      head = object.link
      return object
    }
    let left = remaining &- objectSize
    guard left >= 0 else { return allocateFromNewChunk() }
    remaining = left
    let object = cursor.unsafelyUnwrapped
    cursor = object + objectSize
    return object
  }

  @inline(__always)
  mutating func free(_ object: UnsafeMutableRawPointer) {
    object.link = head
    head = object
  }

  @inline(never)
  private mutating func allocateFromNewChunk() -> UnsafeMutableRawPointer? {
    guard chunks.hasRoom(), let chunk = SystemMemory.map(Self.chunkBytes) else { return nil }
    chunks.append(chunk)
    chunkCount += 1
    droppedBytes += remaining
    remaining = Self.chunkBytes - objectSize
    cursor = chunk + objectSize
    return chunk
  }

  mutating func destroy() {
    chunks.unmapAll(of: Self.chunkBytes)
    head = nil
    cursor = nil
    remaining = 0
  }

  func list(into counts: inout PoolCounts) {
    counts.add("chunk.taken", chunkCount)
    counts.add("chunk.dropped-bytes", droppedBytes)
  }

  mutating func addCounts(of other: Self) {
    chunkCount += other.chunkCount
    droppedBytes += other.droppedBytes
  }
}

typealias FixedChunkPool = FixedClassicPool<FixedChunks>

/// Where a pool's chunks are, in pages of their own: chunks begin at their first object.
///
/// ```
/// newest page ─►  | page before it | base | base | … |
/// ```
private struct ChunkBases {
  private var newest: UnsafeMutableRawPointer?
  /// Words of the newest page in use, its link included.
  private var used = 0

  private static var words: Int { SystemMemory.pageSize / MemoryLayout<UnsafeMutableRawPointer?>.stride }

  /// Makes room for one more; false when the system refuses.
  mutating func hasRoom() -> Bool {
    if newest != nil, used < Self.words { return true }
    guard let page = SystemMemory.map(SystemMemory.pageSize) else { return false }
    page.link = newest
    newest = page
    used = 1
    return true
  }

  /// - Precondition: there is room.
  mutating func append(_ base: UnsafeMutableRawPointer) {
    newest?.storeBytes(of: base, toByteOffset: used * 8, as: UnsafeMutableRawPointer.self)
    used += 1
  }

  /// Unmaps the chunks, each of so many bytes, and the pages.
  mutating func unmapAll(of chunkBytes: Int) {
    while let page = newest {
      for word in 1..<used {
        SystemMemory.unmap(page.load(fromByteOffset: word * 8, as: UnsafeMutableRawPointer.self), chunkBytes)
      }
      newest = page.link
      used = Self.words
      SystemMemory.unmap(page, SystemMemory.pageSize)
    }
    used = 0
  }
}
