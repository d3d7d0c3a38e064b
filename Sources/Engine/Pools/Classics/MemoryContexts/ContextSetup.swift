import Workload

extension ContextSizes {
  /// What the subject's options say: `block` and `max`, as `initBlockSize` and `maxBlockSize` of the original, and
  /// `cache`.
  ///
  /// - Throws: `PoolError.unsupported`.
  init(_ configuration: PoolConfiguration, _ method: ContextMethod) throws(PoolError) {
    let subject = configuration.subject
    initial = subject.number(.block) ?? Self.standard.initial
    largest = subject.number(.max) ?? max(initial, Self.standard.largest)
    isCached = subject.choice(.cache) != "off"
    if largest < initial { throw .unsupported("max is smaller than the first block") }
    if initial % 8 != 0 || largest % 8 != 0 { throw .unsupported("blocks are multiples of 8 bytes") }
    guard method == .slab else { return }
    guard let size = configuration.fixedSize else { throw .unsupported("serves requests of one size only") }
    chunk = size
    let limit = SlabContext.largestChunk(block: initial)
    if size > limit { throw .unsupported("requests of \(size) bytes: a block holds \(limit) at most") }
  }
}

extension ContextCounts {
  mutating func add(_ other: ContextCounts) {
    contexts += other.contexts
    contextsFromHeap += other.contextsFromHeap
    cacheOverflows += other.cacheOverflows
    blocks += other.blocks
    largeBlocks += other.largeBlocks
    halvings += other.halvings
    carvedChunks += other.carvedChunks
    reusedBlocks += other.reusedBlocks
    releases += other.releases
  }

  /// Tiers: the blocks at hand, which all requests come to; the cache of contexts; malloc.
  func list(into counts: inout PoolCounts) {
    counts.add("blocks.misses", blocks + largeBlocks)
    counts.add("blocks.new", blocks)
    counts.add("blocks.of-one-chunk", largeBlocks)
    counts.add("blocks.reused", reusedBlocks)
    counts.add("blocks.carved-chunks", carvedChunks)
    counts.add("blocks.halved", halvings)
    counts.add("cache.requests", contexts)
    counts.add("cache.misses", contextsFromHeap)
    counts.add("cache.overflows", cacheOverflows)
    counts.add("malloc.frees", releases)
  }
}
