/// PostgreSQL's context for objects that die about in the order in which they were made, such as a queue's: it cuts
/// chunks of any size one after the other, and a block goes when all its chunks have been freed.
///
/// ```
/// one piece of malloc, `initial` bytes                                   further pieces of malloc
///  | context | keeper: header 56 B | chunk | freed | chunk | … free … |   | header | chunk | … free … |
///  header: link, context, chunks made, chunks freed, free, end
///  chunk:  | header 8 B | size rounded up to 8 |      no list: a freed chunk is not used again before its block
///  current ─► the block that is cut from       spare ─► one block that became empty, for the next new one
/// ```
/// `allocate` cuts from the current block; where that is full, the spare block, then the keeper if it is empty, then a
/// new block, each twice as big as the one before, become it. `free` counts up the block's freed chunks; a block whose
/// chunks are all freed becomes the spare one if there is none, else goes back to malloc; the keeper is only emptied.
/// With other lifetimes than a queue's a single old object holds its whole block.
///
/// Floor (loads, stores), counted here as pools.md counts AllocSet's: allocate 5L 4S (limit, block, free, end, count;
/// free, count, header, isReset), free 3L 1S (header, two counts; one count).
///
/// Constants, of PostgreSQL's generation.c: at least eight chunks in the largest block (`Generation_CHUNK_FRACTION`),
/// which makes the limit 512 KiB by default and 512 B for small contexts; a chunk above it has a block of its own.
struct GenerationContext: ContextKind {
  struct Block: BitwiseCopyable {
    var link: BlockList.Link
    let context: UnsafeMutablePointer<GenerationContext>
    let bytes: Int
    var made: Int32 = 0
    var freed: Int32 = 0
    var free: UnsafeMutableRawPointer
    var end: UnsafeMutableRawPointer

    static let headerBytes = 56
  }

  static var method: ContextMethod { .generation }
  static let chunksInLargestBlock = 8

  private(set) var node: MemoryContextNode
  let chunkLimit: UInt
  private(set) var current: UnsafeMutablePointer<Block>?
  private(set) var spare: UnsafeMutablePointer<Block>?
  private(set) var blocks = BlockList()
  private let initialBlock: Int
  private let largestBlock: Int
  private var nextBlock: Int

  private init(_ backend: UnsafeMutablePointer<ContextBackend>, _ sizes: ContextSizes, chunkLimit: Int) {
    node = MemoryContextNode(.generation, backend)
    self.chunkLimit = UInt(chunkLimit)
    initialBlock = sizes.initial
    largestBlock = sizes.largest
    nextBlock = sizes.initial
  }

  static func absent(_ backend: UnsafeMutablePointer<ContextBackend>) -> GenerationContext {
    GenerationContext(backend, .standard, chunkLimit: 0)
  }

  static func create(
    _ backend: UnsafeMutablePointer<ContextBackend>, below parent: MemoryContext?, _ sizes: ContextSizes
  ) -> UnsafeMutablePointer<GenerationContext>? {
    backend.pointee.counts.contexts += 1
    let limit = sizes.chunkLimit(
      most: min(sizes.largest, ChunkHeader.largestValue), fraction: chunksInLargestBlock,
      blockHeader: Block.headerBytes)
    let bytes = firstBytes(sizes, blockHeader: Block.headerBytes)
    guard
      let context = place(GenerationContext(backend, sizes, chunkLimit: limit), in: bytes, of: backend, below: parent)
    else { return nil }
    let block = keeper(of: context)
    enter(block, bytes: bytes - MemoryLayout<GenerationContext>.stride, of: context)
    context.pointee.blocks.push(block)
    context.pointee.current = block
    return context
  }

  static func keeper(of context: UnsafeMutablePointer<GenerationContext>) -> UnsafeMutablePointer<Block> {
    (UnsafeMutableRawPointer(context) + MemoryLayout<GenerationContext>.stride).assumingMemoryBound(to: Block.self)
  }

