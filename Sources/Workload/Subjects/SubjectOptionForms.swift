extension Subject.Base {
  /// The options that mean something for it, in the order in which they are explained.
  public var options: [Subject.OptionForm] {
    switch self {
    case .glibc, .preloaded, .fixed, .region, .fixedChunk, .buddy:
      []
    case .jemalloc, .tcmalloc: [Self.sized]
    case .null: [.init(.bulk, .word, "ends whole scopes with one call: the baseline of subjects that do")]
    case .threadCache:
      [
        .init(.inline, .word, "compiled into the replay loop instead of being called"), Self.sized,
        .init(.huge, .word, "own rules only: asks the system for huge pages, 2 MiB of memory at its first use"),
        .init(
          .profile, .choice(["own", "gperf", "tutorial"]),
          "whose rules: this repository's, those of gperftools, or those of the exercise that is taught by it"),
      ]
    case .fixedShared: [.init(.mutex, .word, "one free list under a POSIX mutex, in place of magazines")]
    case .fixedBlock:
      [.init(.block, .count(1...65_536, standard: 20), "objects in a block, all linked before the first is handed out")]
    case .fixedIndex:
      [
        .init(
          .check, .choice(["modulo", "power-of-two"]),
          "how free tests an offset: by the object size, or by the historical mask, which is wrong for other sizes"),
        .init(.block, .count(1...65_536, standard: 5), "objects in a block"),
      ]
    case .slab:
      [.init(.cpu, .choice(["classic", "sheaves"]), "what a lane has in front of the slabs: one of them, or arrays")]
    case .arenas: [.init(.max, .count(0...1024, standard: 0), "most arenas; 0: eight for each processor")]
    case .nginx:
      [
        .init(.block, .bytes(112...(1 << 20), standard: 4 << 10), "size of a block"),
        .init(.end, .choice(["destroy", "reset"]), "what a scope's end does with its pool"),
      ]
    case .apr:
      [
        .init(.maxFree, .bytes(0...(1 << 30), standard: 0), "most that the allocator keeps free, 0 for no limit"),
        .init(.end, .choice(["destroy", "clear"]), "what a scope's end does with its pool"),
      ]
    case .mempool:
      [
        .init(.min, .count(0...65_536, standard: 16), "elements in the reserve, at least one"),
        .init(.backing, .choice(["malloc", "fail-1", "fail-50", "fail-100"]), "malloc, so many of 100 calls failing"),
      ]
    case .aset:
      [
        Self.contextEnd(["delete", "reset"]),
        .init(.cache, .choice(["on", "off"]), "keeps up to 100 deleted contexts of default or small size"),
        Self.contextBlock, Self.contextMax,
      ]
    case .pgGeneration, .pgBump: [Self.contextEnd(["reset", "delete"]), Self.contextBlock, Self.contextMax]
    case .pgSlab:
      [
        Self.contextEnd(["reset", "delete"]),
        .init(.block, .bytes(1 << 10...1 << 30, standard: 8 << 10), "size of each block"),
      ]
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
    case .zend, .zend5:
      [
        .init(
          .end, .choice(["free", "shutdown"]),
          "how a scope ends: object by object, or as a request does, with a heap for each scope and no free before")
      ]
    }
  }

  private static let sized = Subject.OptionForm(.sized, .word, "is told the size of what is freed")

  private static func contextEnd(_ words: [String]) -> Subject.OptionForm {
    .init(.end, .choice(words), "what a scope's end does to its context: those below are deleted either way")
  }
  private static let contextBlock = Subject.OptionForm(
    .block, .bytes(1 << 10...1 << 30, standard: 8 << 10), "first block of a context: 1K for small ones")
  private static let contextMax = Subject.OptionForm(
    .max, .bytes(1 << 10...1 << 30, standard: 8 << 20), "largest block, each being twice as big as the one before")
}
