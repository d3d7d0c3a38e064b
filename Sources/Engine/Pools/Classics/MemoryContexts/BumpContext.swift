/// PostgreSQL's context for objects that end together: chunks without a header, which cannot be freed one by one.
///
/// ```
/// one piece of malloc, `initial` bytes                           further pieces of malloc
///  | context | keeper: header 32 B | object | object | … free … |   | header | object | … free … |
///                                                free ▲     end ▲
///  blocks: current ─► larger ones behind it ─► … ─► keeper          an object above the limit has a block of its own
/// ```
/// `allocate` moves the current block's cursor on by the size, rounded up to 8; a full block is followed by a new one of
/// twice the size. `reset` gives all blocks but the keeper back.
///
/// Floor (loads, stores): allocate 4L 2S (limit, block, free, end; free, isReset).
///
/// Constants, of PostgreSQL's bump.c: at least eight objects in the largest block (`Bump_CHUNK_FRACTION`).
struct BumpContext: ContextKind {
  struct Block: BitwiseCopyable {
    var link: BlockList.Link
    var free: UnsafeMutableRawPointer
    var end: UnsafeMutableRawPointer

    static let headerBytes = 32
  }

  static var method: ContextMethod { .bump }
  static var freesObjects: Bool { false }
  static let chunksInLargestBlock = 8

  private(set) var node: MemoryContextNode
  let chunkLimit: UInt
  private(set) var blocks = BlockList()
  private let initialBlock: Int
  private let largestBlock: Int
  private var nextBlock: Int

  private init(_ backend: UnsafeMutablePointer<ContextBackend>, _ sizes: ContextSizes, chunkLimit: Int) {
    node = MemoryContextNode(.bump, backend)
    self.chunkLimit = UInt(chunkLimit)
    initialBlock = sizes.initial
    largestBlock = sizes.largest
    nextBlock = sizes.initial
  }

  static func absent(_ backend: UnsafeMutablePointer<ContextBackend>) -> BumpContext {
    BumpContext(backend, .standard, chunkLimit: 0)
  }

  static func create(
    _ backend: UnsafeMutablePointer<ContextBackend>, below parent: MemoryContext?, _ sizes: ContextSizes
  ) -> UnsafeMutablePointer<BumpContext>? {
    backend.pointee.counts.contexts += 1
    // The same power of two comes out with and without a chunk's header.
    let limit = sizes.chunkLimit(
      most: min(sizes.largest, ChunkHeader.largestValue), fraction: chunksInLargestBlock,
      blockHeader: Block.headerBytes)
    let bytes = firstBytes(sizes, blockHeader: Block.headerBytes)
    guard
      let context = place(BumpContext(backend, sizes, chunkLimit: limit), in: bytes, of: backend, below: parent)
    else { return nil }
    let block = keeper(of: context)
    enter(block, bytes: bytes - MemoryLayout<BumpContext>.stride)
    context.pointee.blocks.push(block)
    return context
  }

  static func keeper(of context: UnsafeMutablePointer<BumpContext>) -> UnsafeMutablePointer<Block> {
    (UnsafeMutableRawPointer(context) + MemoryLayout<BumpContext>.stride).assumingMemoryBound(to: Block.self)
  }

  private static func firstObject(_ block: UnsafeMutablePointer<Block>) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(block) + Block.headerBytes
  }

  private static func enter(_ block: UnsafeMutablePointer<Block>, bytes: Int) {
    block.initialize(
      to: Block(link: .init(), free: firstObject(block), end: UnsafeMutableRawPointer(block) + bytes))
  }
}

// MARK: - Objects

extension BumpContext {
  @inline(__always)
  static func allocateFast(_ context: UnsafeMutablePointer<BumpContext>, _ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= context.pointee.chunkLimit else { return nil }
    guard let block = context.pointee.blocks.first(as: Block.self) else { return nil }
    let object = block.pointee.free
    let bytes = SystemMemory.rounded(size, to: 8)
    guard bytes <= block.pointee.end - object else { return nil }
    block.pointee.free = object + bytes
    context.pointee.node.isReset = false
    return object
  }

  @inline(never)
  static func allocateSlowly(_ context: UnsafeMutablePointer<BumpContext>, _ size: Int) -> UnsafeMutableRawPointer? {
    guard let rounded = rounded(size) else { return nil }
    let isLarge = UInt(bitPattern: size) > context.pointee.chunkLimit
    var bytes = Block.headerBytes + rounded
    if !isLarge {
      let least = bytes
      bytes = context.pointee.nextBlock
      context.pointee.nextBlock = min(bytes * 2, context.pointee.largestBlock)
      while bytes < least { bytes *= 2 }
    }
    guard let block = take(bytes, for: context)?.bindMemory(to: Block.self, capacity: 1) else { return nil }
    enter(block, bytes: bytes)
    context.pointee.node.isReset = false
    if isLarge {
      context.pointee.node.backend.pointee.counts.largeBlocks += 1
      context.pointee.blocks.pushBehindHead(block)
    } else {
      context.pointee.node.backend.pointee.counts.blocks += 1
      context.pointee.blocks.push(block)
    }
    block.pointee.free += rounded
    return firstObject(block)
  }

  static func free(_ object: UnsafeMutableRawPointer) {
    preconditionFailure("a bump context's objects end together alone: they have no header to free one by")
  }

  static func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    preconditionFailure("a bump context's objects have no header to resize one by")
  }

  static func chunkSize(_ object: UnsafeMutableRawPointer) -> Int {
    preconditionFailure("a bump context's objects have no header to tell their size")
  }

  static func owner(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<BumpContext> {
    preconditionFailure("a bump context's objects have no header to tell it by")
  }
}

// MARK: - The whole

extension BumpContext {
  private static func bytes(_ block: UnsafeMutablePointer<Block>) -> Int {
    block.pointee.end - UnsafeMutableRawPointer(block)
  }

  static func reset(_ context: UnsafeMutablePointer<BumpContext>) {
    let keeper = keeper(of: context)
    context.pointee.blocks.forEach(as: Block.self) { if $0 != keeper { giveBack($0, bytes($0), of: context) } }
    keeper.pointee.free = firstObject(keeper)
    context.pointee.blocks = BlockList()
    context.pointee.blocks.push(keeper)
    context.pointee.nextBlock = context.pointee.initialBlock
  }

  static func delete(_ context: UnsafeMutablePointer<BumpContext>) {
    reset(context)
    context.pointee.node.backend.pointee.giveBack(context)
  }

  static func statistics(_ context: UnsafeMutablePointer<BumpContext>) -> ContextStatistics {
    var sum = ContextStatistics(bytes: context.pointee.node.heapBytes)
    context.pointee.blocks.forEach(as: Block.self) { block in
      sum.blocks += 1
      sum.freeBytes += block.pointee.end - block.pointee.free
    }
    return sum
  }
}