  private static func firstChunk(_ block: UnsafeMutablePointer<Block>) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(block) + Block.headerBytes
  }

  private static func enter(
    _ block: UnsafeMutablePointer<Block>, bytes: Int, of context: UnsafeMutablePointer<GenerationContext>
  ) {
    block.initialize(
      to: Block(
        link: .init(), context: context, bytes: bytes, free: firstChunk(block),
        end: UnsafeMutableRawPointer(block) + bytes))
  }
}

// MARK: - Objects

extension GenerationContext {
  @inline(__always)
  static func allocateFast(
    _ context: UnsafeMutablePointer<GenerationContext>, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= context.pointee.chunkLimit, let block = context.pointee.current else { return nil }
    let bytes = SystemMemory.rounded(size, to: 8) &+ ChunkHeader.bytes
    guard bytes <= block.pointee.end - block.pointee.free else { return nil }
    return cut(bytes, from: block, of: context)
  }

  @inline(__always)
  private static func cut(
    _ bytes: Int, from block: UnsafeMutablePointer<Block>, of context: UnsafeMutablePointer<GenerationContext>
  ) -> UnsafeMutableRawPointer {
    let chunk = block.pointee.free
    block.pointee.free = chunk + bytes
    block.pointee.made &+= 1
    context.pointee.node.isReset = false
    let object = chunk + ChunkHeader.bytes
    ChunkHeader(
      .generation, value: bytes &- ChunkHeader.bytes, offset: chunk - UnsafeMutableRawPointer(block)
    ).write(before: object)
    return object
  }

  @inline(__always)
  static func free(_ object: UnsafeMutableRawPointer) {
    let header = ChunkHeader.of(object)
    guard header.isOrdinary(.generation) else { return freeUnusual(object) }
    let block = block(object, before: header.offset &+ ChunkHeader.bytes)
    block.pointee.freed &+= 1
    if block.pointee.freed >= block.pointee.made { blockIsEmpty(block) }
  }

  @inline(__always)
  private static func block(_ object: UnsafeMutableRawPointer, before distance: Int) -> UnsafeMutablePointer<Block> {
    (object - distance).assumingMemoryBound(to: Block.self)
  }

  private static func block(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Block> {
    let header = ChunkHeader.of(object)
    if !header.isExternal { return block(object, before: header.offset + ChunkHeader.bytes) }
    let block = block(object, before: ChunkHeader.bytes + Block.headerBytes)
    precondition(
      header.isSoundExternal && block.pointee.free == block.pointee.end, "no block holds this external chunk")
    return block
  }

  static func owner(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<GenerationContext> {
    block(of: object).pointee.context
  }

  static func chunkSize(_ object: UnsafeMutableRawPointer) -> Int {
    let header = ChunkHeader.of(object)
    return header.isExternal ? block(of: object).pointee.end - object : header.value
  }

  @inline(never)
  private static func freeUnusual(_ object: UnsafeMutableRawPointer) {
    let original = AlignedChunk.original(of: object)
    if original != object { return free(original) }
    let block = block(of: object)
    remove(block, of: block.pointee.context)
  }

  static func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    resizeByCopy(object, to: size)
  }
}

// MARK: - Blocks

extension GenerationContext {
  /// All chunks of the block have been freed.
  @inline(never)
  private static func blockIsEmpty(_ block: UnsafeMutablePointer<Block>) {
    let context = block.pointee.context
    if block == keeper(of: context) { return empty(block) }
    if context.pointee.spare == nil || context.pointee.spare == block {
      context.pointee.spare = block
      return empty(block)
    }
    if context.pointee.current == block { context.pointee.current = nil }
    remove(block, of: context)
  }

  private static func empty(_ block: UnsafeMutablePointer<Block>) {
    block.pointee.free = firstChunk(block)
    block.pointee.made = 0
    block.pointee.freed = 0
  }

  private static func remove(
    _ block: UnsafeMutablePointer<Block>, of context: UnsafeMutablePointer<GenerationContext>
  ) {
    context.pointee.blocks.remove(block)
    giveBack(block, block.pointee.bytes, of: context)
  }

