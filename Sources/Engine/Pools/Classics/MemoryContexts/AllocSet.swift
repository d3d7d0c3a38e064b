import CPlatform

/// PostgreSQL's ordinary memory context: chunks of powers of two, freed to a list for each, from blocks that double.
///
/// ```
/// one piece of malloc, `initial` bytes                            further pieces of malloc
///  | AllocSet | keeper: header 40 B | chunk | chunk | … free … |   | header | chunk | … free … |
///                                           free ▲         end ▲
///  chunk:  | header 8 B | 8, 16, 32 … 8,192 bytes |                a freed one holds the next in its first 8 bytes
///  lists:  8 B ─► chunk ─► chunk ─► nil,  16 B ─► …,  8 KiB ─► …   11 of them
///  blocks: current ─► larger ones behind it ─► … ─► keeper         a chunk above the limit has a block of its own
/// ```
/// `allocate` rounds up to a power of two, pops the size's list, else cuts from the current block, else makes a new
/// block; what the old one has left at its end is first carved into chunks for the lists. `free` finds the block by the
/// header, the set by the block, and pushes. `reset` gives all blocks but the keeper back; `delete` does the same and
/// puts the context into a cache (`ContextBackend`), if it is one of the default or small setup.
///
/// Floor (loads, stores) by the original: palloc 5L 2S of which 2L are the table of methods, pfree 4L 2S of which 1L.
///
/// Constants, of PostgreSQL's aset.c: lists from 8 B (`ALLOC_MINBITS` 3) to 8 KiB (`ALLOCSET_NUM_FREELISTS` 11); the
/// limit at most 8 KiB (`ALLOC_CHUNK_LIMIT`) and so that four chunks fit into the largest block
/// (`ALLOC_CHUNK_FRACTION`): 8,192 by default, 1,024 for small contexts.
struct AllocSet: ContextKind {
  struct Block: BitwiseCopyable {
    var link: BlockList.Link
    let set: UnsafeMutablePointer<AllocSet>
    var free: UnsafeMutableRawPointer
    var end: UnsafeMutableRawPointer

    static let headerBytes = 40
  }

  static var method: ContextMethod { .allocSet }
  static let lists = 11
  static let largestChunk = 8 << (lists - 1)
  static let chunksInLargestBlock = 4
  /// Above it a block that malloc refuses is asked for at half the size.
  static let leastHalved = 1 << 20

  var node: MemoryContextNode
  var blocks = BlockList()
  let chunkLimit: UInt
  var freeChunks = InlineArray<11, UnsafeMutableRawPointer?>(repeating: nil)
  private let initialBlock: Int
  fileprivate(set) var largestBlock: Int
  var nextBlock: Int
  private let firstBytes: Int
  private let cacheIndex: Int?

  private init(_ backend: UnsafeMutablePointer<ContextBackend>, _ sizes: ContextSizes, chunkLimit: Int) {
    node = MemoryContextNode(.allocSet, backend)
    self.chunkLimit = UInt(chunkLimit)
    initialBlock = sizes.initial
    largestBlock = sizes.largest
    nextBlock = sizes.initial
    firstBytes = Self.firstBytes(sizes, blockHeader: Block.headerBytes)
    cacheIndex = sizes.cacheIndex
  }

  static func absent(_ backend: UnsafeMutablePointer<ContextBackend>) -> AllocSet {
    AllocSet(backend, .standard, chunkLimit: 0)
  }

  static func create(
    _ backend: UnsafeMutablePointer<ContextBackend>, below parent: MemoryContext?, _ sizes: ContextSizes
  ) -> UnsafeMutablePointer<AllocSet>? {
    backend.pointee.counts.contexts += 1
    if let index = sizes.cacheIndex, let cached = backend.pointee.caches[index].first {
      backend.pointee.caches[index].first = cached.node.pointee.nextChild
      backend.pointee.caches[index].count -= 1
      let set = cached.cast(to: AllocSet.self)
      set.pointee.largestBlock = sizes.largest
      cached.node.pointee.nextChild = nil
      cached.setParent(parent)
      return set
    }
    let limit = sizes.chunkLimit(
      most: largestChunk, fraction: chunksInLargestBlock, blockHeader: Block.headerBytes)
    let bytes = firstBytes(sizes, blockHeader: Block.headerBytes)
    guard let set = place(AllocSet(backend, sizes, chunkLimit: limit), in: bytes, of: backend, below: parent) else {
      return nil
    }
    enter(keeper(of: set), bytes: bytes - MemoryLayout<AllocSet>.stride, into: set)
    return set
  }

  static func keeper(of set: UnsafeMutablePointer<AllocSet>) -> UnsafeMutablePointer<Block> {
    (UnsafeMutableRawPointer(set) + MemoryLayout<AllocSet>.stride).assumingMemoryBound(to: Block.self)
  }

  static func firstChunk(_ block: UnsafeMutablePointer<Block>) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(block) + Block.headerBytes
  }

  /// Makes a block the current one.
  static func enter(
    _ block: UnsafeMutablePointer<Block>, bytes: Int, into set: UnsafeMutablePointer<AllocSet>
  ) {
    block.initialize(
      to: Block(
        link: .init(), set: set, free: firstChunk(block), end: UnsafeMutableRawPointer(block) + bytes))
    set.pointee.blocks.push(block)
  }
}

// MARK: - Objects

extension AllocSet {
  /// The list for chunks of at least `size` bytes, which is within the limit: 0 for 0 … 8, 1 for 9 … 16.
  @inline(__always)
  static func list(of size: Int) -> Int { pb_power_class(size) }

