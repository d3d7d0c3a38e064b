extension Subject.Base {
  /// The options that mean something for it, in the order in which they are explained.
  public var options: [Subject.OptionForm] {
    switch self {
    case .glibc, .preloaded, .fixed, .region, .apr, .fixedBlock, .fixedChunk, .buddy, .zend, .zend5, .aset, .pgSlab,
      .pgGeneration, .pgBump:
      []
    case .jemalloc, .tcmalloc: [Self.sized]
    case .null: [.init(.bulk, .word, "ends whole scopes with one call: the baseline of subjects that do")]
    case .threadCache: [.init(.inline, .word, "compiled into the replay loop instead of being called"), Self.sized]
    case .fixedShared: [.init(.mutex, .word, "one free list under a POSIX mutex, in place of magazines")]
    case .nginx: []
    case .mempool: []
    case .fixedIndex: []
    case .slab: []
    case .arenas: []
    case .handle:
      [
        .init(.bits, .choice(["32", "64"]), "bits of a handle: 4|16|12 or 8|24|32 of pool, block and version"),
        .init(.version, .choice(["even-odd", "literal"]), "whether versions step when a block is freed too"),
        .init(.order, .choice(["lifo", "fifo"]), "which free block is handed out first"),
        .init(.min, .powerOfTwo(16...4096, standard: 16), "bytes of the smallest block"),
        .init(.largest, .powerOfTwo(4096...(256 << 10), standard: 64 << 10), "bytes of the largest block"),
        .init(.size, .powerOfTwo((256 << 10)...(1 << 30), standard: 64 << 20), "bytes of each lane's blocks of a size"),
        .init(.stale, .count(0...1_000_000, standard: 0), "every so many frees, keeps a handle and looks it up later"),
      ]
    case .zephyr:
      [
        .init(.min, .powerOfTwo(16...4096, standard: 16), "no block is smaller"),
        .init(.largest, .powerOfTwo(64...(16 << 20), standard: 64 << 10), "bytes of a top block"),
        .init(.blocks, .count(1...1_000_000, standard: 1024), "top blocks: all the memory there is"),
      ]
    }
  }

  private static let sized = Subject.OptionForm(.sized, .word, "is told the size of what is freed")
}
