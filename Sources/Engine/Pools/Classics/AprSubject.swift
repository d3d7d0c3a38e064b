import CPlatform
import Workload

/// An APR pool for each lane and open scope, below the pool of the scope around it or the lane's root: see `AprPool`.
///
/// ```
/// lane ─► root pool, owns the lane's allocator
///           └► pool of an outer scope ─► pool of a scope inside it       variant ─► AprState ─► pool of its scope
/// ```
/// A scope's begin creates its pool from the lane's allocator, which is warm after the first instance, and its end
/// destroys it (`end=destroy`); or the end clears it and the next instance goes on with it (`end=clear`). The end of an
/// outer scope takes the pools inside with it either way.
///
/// Allocate: two loads more than the floor, of the scope's state and of its pool. There is no resize in APR: an object
/// grows by a copy, and the old one is lost until the end. Nothing is given back when purged, since APR cannot.
struct AprSubject<End: ScopeEnd>: Pool, ~Copyable {
  private let states: ScopedStates<AprState>

  /// - Throws: `PoolError.unsupported` if a variant has no scope, `.outOfMemory`.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    try configuration.requireScopes()
    let parents = configuration.parentOfScope
    let states = try ScopedStates<AprState>(configuration) { _, scope in
      let parent = scope < parents.count ? Int(parents[scope]) : -1
      return AprState(parent: parent < 0 ? configuration.scopes : parent, hasInner: parents.contains(Int32(scope)))
    }
    let maxFree = configuration.subject.number(.maxFree) ?? 0
    for index in 0..<states.lanes {
      if let root = Self.makeRoot(maxFree: maxFree) {
        states.lane(index)[states.scopes].pointee.pool = root
        continue
      }
      for made in 0..<index { states.lane(made)[states.scopes].pointee.pool?.destroy() }
      throw .outOfMemory(bytes: AprAllocator.leastNode)
    }
    self.states = states
  }

  private static func makeRoot(maxFree: Int) -> AprPool? {
    guard let allocator = AprAllocator.create() else { return nil }
    AprAllocator.setMaxFree(maxFree, of: allocator)
    guard let root = AprPool.create(below: nil, allocator: allocator) else {
      AprAllocator.destroy(allocator)
      return nil
    }
    allocator.pointee.owner = root
    return root
  }

  /// The roots take all pools and the allocators with them.
  deinit {
    for index in 0..<states.lanes { states.lane(index)[states.scopes].pointee.pool?.destroy() }
  }

  borrowing func makeLane(_ index: Int) -> AprLane<End> { AprLane(states: states.lane(index), scopes: states.scopes) }

  borrowing func purge() {}

  borrowing func list(into counts: inout PoolCounts) {
    var sum = AprCounts()
    for index in 0..<states.lanes {
      if let root = states.lane(index)[states.scopes].pointee.pool { sum += root.body.pointee.allocator.pointee.counts }
    }
    sum.list(into: &counts)
  }
}

/// A scope's pool, or the lane's root.
struct AprState: BitwiseCopyable {
  /// Made when the scope begins; nil then if there was no memory, and made with the first object.
  fileprivate(set) var pool: AprPool?
  /// The scope around it; the number of scopes, which is where the root stands, if there is none.
  fileprivate let parent: Int
  fileprivate let hasInner: Bool

  fileprivate init(parent: Int, hasInner: Bool) {
    self.parent = parent
    self.hasInner = hasInner
  }
}

/// One lane's pools.
struct AprLane<End: ScopeEnd>: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }
  static var alignment: Int { AprPool.alignment }

  fileprivate let states: ScopedLane<AprState>
  fileprivate let scopes: Int

  /// Below the pool around it, which is made too where it is not there.
  @inline(never)
  private func create(_ state: UnsafeMutablePointer<AprState>) -> AprPool? {
    let outer = states[state.pointee.parent]
    guard let parent = outer.pointee.pool ?? create(outer) else { return nil }
    state.pointee.pool = AprPool.create(below: parent)
    return state.pointee.pool
  }

  @inline(__always)
  private func pool(_ variant: Int) -> AprPool? {
    let state = states.state(ofVariant: variant)
    return state.pointee.pool ?? create(state)
  }

  @inline(__always)
  mutating func beginScope(_ scope: Int) {
    if states[scope].pointee.pool == nil { _ = create(states[scope]) }
  }

  @inline(__always)
  mutating func endScope(_ scope: Int) {
    let state = states[scope]
    if End.keepsPool { state.pointee.pool?.clear() } else { state.pointee.pool?.destroy() }
    if !End.keepsPool { state.pointee.pool = nil }
    if state.pointee.hasInner { forgetInside(scope) }
  }

  /// The pools of scopes inside have ended with it.
  @inline(never)
  private func forgetInside(_ scope: Int) {
    for inner in 0..<scopes where states[inner].pointee.parent == scope {
      states[inner].pointee.pool = nil
      if states[inner].pointee.hasInner { forgetInside(inner) }
    }
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { pool(variant)?.allocate(size) }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    pool(variant)?.allocateZeroed(size)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    pool(variant)?.allocateAligned(size, alignment)
  }

  /// Nothing: the object ends with its scope.
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    if newSize <= oldSize { return pointer }
    guard let moved = allocate(newSize, variant) else { return nil }
    moved.copyMemory(from: pointer, byteCount: oldSize)
    return moved
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    SystemMemory.rounded(size, to: AprPool.alignment)
  }
}
