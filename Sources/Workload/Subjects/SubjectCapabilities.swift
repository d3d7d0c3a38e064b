extension Subject {
  public var capabilities: Capabilities {
    switch base {
    case .glibc, .jemalloc, .tcmalloc, .preloaded:
      Capabilities()
    case .threadCache:
      Capabilities(returnsMemory: choice(.profile) != "tutorial")
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
    case .fixedBlock:
      Capabilities(
        servesAnySize: false, isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: 8, returnsMemory: false)
    case .fixedChunk:
      Capabilities(
        servesAnySize: false, isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: 8,
        largestRequest: 128 << 10, returnsMemory: false)
    case .fixedIndex:
      Capabilities(
        servesAnySize: false, isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: 4,
        detects: [.foreignPointer], returnsMemory: false)
    case .slab, .buddy: Capabilities(maximumAlignment: 4 << 20, largestRequest: 4 << 20)
    case .arenas: Capabilities(detects: [.doubleFree])
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
