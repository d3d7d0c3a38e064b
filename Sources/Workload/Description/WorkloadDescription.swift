/// A heap's life as a person describes it: parsed, checked, every default filled in.
///
/// All names are resolved: a `Lifetime.scope` or a mix names a scope or class that exists.
/// A description without `[phase]` sections has one phase called `main`, one without `[objects]`
/// sections one class called `all`; printing writes them out, and parsing that gives an equal value.
public struct WorkloadDescription: Equatable, Sendable {
  public var name: String
  public var summary: String?
  /// Seed of every random stream; `--seed` replaces it.
  public var seed: UInt64
  /// Lanes of the phases that name no number of their own.
  public var threads: Int
  /// `[parameters]`, in order, with the text that stands for each (`--set` already applied).
  public var parameters: [Parameter]
  /// In the order of the file.
  public var scopes: [Scope]
  public var classes: [ObjectClass]
  public var phases: [Phase]

  public init(
    name: String, summary: String? = nil, seed: UInt64 = 1, threads: Int = 1, parameters: [Parameter] = [],
    scopes: [Scope] = [], classes: [ObjectClass], phases: [Phase]
  ) {
    self.name = name
    self.summary = summary
    self.seed = seed
    self.threads = threads
    self.parameters = parameters
    self.scopes = scopes
    self.classes = classes
    self.phases = phases
  }
}

/// `n = 100` under `[parameters]`.
public struct Parameter: Equatable, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// `[scope S]`: a stretch of a lane's allocations whose objects end together.
public struct Scope: Equatable, Sendable {
  public var name: String
  /// Innermost scope of a chain: allocations of the lane; otherwise scopes inside it. At least 1.
  public var length: Distribution
  /// Index into `WorkloadDescription.scopes` of the scope that holds this one.
  public var inside: Int?

  public init(name: String, length: Distribution, inside: Int? = nil) {
    self.name = name
    self.length = length
    self.inside = inside
  }
}

/// `[phase P]`.
public struct Phase: Equatable, Sendable {
  public var name: String
  /// Allocations per producing lane.
  public var operations: UInt64
  /// Lanes at work in this phase, consumers included.
  public var threads: Int
  /// The last so many lanes allocate nothing and free what arrives.
  public var consumers: Int
  /// Weight of each class, by index into `WorkloadDescription.classes`, in the order of the file;
  /// weights are relative, none is 0 or negative, and no class stands twice.
  public var mix: [ClassShare]
  /// Allocations a second and lane, or nil for as fast as it goes.
  public var rate: Double?
  /// Allocations after which a lane's thread ends and a successor takes over, or nil.
  public var threadLife: UInt64?
  /// Ends every open scope, innermost first, when the phase ends.
  public var freesAtEnd: Bool
  /// Idle time before the next phase, in nanoseconds.
  public var pauseNanoseconds: UInt64

  public init(
    name: String, operations: UInt64, threads: Int, consumers: Int = 0, mix: [ClassShare], rate: Double? = nil,
    threadLife: UInt64? = nil, freesAtEnd: Bool = false, pauseNanoseconds: UInt64 = 0
  ) {
    self.name = name
    self.operations = operations
    self.threads = threads
    self.consumers = consumers
    self.mix = mix
    self.rate = rate
    self.threadLife = threadLife
    self.freesAtEnd = freesAtEnd
    self.pauseNanoseconds = pauseNanoseconds
  }
}

/// One class's weight in a phase's mix.
public struct ClassShare: Equatable, Sendable {
  public var classIndex: Int
  public var weight: Double

  public init(classIndex: Int, weight: Double) {
    self.classIndex = classIndex
    self.weight = weight
  }
}
