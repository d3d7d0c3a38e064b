/// One of the kinds of memory contexts; static, since a context is a place in memory that never moves.
protocol ContextKind: BitwiseCopyable {
  static var method: ContextMethod { get }
  /// Whether single objects can be freed and resized.
  static var freesObjects: Bool { get }

  /// A context that has no block, so that every request comes to `allocateSlowly`; which must not be called for it.
  static func absent(_ backend: UnsafeMutablePointer<ContextBackend>) -> Self
  /// A new context below `parent`, nil when out of memory.
  ///
  /// - Precondition: the largest block of `sizes` is at most 1 GiB and no smaller than the first.
  static func create(
    _ backend: UnsafeMutablePointer<ContextBackend>, below parent: MemoryContext?, _ sizes: ContextSizes
  ) -> UnsafeMutablePointer<Self>?
  /// From a list or the current block, else nil.
  static func allocateFast(_ context: UnsafeMutablePointer<Self>, _ size: Int) -> UnsafeMutableRawPointer?
  /// What `allocateFast` cannot serve; nil when out of memory or above `MemoryContext.largestRequest`.
  static func allocateSlowly(_ context: UnsafeMutablePointer<Self>, _ size: Int) -> UnsafeMutableRawPointer?
  static func free(_ object: UnsafeMutableRawPointer)
  static func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer?
  /// Of a chunk that is not redirected.
  static func chunkSize(_ object: UnsafeMutableRawPointer) -> Int
  /// Of a chunk that is not redirected.
  static func owner(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Self>

  /// Ends all objects. Callbacks and contexts below have been dealt with.
  static func reset(_ context: UnsafeMutablePointer<Self>)
  /// As `reset`, and the context itself. It is no longer in the tree.
  static func delete(_ context: UnsafeMutablePointer<Self>)
  /// Gives back blocks that hold no object.
  static func purge(_ context: UnsafeMutablePointer<Self>)
  static func statistics(_ context: UnsafeMutablePointer<Self>) -> ContextStatistics
}

extension ContextKind {
  static var freesObjects: Bool { true }

  @inline(__always)
  static func allocate(_ context: UnsafeMutablePointer<Self>, _ size: Int) -> UnsafeMutableRawPointer? {
    allocateFast(context, size) ?? allocateSlowly(context, size)
  }

  static func allocateAligned(
    _ context: UnsafeMutablePointer<Self>, _ size: Int, _ alignment: Int
  ) -> UnsafeMutableRawPointer? {
    AlignedChunk.allocate(size, alignment) { allocate(context, $0) }
  }

  /// What the chunk at `object` holds, which may be redirected.
  static func usableSize(_ object: UnsafeMutableRawPointer) -> Int {
    let original = AlignedChunk.original(of: object)
    return chunkSize(original) - (object - original)
  }

  /// Resizes by a copy, unless there is room; the way that is open for every chunk.
  static func resizeByCopy(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    let original = AlignedChunk.original(of: object)
    let room = chunkSize(original) - (object - original)
    if UInt(bitPattern: size) <= UInt(room) { return object }
    let context = owner(of: original)
    let alignment = object == original ? 8 : ChunkHeader.of(object).value
    guard let moved = allocateAligned(context, size, alignment) else { return nil }
    moved.copyMemory(from: object, byteCount: room)
    free(original)
    return moved
  }

  /// Nothing to give back.
  static func purge(_ context: UnsafeMutablePointer<Self>) {}

  // MARK: Pieces of the kinds that double their blocks

  /// What a context and its keeper take together: `minimum`, or `initial` bytes, or what fits them at least.
  static func firstBytes(_ sizes: ContextSizes, blockHeader: Int) -> Int {
    max(
      sizes.minimum == 0 ? sizes.initial : sizes.minimum,
      MemoryLayout<Self>.stride + blockHeader + ChunkHeader.bytes)
  }

  /// Puts a context at the start of `bytes` of malloc, which count as its own, and below `parent`; nil when out of memory.
  static func place(
    _ context: Self, in bytes: Int, of backend: UnsafeMutablePointer<ContextBackend>, below parent: MemoryContext?
  ) -> UnsafeMutablePointer<Self>? {
    guard let memory = backend.pointee.take(bytes) else { return nil }
    backend.pointee.counts.contextsFromHeap += 1
    let placed = memory.bindMemory(to: Self.self, capacity: 1)
    placed.initialize(to: context)
    node(placed).pointee.heapBytes = bytes
    MemoryContext(placed).setParent(parent)
    return placed
  }

  static func node(_ context: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<MemoryContextNode> {
    MemoryContext(context).node
  }

  /// Memory of malloc for `context`, counted as the context's.
  static func take(_ bytes: Int, for context: UnsafeMutablePointer<Self>) -> UnsafeMutableRawPointer? {
    let node = node(context)
    guard let memory = node.pointee.backend.pointee.take(bytes) else { return nil }
    node.pointee.heapBytes += bytes
    return memory
  }

  static func giveBack(_ block: UnsafeMutableRawPointer, _ bytes: Int, of context: UnsafeMutablePointer<Self>) {
    let node = node(context)
    node.pointee.heapBytes -= bytes
    node.pointee.backend.pointee.giveBack(block)
  }

  /// A size below `largestRequest` as a multiple of 8 bytes, nil for one above; at least 8, so that objects of 0 bytes
  /// are unique.
  @inline(__always)
  static func rounded(_ size: Int) -> Int? {
    guard UInt(bitPattern: size) <= UInt(MemoryContext.largestRequest) else { return nil }
    return SystemMemory.rounded(size, to: 8)
  }
}
