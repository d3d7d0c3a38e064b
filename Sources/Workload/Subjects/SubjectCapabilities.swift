extension Subject {
  public var capabilities: Capabilities {
    switch base {
    case .glibc, .jemalloc, .tcmalloc, .preloaded, .threadCache:
      Capabilities()
    case .fixed:
      Capabilities(
        servesAnySize: false, canBeSegregated: true, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 4096, returnsMemory: false)
    case .fixedShared:
      Capabilities(
        servesAnySize: false, canBeSegregated: !options.contains(.mutex), maximumAlignment: 4096, returnsMemory: false)
    case .region:
      Capabilities(
        freesIndividually: false, endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 4096, fallsBackToMalloc: true)
    case .mempool: Capabilities()
    case .nginx: Capabilities()
    case .apr: Capabilities()
    case .fixedBlock: Capabilities()
    case .fixedChunk: Capabilities()
    case .fixedIndex: Capabilities()
    case .slab: Capabilities()
    case .buddy: Capabilities()
    case .arenas: Capabilities()
    case .handle: Capabilities()
    case .zend:
      Capabilities(
        freesIndividually: !shutsDown, endsScopesInBulk: shutsDown, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 4096, detects: [.foreignPointer])
    case .zend5:
      Capabilities(
        freesIndividually: !shutsDown, endsScopesInBulk: shutsDown, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 8)
    case .zephyr: Capabilities()
    case .aset: Capabilities()
    case .pgSlab: Capabilities()
    case .pgGeneration: Capabilities()
    case .pgBump: Capabilities()
    case .null:
      Capabilities(endsScopesInBulk: options.contains(.bulk), returnsMemory: false)
    }
  }

  /// Ends a scope as PHP ends a request, and frees nothing before.
  private var shutsDown: Bool { choice(.end) == "shutdown" }
}
