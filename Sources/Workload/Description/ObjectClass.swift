/// `[objects C]`: objects of one kind, alike in how big they are, how long they live and how they are used.
public struct ObjectClass: Equatable, Sendable {
  public var name: String
  /// Bytes.
  public var size: Distribution
  public var lifetime: Lifetime
  /// Weight in the mix of a phase that names none.
  public var share: Double
  /// How the object is asked for; weights are relative and positive. One entry unless the file gives shares.
  public var calls: [CallShare]
  public var touch: Touch
  /// Visits to live objects of the class after each allocation of it.
  public var access: Double
  /// Share of the visits that write, 0...1.
  public var write: Double
  public var resize: Resize?
  /// Share of the objects that another lane frees, 0...1.
  public var freedByOther: Double

  public init(
    name: String, size: Distribution, lifetime: Lifetime, share: Double = 1,
    calls: [CallShare] = [CallShare(call: .malloc, weight: 1)], touch: Touch = .first, access: Double = 0,
    write: Double = 0, resize: Resize? = nil, freedByOther: Double = 0
  ) {
    self.name = name
    self.size = size
    self.lifetime = lifetime
    self.share = share
    self.calls = calls
    self.touch = touch
    self.access = access
    self.write = write
    self.resize = resize
    self.freedByOther = freedByOther
  }
}

/// When an object ends.
public enum Lifetime: Equatable, Sendable {
  /// After so many further allocations of its lane.
  case drawn(Distribution)
  /// With the drain.
  case forever
  /// With the instance of that scope (index into `WorkloadDescription.scopes`) it was allocated in.
  case scope(Int)
  /// Just before the d-th younger object of its class.
  case fifo(UInt64)
  /// With all of its class, youngest first, when d are alive and one more is wanted.
  case lifo(UInt64)
}

/// How an object is asked for.
public enum Call: Equatable, Hashable, Sendable {
  case malloc
  case calloc
  /// Aligned to so many bytes, a power of two.
  case aligned(Int)
}

/// One way of asking and its weight among a class's.
public struct CallShare: Equatable, Sendable {
  public var call: Call
  public var weight: Double

  public init(call: Call, weight: Double) {
    self.call = call
    self.weight = weight
  }
}

/// What is written to an object when it has been handed out.
public enum Touch: String, Equatable, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Its first 8 bytes, or the first byte of a smaller object.
  case first
  /// The first byte of each 4 KiB of it.
  case pages
  /// Every byte.
  case all
}

/// `resize = 25% factor=2 times=1`.
public struct Resize: Equatable, Sendable {
  /// Share of the class's objects that are resized, 0...1.
  public var share: Double
  /// New size = max(1, floor(size × factor)).
  public var factor: Double
  public var times: Int

  public init(share: Double, factor: Double = 2, times: Int = 1) {
    self.share = share
    self.factor = factor
    self.times = times
  }
}
