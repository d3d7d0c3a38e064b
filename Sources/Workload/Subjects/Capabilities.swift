/// What a subject's own form can serve, before any adaptation.
public struct Capabilities: Equatable, Sendable {
  /// Each object can be freed on its own.
  public var freesIndividually: Bool
  /// All objects of a scope can be ended at once.
  public var endsScopesInBulk: Bool
  /// One instance serves requests of different sizes.
  public var servesAnySize: Bool
  /// Several lanes may use one instance at the same time.
  public var isThreadSafe: Bool
  /// A lane may free what another one allocated.
  public var freesAcrossLanes: Bool
  /// Largest alignment in bytes that can be asked for, a power of two; nil if there is no limit of its own.
  public var maximumAlignment: Int?
  /// Unused memory goes back to the system, of itself or when purged.
  public var returnsMemory: Bool
  /// The worker's `malloc` can take over the classes that end with no scope.
  public var fallsBackToMalloc: Bool

  public init(
    freesIndividually: Bool = true, endsScopesInBulk: Bool = false, servesAnySize: Bool = true,
    isThreadSafe: Bool = true, freesAcrossLanes: Bool = true, maximumAlignment: Int? = nil,
    returnsMemory: Bool = true, fallsBackToMalloc: Bool = false
  ) {
    self.freesIndividually = freesIndividually
    self.endsScopesInBulk = endsScopesInBulk
    self.servesAnySize = servesAnySize
    self.isThreadSafe = isThreadSafe
    self.freesAcrossLanes = freesAcrossLanes
    self.maximumAlignment = maximumAlignment
    self.returnsMemory = returnsMemory
    self.fallsBackToMalloc = fallsBackToMalloc
  }
}

extension Subject {
  public var capabilities: Capabilities {
    switch base {
    case .glibc, .jemalloc, .tcmalloc, .preloaded, .threadCache:
      Capabilities()
    case .fixed:
      Capabilities(
        servesAnySize: false, isThreadSafe: false, freesAcrossLanes: false, maximumAlignment: 4096,
        returnsMemory: false)
    case .fixedShared:
      Capabilities(servesAnySize: false, maximumAlignment: 4096, returnsMemory: false)
    case .region:
      Capabilities(
        freesIndividually: false, endsScopesInBulk: true, isThreadSafe: false, freesAcrossLanes: false,
        maximumAlignment: 4096, fallsBackToMalloc: true)
    case .null:
      Capabilities(endsScopesInBulk: options.contains(.bulk), returnsMemory: false)
    }
  }
}
