import CPlatform

/// What PostgreSQL has once a backend process and here a lane has to itself: the caches of deleted AllocSets, and counts
/// of slow paths.
struct ContextBackend: BitwiseCopyable {
  /// Deleted contexts of one setup, the last one first; each has its keeper still, and nothing else.
  struct Cache: BitwiseCopyable {
    var first: MemoryContext?
    var count = 0
  }

  /// `MAX_FREE_CONTEXTS`: one more frees all of them.
  static let mostCached = 100

  /// Of contexts with the default setup and with the small one.
  var caches: InlineArray<2, Cache> = [Cache(), Cache()]
  var counts = ContextCounts()

  /// From malloc, nil when it has none.
  mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer? { pb_heap_allocate(bytes) }

  /// Nil, and `block` untouched, when malloc has no more.
  func resize(_ block: UnsafeMutableRawPointer, to bytes: Int) -> UnsafeMutableRawPointer? {
    pb_heap_resize(block, bytes)
  }

  mutating func giveBack(_ block: UnsafeMutableRawPointer) {
    counts.releases += 1
    pb_heap_free(block)
  }

  /// Gives all cached contexts back.
  mutating func emptyCaches() {
    for index in caches.indices { emptyCache(index) }
  }

  mutating func emptyCache(_ index: Int) {
    while let context = caches[index].first {
      caches[index].first = context.node.pointee.nextChild
      giveBack(context.node)
    }
    caches[index].count = 0
  }
}

/// How often what is not the fast path was gone through.
struct ContextCounts: BitwiseCopyable {
  var contexts = 0
  var contextsFromHeap = 0
  var cacheOverflows = 0
  var blocks = 0
  var largeBlocks = 0
  var halvings = 0
  var carvedChunks = 0
  var reusedBlocks = 0
  var releases = 0
}

/// How a context takes memory.
struct ContextSizes: BitwiseCopyable {
  /// Of the first block with the context; 0 for as much as `initial`.
  var minimum = 0
  /// Of the first block after the keeper; each further one is twice as big, up to `largest`.
  var initial = 8 << 10
  var largest = 8 << 20
  /// Of a slab's chunks.
  var chunk = 0
  /// Whether a deleted AllocSet may be kept for the next one.
  var isCached = true

  /// `ALLOCSET_DEFAULT_SIZES`.
  static let standard = ContextSizes()
  /// `ALLOCSET_SMALL_SIZES`.
  static let small = ContextSizes(initial: 1 << 10, largest: 8 << 10)

  /// Which cache contexts of this setup go to, nil for none: `largest` may differ.
  var cacheIndex: Int? {
    if !isCached || minimum != 0 { return nil }
    return initial == Self.standard.initial ? 0 : initial == Self.small.initial ? 1 : nil
  }

  /// The largest chunk that shares a block: halved from `most` until `fraction` of them with their headers fit into the
  /// largest block.
  func chunkLimit(most: Int, fraction: Int, blockHeader: Int) -> Int {
    var limit = most
    while limit + ChunkHeader.bytes > (largest - blockHeader) / fraction { limit /= 2 }
    return limit
  }
}

/// Doubly linked blocks; the link is a block's first field.
struct BlockList: BitwiseCopyable {
  struct Link: BitwiseCopyable {
    var next: UnsafeMutablePointer<Link>?
    var previous: UnsafeMutablePointer<Link>?
  }

  private(set) var head: UnsafeMutablePointer<Link>?

  var isEmpty: Bool { head == nil }

  @inline(__always)
  func first<Block>(as: Block.Type) -> UnsafeMutablePointer<Block>? { Self.block(head) }

  static func next<Block>(of block: UnsafeMutablePointer<Block>) -> UnsafeMutablePointer<Block>? {
    Self.block(link(block).pointee.next)
  }

  @inline(__always)
  private static func block<Block>(_ link: UnsafeMutablePointer<Link>?) -> UnsafeMutablePointer<Block>? {
    UnsafeMutableRawPointer(link)?.assumingMemoryBound(to: Block.self)
  }

  @inline(__always)
  private static func link<Block>(_ block: UnsafeMutablePointer<Block>) -> UnsafeMutablePointer<Link> {
    UnsafeMutableRawPointer(block).assumingMemoryBound(to: Link.self)
  }

  mutating func push<Block>(_ block: UnsafeMutablePointer<Block>) {
    let link = Self.link(block)
    link.pointee = Link(next: head, previous: nil)
    head?.pointee.previous = link
    head = link
  }

  /// Behind the head, which blocks of single large chunks must not displace.
  mutating func pushBehindHead<Block>(_ block: UnsafeMutablePointer<Block>) {
    guard let head else { return push(block) }
    let link = Self.link(block)
    link.pointee = Link(next: head.pointee.next, previous: head)
    head.pointee.next?.pointee.previous = link
    head.pointee.next = link
  }

  mutating func remove<Block>(_ block: UnsafeMutablePointer<Block>) {
    let link = Self.link(block).pointee
    link.next?.pointee.previous = link.previous
    if let previous = link.previous { previous.pointee.next = link.next } else { head = link.next }
  }

  /// `block` has moved from `old`, its link with it.
  mutating func moved<Block>(_ block: UnsafeMutablePointer<Block>) {
    let link = Self.link(block)
    link.pointee.next?.pointee.previous = link
    if let previous = link.pointee.previous { previous.pointee.next = link } else { head = link }
  }

  /// In order; `body` may free the block.
  func forEach<Block>(as: Block.Type, _ body: (UnsafeMutablePointer<Block>) -> Void) {
    var block = first(as: Block.self)
    while let visited = block {
      block = Self.next(of: visited)
      body(visited)
    }
  }
}
