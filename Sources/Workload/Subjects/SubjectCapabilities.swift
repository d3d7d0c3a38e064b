extension Subject {
  public var capabilities: Capabilities {
    switch base {
    case .glibc, .jemalloc, .tcmalloc, .preloaded:
      Capabilities()
    case .threadCache:
      Capabilities(
        detects: choice(.profile) == "own" ? [.foreignPointer] : [], returnsMemory: choice(.profile) != "tutorial")
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
    case .mempool:
      Capabilities(
        servesAnySize: false, maximumAlignment: 16, hasHardCap: choice(.backing) != "malloc", returnsMemory: false)
    case .nginx:
      Capabilities(freesIndividually: false, endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false)
    case .apr:
      Capabilities(
        freesIndividually: false, endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false,
        formsTree: true, returnsMemory: number(.maxFree) != 0)
    case .aset, .pgGeneration: Self.memoryContext
    case .pgSlab:
      // A chunk's header and its block's are 56 bytes.
      Capabilities(
        endsScopesInBulk: true, servesAnySize: false, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 8, largestRequest: (number(.block) ?? 0) - 56, formsTree: true)
    case .pgBump:
      Self.memoryContext.endingWithScopes
    case .handle:
      Capabilities(
        isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: number(.largest),
        largestRequest: number(.largest), hasHardCap: true, handsOutHandles: true,
        detects: choice(.version) == "literal" ? [.staleHandle] : [.doubleFree, .staleHandle], returnsMemory: false)
    case .zephyr:
      Capabilities(
        maximumAlignment: number(.largest), largestRequest: number(.largest), hasHardCap: true, returnsMemory: false)
    case .zend:
      Capabilities(
        freesIndividually: !shutsDown, endsScopesInBulk: shutsDown, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 4096, detects: [.foreignPointer])
    case .zend5:
      Capabilities(
        freesIndividually: !shutsDown, endsScopesInBulk: shutsDown, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 8)
    case .null:
      Capabilities(endsScopesInBulk: options.contains(.bulk), returnsMemory: false)
    }
  }

  /// Ends a scope as PHP ends a request, and frees nothing before.
  private var shutsDown: Bool { choice(.end) == "shutdown" }

  /// PostgreSQL's contexts of any size: requests below 1 GiB, alignments below 128 MiB.
  private static var memoryContext: Capabilities {
    Capabilities(
      endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: 64 << 20,
      largestRequest: (1 << 30) - 1, formsTree: true)
  }
}

extension Capabilities {
  /// The same without a free for single objects.
  fileprivate var endingWithScopes: Capabilities {
    var able = self
    able.freesIndividually = false
    return able
  }
}
