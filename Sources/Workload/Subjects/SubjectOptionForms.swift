extension Subject.Base {
  /// The options that mean something for it, in the order in which they are explained.
  public var options: [Subject.OptionForm] {
    switch self {
    case .glibc, .preloaded, .fixed, .region, .fixedBlock, .fixedChunk, .buddy, .zend, .zend5, .aset, .pgSlab,
      .pgGeneration, .pgBump:
      []
    case .jemalloc, .tcmalloc: [Self.sized]
    case .null: [.init(.bulk, .word, "ends whole scopes with one call: the baseline of subjects that do")]
    case .threadCache: [.init(.inline, .word, "compiled into the replay loop instead of being called"), Self.sized]
    case .fixedShared: [.init(.mutex, .word, "one free list under a POSIX mutex, in place of magazines")]
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
    case .fixedIndex: []
    case .slab: []
    case .arenas: []
    case .handle: []
    case .zephyr: []
    }
  }

  private static let sized = Subject.OptionForm(.sized, .word, "is told the size of what is freed")
}
