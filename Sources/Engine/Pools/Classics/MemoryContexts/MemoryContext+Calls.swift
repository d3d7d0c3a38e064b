// The calls of a program that knows neither a context's kind nor an object's context: each tells the kinds apart. The
// replay's lanes call the kinds themselves.

extension MemoryContext {
  /// `palloc`: `size` bytes at a multiple of 8, unique also for 0 bytes; nil when out of memory, above
  /// `largestRequest`, and in a slab for more than its chunks hold.
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    switch node.pointee.method {
    case .allocSet: AllocSet.allocate(cast(to: AllocSet.self), size)
    case .generation: GenerationContext.allocate(cast(to: GenerationContext.self), size)
    case .slab: SlabContext.allocate(cast(to: SlabContext.self), size)
    case .bump: BumpContext.allocate(cast(to: BumpContext.self), size)
    case .alignedRedirect: preconditionFailure("no context is of this method")
    }
  }

  /// `palloc0`.
  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size) else { return nil }
    object.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  /// `palloc_aligned`.
  ///
  /// - Parameter alignment: a power of two.
  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    AlignedChunk.allocate(size, alignment) { allocate($0) }
  }

  /// `pfree`: asks for no context. Not for objects of a bump context, which have no header.
  static func free(_ object: UnsafeMutableRawPointer) {
    let original = AlignedChunk.original(of: object)
    switch ChunkHeader.of(original).method {
    case .allocSet: AllocSet.free(original)
    case .generation: GenerationContext.free(original)
    case .slab: SlabContext.free(original)
    case .bump, .alignedRedirect, nil: preconditionFailure("pfree of what is no chunk, or of a bump context's")
    }
  }

  /// `repalloc`: in place where the chunk has room, else a copy; nil, and the object untouched, when out of memory.
  static func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    switch ChunkHeader.of(AlignedChunk.original(of: object)).method {
    case .allocSet: AllocSet.resize(object, to: size)
    case .generation: GenerationContext.resize(object, to: size)
    case .slab: SlabContext.resize(object, to: size)
    case .bump, .alignedRedirect, nil: preconditionFailure("repalloc of what is no chunk, or of a bump context's")
    }
  }

  /// `GetMemoryChunkContext`: the context that an object was made in.
  static func context(of object: UnsafeMutableRawPointer) -> MemoryContext {
    let original = AlignedChunk.original(of: object)
    return switch ChunkHeader.of(original).method {
    case .allocSet: MemoryContext(AllocSet.owner(of: original))
    case .generation: MemoryContext(GenerationContext.owner(of: original))
    case .slab: MemoryContext(SlabContext.owner(of: original))
    case .bump, .alignedRedirect, nil: preconditionFailure("what is no chunk, or a bump context's, has no context")
    }
  }

  /// What it has from malloc and how much of that serves no object, contexts below left out. O(blocks + free chunks).
  var statistics: ContextStatistics {
    switch node.pointee.method {
    case .allocSet: AllocSet.statistics(cast(to: AllocSet.self))
    case .generation: GenerationContext.statistics(cast(to: GenerationContext.self))
    case .slab: SlabContext.statistics(cast(to: SlabContext.self))
    case .bump: BumpContext.statistics(cast(to: BumpContext.self))
    case .alignedRedirect: preconditionFailure("no context is of this method")
    }
  }
}

/// `MemoryContextCounters`: the keeper is one of the blocks.
struct ContextStatistics: Equatable {
  var blocks = 0
  var bytes = 0
  var freeChunks = 0
  var freeBytes = 0
}
