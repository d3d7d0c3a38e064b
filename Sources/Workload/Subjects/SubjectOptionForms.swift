extension Subject.Base {
  /// The options that mean something for it, in the order in which they are explained.
  public var options: [Subject.OptionForm] {
    switch self {
    case .glibc, .preloaded, .fixed, .region, .apr, .fixedBlock, .fixedChunk, .buddy, .aset, .pgSlab, .pgGeneration,
      .pgBump:
      []
    case .jemalloc, .tcmalloc: [Self.sized]
    case .null: [.init(.bulk, .word, "ends whole scopes with one call: the baseline of subjects that do")]
    case .threadCache: [.init(.inline, .word, "compiled into the replay loop instead of being called"), Self.sized]
    case .fixedShared: [.init(.mutex, .word, "one free list under a POSIX mutex, in place of magazines")]
    case .nginx: []
    case .zend, .zend5:
      [
        .init(
          .end, .choice(["free", "shutdown"]),
          "how a scope ends: object by object, or as a request does, with a heap for each scope and no free before")
      ]
    case .mempool: []
    case .fixedIndex: []
    case .slab: []
    case .arenas: []
    case .handle: []
    case .zephyr: []
    }
  }

  private static let sized = Subject.OptionForm(.sized, .word, "is told the size of what is freed")
}
