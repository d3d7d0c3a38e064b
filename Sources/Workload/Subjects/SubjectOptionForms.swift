extension Subject.Base {
  /// The options that mean something for it, in the order in which they are explained.
  public var options: [Subject.OptionForm] {
    switch self {
    case .glibc, .preloaded, .fixed, .region, .apr, .fixedBlock, .fixedChunk, .buddy, .zend, .zend5:
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
    case .handle: []
    case .zephyr: []
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
