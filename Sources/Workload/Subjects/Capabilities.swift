/// What a subject's own form can serve, before any adaptation.
public struct Capabilities: Equatable, Sendable {
  /// Each object can be freed on its own.
  public var freesIndividually: Bool
  /// All objects of a scope can be ended at once.
  public var endsScopesInBulk: Bool
  /// One instance serves requests of different sizes.
  public var servesAnySize: Bool
  /// Where it serves one size only: there is a form with an instance for each size class.
  public var canBeSegregated: Bool
  /// Several lanes may use one instance at the same time.
  public var isThreadSafe: Bool
  /// A lane may free what another one allocated.
  public var freesAcrossLanes: Bool
  /// Largest alignment in bytes that can be asked for, a power of two; nil if there is no limit of its own.
  public var maximumAlignment: Int?
  /// Largest request in bytes; nil if there is no limit of its own.
  public var largestRequest: Int?
  /// Has a fixed amount of memory; what does not fit is refused, counted, and the replay goes on without the object.
  public var hasHardCap: Bool
  /// Hands out handles, which are translated at each access.
  public var handsOutHandles: Bool
  /// A scope's pool is a child of the pool of the scope around it.
  public var formsTree: Bool
  /// Misuse that it finds in a release build.
  public var detects: [Misuse]
  /// Unused memory goes back to the system, of itself or when purged.
  public var returnsMemory: Bool
  /// The worker's `malloc` can take over the classes that end with no scope.
  public var fallsBackToMalloc: Bool

  /// What a program can do wrong with an object's address or handle.
  public enum Misuse: String, CaseIterable, Equatable, Sendable {
    case doubleFree = "double free"
    case foreignPointer = "foreign pointer"
    case staleHandle = "stale handle"
  }

  public init(
    freesIndividually: Bool = true, endsScopesInBulk: Bool = false, servesAnySize: Bool = true,
    canBeSegregated: Bool = false, isThreadSafe: Bool = true, freesAcrossLanes: Bool = true,
    maximumAlignment: Int? = nil, largestRequest: Int? = nil, hasHardCap: Bool = false,
    handsOutHandles: Bool = false, formsTree: Bool = false, detects: [Misuse] = [], returnsMemory: Bool = true,
    fallsBackToMalloc: Bool = false
  ) {
    self.freesIndividually = freesIndividually
    self.endsScopesInBulk = endsScopesInBulk
    self.servesAnySize = servesAnySize
    self.canBeSegregated = canBeSegregated
    self.isThreadSafe = isThreadSafe
    self.freesAcrossLanes = freesAcrossLanes
    self.maximumAlignment = maximumAlignment
    self.largestRequest = largestRequest
    self.hasHardCap = hasHardCap
    self.handsOutHandles = handsOutHandles
    self.formsTree = formsTree
    self.detects = detects
    self.returnsMemory = returnsMemory
    self.fallsBackToMalloc = fallsBackToMalloc
  }
}
