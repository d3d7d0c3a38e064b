/// PostgreSQL's context for chunks of one size: 8 KiB blocks sorted by how full they are, the fullest used first, so that
/// others become empty and can go.
///
/// ```
///  context                blockLists[1] ─► block ─► block     fuller: at most half of the chunks free
///   current list: 1       blockLists[2] ─► block              emptier
///                         blockLists[0] ─► block              full: nothing to hand out
///                         emptyBlocks   ─► block              at most 10, further ones go back to malloc
///  block:  | header 48 B | chunk | freed | chunk | never used … | rest < a chunk |
///                                    ▲ freeHead   ▲ unused        each chunk with its header of 8 B
/// ```
/// `allocate` takes from the first block of the current list, the fullest that has a chunk: one that was freed, else one
/// never used. A block whose number of free chunks crosses a list's bound moves to the other list, and the current list
/// is found anew. Full blocks' list is number 0, so a current list of 0 means that there is no chunk: an empty block or a
/// new one comes then.
///
/// Floor (loads, stores), counted here as pools.md counts AllocSet's: allocate 7L 4S (size, list number, block, freed
/// head, its next, count, shift; head, count, header or none, isReset), free 4L 3S (header, head, count, slab).
///
/// Constants, of PostgreSQL's slab.c: 3 lists (`SLAB_BLOCKLIST_COUNT`), 10 empty blocks (`SLAB_MAXIMUM_EMPTY_BLOCKS`),
/// blocks of 8 KiB (`SLAB_DEFAULT_BLOCK_SIZE`). What differs: requests smaller than a chunk are served, where the
/// original takes no size but the chunk's; and the current list is always that of the fullest blocks, where the original,
/// when a block has moved to the fuller list, first goes on with the others of the emptier one.
struct SlabContext: ContextKind {
  struct Block: BitwiseCopyable {
    var link: BlockList.Link
    let slab: UnsafeMutablePointer<SlabContext>
    var freeChunks: Int32
    var unusedChunks: Int32
    var freeHead: UnsafeMutableRawPointer?
    var unused: UnsafeMutableRawPointer

    static let headerBytes = 48
  }

  static var method: ContextMethod { .slab }
  static let blockListCount = 3
  static let mostEmptyBlocks = 10

  private(set) var node: MemoryContextNode
  /// Of a request; of a chunk with its header.
  let largestRequest: UInt
  let chunkBytes: Int
  let chunksPerBlock: Int32
  private let shift: Int32
  private let blockBytes: Int
  fileprivate(set) var currentList = 0
  fileprivate(set) var blockLists = InlineArray<3, BlockList>(repeating: BlockList())
  fileprivate(set) var emptyBlocks = BlockList()
  fileprivate(set) var emptyCount = 0

  private init(_ backend: UnsafeMutablePointer<ContextBackend>, _ sizes: ContextSizes) {
    node = MemoryContextNode(.slab, backend)
    largestRequest = UInt(sizes.chunk)
    // Room for the link of a freed one.
    chunkBytes = ChunkHeader.bytes + max(SystemMemory.rounded(sizes.chunk, to: 8), 8)
    blockBytes = sizes.initial
    let chunks = Int32((blockBytes - Block.headerBytes) / chunkBytes)
    chunksPerBlock = chunks
    var shift: Int32 = 0
    while chunks >> shift >= Int32(Self.blockListCount) - 1 { shift += 1 }
    self.shift = shift
  }

  /// The largest chunk that a block of `bytes` holds one of.
  static func largestChunk(block bytes: Int) -> Int { bytes - Block.headerBytes - ChunkHeader.bytes }

  static func absent(_ backend: UnsafeMutablePointer<ContextBackend>) -> SlabContext {
    var sizes = ContextSizes.standard
    sizes.chunk = 0
    return SlabContext(backend, sizes)
  }