  @inline(__always)
  static func allocateFast(_ set: UnsafeMutablePointer<AllocSet>, _ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= set.pointee.chunkLimit else { return nil }
    let list = list(of: size)
    // Unchecked: a size within the limit has a list.
    if let chunk = set.pointee.freeChunks[unchecked: list] {
      set.pointee.freeChunks[unchecked: list] = chunk.load(as: UnsafeMutableRawPointer?.self)
      set.pointee.node.isReset = false
      return chunk
    }
    guard let block = set.pointee.blocks.first(as: Block.self) else { return nil }
    let bytes = 8 &<< list &+ ChunkHeader.bytes
    let chunk = block.pointee.free
    guard bytes <= block.pointee.end - chunk else { return nil }
    return cut(chunk, list, bytes, from: block, of: set)
  }

  @inline(__always)
  static func cut(
    _ chunk: UnsafeMutableRawPointer, _ list: Int, _ bytes: Int, from block: UnsafeMutablePointer<Block>,
    of set: UnsafeMutablePointer<AllocSet>
  ) -> UnsafeMutableRawPointer {
    block.pointee.free = chunk + bytes
    set.pointee.node.isReset = false
    let object = chunk + ChunkHeader.bytes
    ChunkHeader(.allocSet, value: list, offset: chunk - UnsafeMutableRawPointer(block)).write(before: object)
    return object
  }

  @inline(__always)
  static func free(_ object: UnsafeMutableRawPointer) {
    let header = ChunkHeader.of(object)
    guard header.isOrdinary(.allocSet) else { return freeUnusual(object) }
    let set = block(of: object, header).pointee.set
    object.storeBytes(of: set.pointee.freeChunks[unchecked: header.value], as: UnsafeMutableRawPointer?.self)
    set.pointee.freeChunks[unchecked: header.value] = object
  }

  @inline(__always)
  private static func block(_ object: UnsafeMutableRawPointer, before distance: Int) -> UnsafeMutablePointer<Block> {
    (object - distance).assumingMemoryBound(to: Block.self)
  }

  @inline(__always)
  private static func block(of object: UnsafeMutableRawPointer, _ header: ChunkHeader) -> UnsafeMutablePointer<Block> {
    block(object, before: header.offset &+ ChunkHeader.bytes)
  }

  static func owner(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<AllocSet> {
    let header = ChunkHeader.of(object)
    return (header.isExternal ? ownBlock(of: object) : block(of: object, header)).pointee.set
  }

  static func chunkSize(_ object: UnsafeMutableRawPointer) -> Int {
    let header = ChunkHeader.of(object)
    return header.isExternal ? ownBlock(of: object).pointee.end - object : 8 << header.value
  }

  /// The block that an external chunk has to itself. Checked in release builds too, as in the original.
  static func ownBlock(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Block> {
    let block = block(object, before: ChunkHeader.bytes + Block.headerBytes)
    precondition(
      ChunkHeader.of(object).isSoundExternal && block.pointee.free == block.pointee.end,
      "no block holds this external chunk")
    return block
  }

  @inline(never)
  private static func freeUnusual(_ object: UnsafeMutableRawPointer) {
    let original = AlignedChunk.original(of: object)
    if original != object { return free(original) }
    let block = ownBlock(of: object)
    let set = block.pointee.set
    set.pointee.blocks.remove(block)
    giveBack(block, block.pointee.end - UnsafeMutableRawPointer(block), of: set)
  }
}

// MARK: - The whole

extension AllocSet {
  static func reset(_ set: UnsafeMutablePointer<AllocSet>) {
    for list in 0..<lists { set.pointee.freeChunks[list] = nil }
    let keeper = keeper(of: set)
    set.pointee.blocks.forEach(as: Block.self) { block in
      if block != keeper { giveBack(block, block.pointee.end - UnsafeMutableRawPointer(block), of: set) }
    }
    keeper.pointee.free = firstChunk(keeper)
    set.pointee.blocks = BlockList()
    set.pointee.blocks.push(keeper)
    set.pointee.nextBlock = set.pointee.initialBlock
  }

  /// Into its cache, if it has one; a cache that is full is emptied first, all of it.
  static func delete(_ set: UnsafeMutablePointer<AllocSet>) {
    if !set.pointee.node.isReset { reset(set) }
    set.pointee.node.isReset = true
    let backend = set.pointee.node.backend
    guard let index = set.pointee.cacheIndex else { return backend.pointee.giveBack(set) }
    if backend.pointee.caches[index].count >= ContextBackend.mostCached {
      backend.pointee.counts.cacheOverflows += 1
      backend.pointee.emptyCache(index)
    }
    set.pointee.node.nextChild = backend.pointee.caches[index].first
    backend.pointee.caches[index].first = MemoryContext(set)
    backend.pointee.caches[index].count += 1
  }

  static func statistics(_ set: UnsafeMutablePointer<AllocSet>) -> ContextStatistics {
    var sum = ContextStatistics(bytes: set.pointee.node.heapBytes)
    set.pointee.blocks.forEach(as: Block.self) { block in
      sum.blocks += 1
      sum.freeBytes += block.pointee.end - block.pointee.free
    }
    for list in 0..<lists {
      var chunk = set.pointee.freeChunks[list]
      while let visited = chunk {
        sum.freeChunks += 1
        sum.freeBytes += 8 << list + ChunkHeader.bytes
        chunk = visited.load(as: UnsafeMutableRawPointer?.self)
      }
    }
    return sum
  }
}
