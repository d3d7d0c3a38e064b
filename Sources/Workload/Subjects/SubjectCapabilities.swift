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
    case .handle:
      Capabilities(
        isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: number(.largest),
        largestRequest: number(.largest), hasHardCap: true, handsOutHandles: true,
        detects: choice(.version) == "literal" ? [.staleHandle] : [.doubleFree, .staleHandle], returnsMemory: false)
    case .zend: Capabilities()
    case .zend5: Capabilities()
    case .zephyr:
      Capabilities(
        maximumAlignment: number(.largest), largestRequest: number(.largest), hasHardCap: true, returnsMemory: false)
    case .aset: Capabilities()
    case .pgSlab: Capabilities()
    case .pgGeneration: Capabilities()
    case .pgBump: Capabilities()
    case .null:
      Capabilities(endsScopesInBulk: options.contains(.bulk), returnsMemory: false)
    }
  }
}