  /// - Precondition: a block of `initial` bytes holds one chunk at least.
  static func create(
    _ backend: UnsafeMutablePointer<ContextBackend>, below parent: MemoryContext?, _ sizes: ContextSizes
  ) -> UnsafeMutablePointer<SlabContext>? {
    precondition(sizes.chunk <= largestChunk(block: sizes.initial), "a slab's block is too small for its chunks")
    backend.pointee.counts.contexts += 1
    return place(SlabContext(backend, sizes), in: MemoryLayout<SlabContext>.size, of: backend, below: parent)
  }

  /// Which list a block with so many free chunks is on: 0 for none, rounded up, so that no other is on list 0.
  @inline(__always)
  fileprivate func list(ofFree chunks: Int32) -> Int { Int(-(-chunks &>> shift)) }

  /// The list with the fullest blocks that have a free chunk, 0 if there is none.
  fileprivate func fullestList() -> Int {
    for list in 1..<Self.blockListCount where !blockLists[list].isEmpty { return list }
    return 0
  }
}

// MARK: - Objects

extension SlabContext {
  @inline(__always)
  static func allocateFast(_ slab: UnsafeMutablePointer<SlabContext>, _ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= slab.pointee.largestRequest else { return nil }
    let list = slab.pointee.currentList
    // Unchecked: `list(ofFree:)` and `fullestList` give no other.
    guard list != 0, let block = slab.pointee.blockLists[unchecked: list].first(as: Block.self) else { return nil }
    let object = takeChunk(of: block, slab)
    slab.pointee.node.isReset = false
    let newList = slab.pointee.list(ofFree: block.pointee.freeChunks)
    if newList != list { move(block, from: list, to: newList, of: slab) }
    return object
  }

  @inline(__always)
  private static func takeChunk(
    of block: UnsafeMutablePointer<Block>, _ slab: UnsafeMutablePointer<SlabContext>
  ) -> UnsafeMutableRawPointer {
    block.pointee.freeChunks &-= 1
    if let object = block.pointee.freeHead {
      block.pointee.freeHead = object.load(as: UnsafeMutableRawPointer?.self)
      return object
    }
    let chunk = block.pointee.unused
    block.pointee.unused = chunk + slab.pointee.chunkBytes
    block.pointee.unusedChunks &-= 1
    let object = chunk + ChunkHeader.bytes
    ChunkHeader(
      .slab, value: slab.pointee.chunkBytes &- ChunkHeader.bytes, offset: chunk - UnsafeMutableRawPointer(block)
    ).write(before: object)
    return object
  }

  @inline(never)
  private static func move(
    _ block: UnsafeMutablePointer<Block>, from old: Int, to new: Int, of slab: UnsafeMutablePointer<SlabContext>
  ) {
    slab.pointee.blockLists[old].remove(block)
    slab.pointee.blockLists[new].push(block)
    slab.pointee.currentList = slab.pointee.fullestList()
  }

  @inline(never)
  static func allocateSlowly(_ slab: UnsafeMutablePointer<SlabContext>, _ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= slab.pointee.largestRequest else { return nil }
    let block: UnsafeMutablePointer<Block>
    if let empty = slab.pointee.emptyBlocks.first(as: Block.self) {
      slab.pointee.emptyBlocks.remove(empty)
      slab.pointee.emptyCount -= 1
      slab.pointee.node.backend.pointee.counts.reusedBlocks += 1
      block = empty
    } else {
      guard let memory = take(slab.pointee.blockBytes, for: slab) else { return nil }
      slab.pointee.node.backend.pointee.counts.blocks += 1
      block = memory.bindMemory(to: Block.self, capacity: 1)
      let chunks = slab.pointee.chunksPerBlock
      block.initialize(
        to: Block(
          link: .init(), slab: slab, freeChunks: chunks, unusedChunks: chunks, unused: memory + Block.headerBytes))
    }
    let object = takeChunk(of: block, slab)
    slab.pointee.node.isReset = false
    slab.pointee.blockLists[slab.pointee.list(ofFree: block.pointee.freeChunks)].push(block)
    slab.pointee.currentList = slab.pointee.fullestList()
    return object
  }