  @inline(never)
  static func allocateSlowly(
    _ context: UnsafeMutablePointer<GenerationContext>, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    guard let rounded = rounded(size) else { return nil }
    let bytes = rounded + ChunkHeader.bytes
    guard UInt(bitPattern: size) <= context.pointee.chunkLimit else { return allocateExternal(context, bytes) }
    guard let block = nextBlock(of: context, holding: bytes) else { return nil }
    context.pointee.current = block
    return cut(bytes, from: block, of: context)
  }

  /// The spare block, the keeper if it is empty, or a new one.
  private static func nextBlock(
    of context: UnsafeMutablePointer<GenerationContext>, holding least: Int
  ) -> UnsafeMutablePointer<Block>? {
    let backend = context.pointee.node.backend
    if let spare = context.pointee.spare, spare.pointee.end - spare.pointee.free >= least {
      context.pointee.spare = nil
      backend.pointee.counts.reusedBlocks += 1
      return spare
    }
    let keeper = keeper(of: context)
    if keeper.pointee.made == 0, keeper.pointee.end - keeper.pointee.free >= least {
      backend.pointee.counts.reusedBlocks += 1
      return keeper
    }
    var bytes = context.pointee.nextBlock
    context.pointee.nextBlock = min(bytes * 2, context.pointee.largestBlock)
    // A power of two above, where the size of the block's turn does not do.
    while bytes < least + Block.headerBytes { bytes *= 2 }
    guard let block = take(bytes, for: context)?.bindMemory(to: Block.self, capacity: 1) else { return nil }
    backend.pointee.counts.blocks += 1
    enter(block, bytes: bytes, of: context)
    context.pointee.blocks.push(block)
    return block
  }

  private static func allocateExternal(
    _ context: UnsafeMutablePointer<GenerationContext>, _ chunkBytes: Int
  ) -> UnsafeMutableRawPointer? {
    let bytes = Block.headerBytes + chunkBytes
    guard let memory = take(bytes, for: context) else { return nil }
    context.pointee.node.backend.pointee.counts.largeBlocks += 1
    let block = memory.bindMemory(to: Block.self, capacity: 1)
    enter(block, bytes: bytes, of: context)
    block.pointee.made = 1
    block.pointee.free = block.pointee.end
    context.pointee.blocks.push(block)
    context.pointee.node.isReset = false
    let object = firstChunk(block) + ChunkHeader.bytes
    ChunkHeader.external(.generation).write(before: object)
    return object
  }
}

// MARK: - The whole

extension GenerationContext {
  static func reset(_ context: UnsafeMutablePointer<GenerationContext>) {
    let keeper = keeper(of: context)
    context.pointee.blocks.forEach(as: Block.self) { if $0 != keeper { giveBack($0, $0.pointee.bytes, of: context) } }
    empty(keeper)
    context.pointee.blocks = BlockList()
    context.pointee.blocks.push(keeper)
    context.pointee.current = keeper
    context.pointee.spare = nil
    context.pointee.nextBlock = context.pointee.initialBlock
  }

  static func delete(_ context: UnsafeMutablePointer<GenerationContext>) {
    reset(context)
    context.pointee.node.backend.pointee.giveBack(context)
  }

  /// The spare block. One that became empty as the current one stays that, and may hold objects again.
  static func purge(_ context: UnsafeMutablePointer<GenerationContext>) {
    guard let spare = context.pointee.spare, spare.pointee.made == 0, spare != context.pointee.current else { return }
    context.pointee.spare = nil
    remove(spare, of: context)
  }

  /// Freed chunks among others count as used, as in the original: nobody knows their sizes without a walk.
  static func statistics(_ context: UnsafeMutablePointer<GenerationContext>) -> ContextStatistics {
    var sum = ContextStatistics(bytes: context.pointee.node.heapBytes)
    context.pointee.blocks.forEach(as: Block.self) { block in
      sum.blocks += 1
      sum.freeChunks += Int(block.pointee.freed)
      sum.freeBytes += block.pointee.end - block.pointee.free
    }
    return sum
  }
}
