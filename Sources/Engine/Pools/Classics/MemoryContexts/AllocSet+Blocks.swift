// Where an AllocSet takes memory when its lists and its current block have none.

extension AllocSet {
  @inline(never)
  static func allocateSlowly(_ set: UnsafeMutablePointer<AllocSet>, _ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= set.pointee.chunkLimit else { return allocateExternal(set, size) }
    let list = list(of: size)
    let bytes = 8 << list + ChunkHeader.bytes
    carveTail(of: set)
    guard let block = addBlock(to: set, holding: bytes + Block.headerBytes) else { return nil }
    return cut(block.pointee.free, list, bytes, from: block, of: set)
  }

  /// Makes chunks of what is left of the current block, the largest that fits first.
  private static func carveTail(of set: UnsafeMutablePointer<AllocSet>) {
    guard let block = set.pointee.blocks.first(as: Block.self) else { return }
    var chunk = block.pointee.free
    var room = block.pointee.end - chunk - ChunkHeader.bytes
    if room < 8 { return }
    var carved = 0
    while room >= 8 {
      // Rounded down, where a request is rounded up.
      let list = min(Int.bitWidth - 1 - (room >> 3).leadingZeroBitCount, lists - 1)
      let object = chunk + ChunkHeader.bytes
      ChunkHeader(.allocSet, value: list, offset: chunk - UnsafeMutableRawPointer(block)).write(before: object)
      object.storeBytes(of: set.pointee.freeChunks[unchecked: list], as: UnsafeMutableRawPointer?.self)
      set.pointee.freeChunks[unchecked: list] = object
      chunk = object + (8 << list)
      room -= 8 << list + ChunkHeader.bytes
      carved += 1
    }
    block.pointee.free = chunk
    set.pointee.node.isReset = false
    set.pointee.node.backend.pointee.counts.carvedChunks += carved
  }

  /// A new current block of the next size, more where `least` bytes want it, less where malloc has no more.
  private static func addBlock(
    to set: UnsafeMutablePointer<AllocSet>, holding least: Int
  ) -> UnsafeMutablePointer<Block>? {
    var bytes = set.pointee.nextBlock
    set.pointee.nextBlock = min(bytes * 2, set.pointee.largestBlock)
    while bytes < least { bytes *= 2 }
    var memory = take(bytes, for: set)
    while memory == nil, bytes > leastHalved {
      bytes /= 2
      if bytes < least { break }
      set.pointee.node.backend.pointee.counts.halvings += 1
      memory = take(bytes, for: set)
    }
    guard let block = memory?.bindMemory(to: Block.self, capacity: 1) else { return nil }
    set.pointee.node.backend.pointee.counts.blocks += 1
    enter(block, bytes: bytes, into: set)
    return block
  }

  private static func allocateExternal(
    _ set: UnsafeMutablePointer<AllocSet>, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    guard let rounded = rounded(size) else { return nil }
    let bytes = Block.headerBytes + ChunkHeader.bytes + rounded
    guard let memory = take(bytes, for: set) else { return nil }
    set.pointee.node.backend.pointee.counts.largeBlocks += 1
    let block = memory.bindMemory(to: Block.self, capacity: 1)
    block.initialize(to: Block(link: .init(), set: set, free: memory + bytes, end: memory + bytes))
    set.pointee.blocks.pushBehindHead(block)
    set.pointee.node.isReset = false
    let object = firstChunk(block) + ChunkHeader.bytes
    ChunkHeader.external(.allocSet).write(before: object)
    return object
  }

  static func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    guard ChunkHeader.of(object).isExternal else { return resizeByCopy(object, to: size) }
    let block = ownBlock(of: object)
    let set = block.pointee.set
    // An external chunk stays one: at least the limit, so that lists never hold it.
    guard let rounded = rounded(max(size, Int(set.pointee.chunkLimit))) else { return nil }
    let bytes = Block.headerBytes + ChunkHeader.bytes + rounded
    let old = block.pointee.end - UnsafeMutableRawPointer(block)
    guard let memory = set.pointee.node.backend.pointee.resize(block, to: bytes) else { return nil }
    let moved = memory.assumingMemoryBound(to: Block.self)
    moved.pointee.free = memory + bytes
    moved.pointee.end = memory + bytes
    set.pointee.blocks.moved(moved)
    set.pointee.node.heapBytes += bytes - old
    return firstChunk(moved) + ChunkHeader.bytes
  }
}