  @inline(__always)
  private static func block(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Block> {
    (object - (ChunkHeader.of(object).offset &+ ChunkHeader.bytes)).assumingMemoryBound(to: Block.self)
  }

  static func owner(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<SlabContext> {
    block(of: object).pointee.slab
  }

  static func chunkSize(_ object: UnsafeMutableRawPointer) -> Int { ChunkHeader.of(object).value }

  @inline(__always)
  static func free(_ object: UnsafeMutableRawPointer) {
    let block = block(of: object)
    let slab = block.pointee.slab
    object.storeBytes(of: block.pointee.freeHead, as: UnsafeMutableRawPointer?.self)
    block.pointee.freeHead = object
    let free = block.pointee.freeChunks &+ 1
    block.pointee.freeChunks = free
    let old = slab.pointee.list(ofFree: free &- 1)
    let new = slab.pointee.list(ofFree: free)
    if old != new || free == slab.pointee.chunksPerBlock { blockIsFreer(block, old, new) }
  }

  /// The block crosses a list's bound, or is empty.
  @inline(never)
  private static func blockIsFreer(_ block: UnsafeMutablePointer<Block>, _ old: Int, _ new: Int) {
    let slab = block.pointee.slab
    slab.pointee.blockLists[old].remove(block)
    if block.pointee.freeChunks < slab.pointee.chunksPerBlock {
      slab.pointee.blockLists[new].push(block)
    } else if slab.pointee.emptyCount < mostEmptyBlocks {
      slab.pointee.emptyBlocks.push(block)
      slab.pointee.emptyCount += 1
    } else {
      giveBack(block, slab.pointee.blockBytes, of: slab)
    }
    slab.pointee.currentList = slab.pointee.fullestList()
  }

  /// Nil for any size but one that the chunk holds: there are no others.
  static func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    UInt(bitPattern: size) <= block(of: object).pointee.slab.pointee.largestRequest ? object : nil
  }

  static func allocateAligned(
    _ context: UnsafeMutablePointer<SlabContext>, _ size: Int, _ alignment: Int
  ) -> UnsafeMutableRawPointer? { alignment <= 8 ? allocate(context, size) : nil }
}

// MARK: - The whole

extension SlabContext {
  static func reset(_ slab: UnsafeMutablePointer<SlabContext>) {
    purge(slab)
    for list in 0..<blockListCount {
      slab.pointee.blockLists[list].forEach(as: Block.self) { giveBack($0, slab.pointee.blockBytes, of: slab) }
      slab.pointee.blockLists[list] = BlockList()
    }
    slab.pointee.currentList = 0
  }

  static func delete(_ slab: UnsafeMutablePointer<SlabContext>) {
    reset(slab)
    slab.pointee.node.backend.pointee.giveBack(slab)
  }

  /// The empty blocks.
  static func purge(_ slab: UnsafeMutablePointer<SlabContext>) {
    slab.pointee.emptyBlocks.forEach(as: Block.self) { giveBack($0, slab.pointee.blockBytes, of: slab) }
    slab.pointee.emptyBlocks = BlockList()
    slab.pointee.emptyCount = 0
  }

  static func statistics(_ slab: UnsafeMutablePointer<SlabContext>) -> ContextStatistics {
    var sum = ContextStatistics(bytes: slab.pointee.node.heapBytes)
    let count = { (block: UnsafeMutablePointer<Block>) in
      sum.blocks += 1
      sum.freeChunks += Int(block.pointee.freeChunks)
      sum.freeBytes += Int(block.pointee.freeChunks) * slab.pointee.chunkBytes
    }
    for list in 0..<blockListCount { slab.pointee.blockLists[list].forEach(as: Block.self, count) }
    slab.pointee.emptyBlocks.forEach(as: Block.self, count)
    return sum
  }
}
