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
    case .mempool:
      Capabilities(
        servesAnySize: false, maximumAlignment: 16, hasHardCap: choice(.backing) != "malloc", returnsMemory: false)
    case .nginx:
      Capabilities(freesIndividually: false, endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false)
    case .apr:
      Capabilities(
        freesIndividually: false, endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false,
        formsTree: true, returnsMemory: number(.maxFree) != 0)
    case .fixedBlock: Capabilities()
    case .fixedChunk: Capabilities()
    case .fixedIndex: Capabilities()
    case .slab: Capabilities()
    case .buddy: Capabilities()
    case .arenas: Capabilities()
    case .handle: Capabilities()
    case .zend: Capabilities()
    case .zend5: Capabilities()
    case .zephyr: Capabilities()
    case .aset: Capabilities()
    case .pgSlab: Capabilities()
    case .pgGeneration: Capabilities()
    case .pgBump: Capabilities()
    case .null:
      Capabilities(endsScopesInBulk: options.contains(.bulk), returnsMemory: false)
    }
  }
}
