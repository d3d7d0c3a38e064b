import Workload

/// What a pool is built from.
struct PoolConfiguration {
  /// Whose options say how the pool is set up.
  var subject = Subject(.null)
  /// Lanes that will use the pool, 1 or more.
  var lanes = 1
  /// Scopes of the workload; a region pool keeps one region per lane and scope.
  var scopes = 0
  /// Largest and only request in bytes where all requests are of one size, else nil.
  var fixedSize: Int? = nil
  /// Largest request in bytes.
  var largestSize = 1 << 20
  /// Largest alignment asked for in bytes, a power of two.
  var largestAlignment = 16
  /// For each variant of the workload the scope that ends its objects, or -1. Read only while the pool is built.
  var scopeOfVariant: UnsafeBufferPointer<Int32> = UnsafeBufferPointer(start: nil, count: 0)
  /// For each scope the one around it, or -1. Read only while the pool is built.
  var parentOfScope: UnsafeBufferPointer<Int32> = UnsafeBufferPointer(start: nil, count: 0)
  /// The process's malloc's call for freeing objects of known size, where it has one.
  var freeSized: FreeSized?

  typealias FreeSized = @convention(c) (UnsafeMutableRawPointer?, Int) -> Void
}

/// A subject as a whole: what its lanes share. Built once a process, before the clock starts.
///
/// One concrete type per system, without classes or existentials in what a lane calls.
protocol Pool: ~Copyable {
  associatedtype Lane: PoolLane

  /// Maps no more than its fixed metadata. - Throws: `PoolError` when the configuration can't be served.
  init(_ configuration: PoolConfiguration) throws(PoolError)
  /// One thread's access. Called on the coordinating thread, in lane order; attaching the calling thread itself is
  /// left to ``PoolLane/attach()``.
  borrowing func makeLane(_ index: Int) -> Lane
  /// Gives unused memory back to the system, as far as the pool can. All lanes are parked.
  borrowing func purge()
  /// Lists what the pool has counted of itself since it was built, the same names in the same order each time. All
  /// lanes are parked; the replay's paths count for this what they like, where it costs nothing.
  borrowing func list(into counts: inout PoolCounts)
}

extension Pool where Self: ~Copyable {
  borrowing func list(into counts: inout PoolCounts) {}
}

/// One lane's access to a pool: the calls that the replay loop makes. Held `inout` by one thread at a time.
///
/// A small struct of raw pointers and cached state; never copied once its lane runs.
protocol PoolLane {
  /// What the replay loop calls: the lane itself, or a form of it that keeps what changes with every call in fields of
  /// its own, which a loop that it is inlined into can hold in registers.
  associatedtype Held: PoolLane = Self

  /// The lane as the replay loop calls it. The lane is not used until ``putBack(_:)``.
  mutating func hold() -> Held
  /// Writes back what `held` kept to itself.
  mutating func putBack(_ held: Held)

  /// Whether it may be handed objects of another lane to free. If so, `free` changes nothing in the lane itself, only
  /// in memory that it leads to: the replay frees by copies of it as well.
  static var freesForeignObjects: Bool { get }
  /// Whether `free` and `resize` want the object's size; the replay then keeps a table of sizes.
  static var needsSizes: Bool { get }
  /// What every address is a multiple of, for objects of at least 16 bytes; smaller ones have at most 8.
  static var alignment: Int { get }
  /// Whether `endScope` ends all objects of the scope at once; else the replay frees them one by one.
  static var endsScopesInBulk: Bool { get }

  /// Whether `allocate` may hand out, in place of nil, a stand-in for an object that it refuses: see `isRefused(_:)`.
  static var mayRefuse: Bool { get }

  /// Where the object lies that `allocate` or `resize` handed out as `reference`.
  borrowing func address(of reference: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer
  /// Whether `reference` stands for an object that a pool with a fixed amount of memory had no room for. The replay
  /// goes on with it: it is not accessed, and freeing it does nothing. The pool counts what it refuses.
  borrowing func isRefused(_ reference: UnsafeMutableRawPointer) -> Bool

  /// The lane's thread begins (also each successor of a `thread-life`).
  mutating func attach()
  /// The lane's thread is about to end: give its cache back.
  mutating func detach()

  /// At least `size` bytes, aligned to 16 (8 below 16 bytes) unless the pool says otherwise; nil when out of memory.
  ///
  /// - Parameter variant: the workload's variant, for pools that tell scopes apart.
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer?
  /// As `allocate`, all bytes zero.
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer?
  /// As `allocate`, at a multiple of `alignment`, a power of two.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer?
  /// - Parameter size: the size asked for if `needsSizes`, else 0.
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int)
  /// The contents kept up to the smaller size; nil, and the old object untouched, when out of memory. A pool that
  /// refuses objects may give the old one up and hand out the stand-in.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer?
  mutating func beginScope(_ scope: Int)
  mutating func endScope(_ scope: Int)
  /// Bytes really set aside for the object of `size` at `pointer`, its address: what a user may write to.
  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int
}

extension PoolLane where Held == Self {
  @inline(__always)
  mutating func hold() -> Self { self }
  @inline(__always)
  mutating func putBack(_ held: Self) { self = held }
}

extension PoolLane {
  static var freesForeignObjects: Bool { true }
  static var needsSizes: Bool { false }
  static var alignment: Int { 16 }
  static var endsScopesInBulk: Bool { false }
  static var mayRefuse: Bool { false }
  @inline(__always)
  borrowing func address(of reference: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer { reference }
  @inline(__always)
  borrowing func isRefused(_ reference: UnsafeMutableRawPointer) -> Bool { false }
  mutating func attach() {}
  mutating func detach() {}
  mutating func beginScope(_ scope: Int) {}
  mutating func endScope(_ scope: Int) {}
}

/// Why a pool can't be built.
enum PoolError: Error, Equatable {
  case outOfMemory(bytes: Int)
  case unsupported(String)
}
