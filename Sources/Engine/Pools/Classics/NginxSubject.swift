import CPlatform
import Workload

/// One nginx pool for each lane and open scope: see `NginxPool` for the algorithm.
///
/// ```
/// variant ─► NginxState of its scope {counts, pool ─► first block, bytes of a block, whether the scope is open}
/// ```
/// A scope's begin creates the pool and its end destroys it (`end=destroy`), as nginx does with requests; or the end
/// resets it and the next instance goes on with it (`end=reset`). Scopes inside each other have pools apart, as a
/// connection and its requests do: nginx's pools form no tree. A block is of 4 KiB where nothing is said, nginx's for a
/// request.
///
/// Allocate: two loads more than the floor, of the scope's state and of its pool. There is no resize in nginx: an object
/// grows by a copy, the old one of which is freed if it is large.
struct NginxSubject<End: ScopeEnd>: Pool, ~Copyable {
  private let states: ScopedStates<NginxState>
  private let largestSmall: Int

  /// - Throws: `PoolError.unsupported` if a variant has no scope.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    try configuration.requireScopes()
    let bytes = configuration.subject.number(.block) ?? NginxPool.defaultBytes
    states = try ScopedStates(configuration) { _, _ in NginxState(blockBytes: bytes) }
    largestSmall = NginxPool.largestSmall(bytes)
  }

  deinit {
    for lane in 0..<states.lanes {
      for scope in 0..<states.scopes { states.lane(lane)[scope].pointee.destroy() }
    }
  }

  borrowing func makeLane(_ index: Int) -> NginxLane<End> {
    NginxLane(states: states.lane(index), largestSmall: largestSmall)
  }

  /// Destroys the pools that were kept for scopes which are not open.
  borrowing func purge() {
    for lane in 0..<states.lanes {
      for scope in 0..<states.scopes where !states.lane(lane)[scope].pointee.isOpen {
        states.lane(lane)[scope].pointee.destroy()
      }
    }
  }

  borrowing func list(into counts: inout PoolCounts) {
    var sum = NginxCounts()
    for lane in 0..<states.lanes {
      for scope in 0..<states.scopes { sum += states.lane(lane)[scope].pointee.counts }
    }
    sum.list(into: &counts)
  }
}

/// A scope's pool.
struct NginxState: BitwiseCopyable {
  /// First, so that its address is the state's.
  fileprivate(set) var counts = NginxCounts()
  /// Made when the scope begins; nil then if there was no memory, and made with the first object.
  fileprivate(set) var pool: NginxPool?
  fileprivate let blockBytes: Int
  fileprivate var isOpen = false

  fileprivate init(blockBytes: Int) { self.blockBytes = blockBytes }

  fileprivate mutating func destroy() {
    pool?.destroy()
    pool = nil
  }
}

/// Slow paths of a scope's pools.
struct NginxCounts: Equatable, BitwiseCopyable {
  var creations = 0
  /// Small requests that the current block had no room for.
  var walks = 0
  /// Blocks appended.
  var blocks = 0
  var large = 0
  var nodesReused = 0

  static func += (sum: inout NginxCounts, other: NginxCounts) {
    sum.creations += other.creations
    sum.walks += other.walks
    sum.blocks += other.blocks
    sum.large += other.large
    sum.nodesReused += other.nodesReused
  }

  func list(into counts: inout PoolCounts) {
    counts.add("current.misses", walks + large)
    counts.add("chain.requests", walks)
    counts.add("chain.misses", blocks)
    counts.add("large.requests", large)
    counts.add("large.node-reuses", nodesReused)
    counts.add("pool.creations", creations)
  }
}

/// One lane's pools.
struct NginxLane<End: ScopeEnd>: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }
  static var alignment: Int { NginxPool.alignment }

  fileprivate let states: ScopedLane<NginxState>
  fileprivate let largestSmall: Int

  private typealias State = UnsafeMutablePointer<NginxState>

  @inline(__always)
  private func create(_ state: State) -> NginxPool? {
    let counts = UnsafeMutableRawPointer(state).assumingMemoryBound(to: NginxCounts.self)
    let pool = NginxPool.create(state.pointee.blockBytes, counts: counts)
    state.pointee.pool = pool
    return pool
  }

  @inline(never)
  private func createLate(_ state: State) -> NginxPool? { create(state) }

  @inline(__always)
  private func pool(_ variant: Int) -> NginxPool? {
    let state = states.state(ofVariant: variant)
    let pool = state.pointee.pool
    return pool.isRareNil ? createLate(state) : pool
  }

  @inline(__always)
  mutating func beginScope(_ scope: Int) {
    let state = states[scope]
    state.pointee.isOpen = true
    if state.pointee.pool == nil { _ = create(state) }
  }

  @inline(__always)
  mutating func endScope(_ scope: Int) {
    let state = states[scope]
    state.pointee.isOpen = false
    if End.keepsPool { state.pointee.pool?.reset() } else { state.pointee.destroy() }
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { pool(variant)?.allocate(size) }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    pool(variant)?.allocateZeroed(size)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    alignment <= NginxPool.alignment
      ? pool(variant)?.allocate(size) : pool(variant)?.allocateAligned(size, alignment)
  }

  /// Nothing: the object ends with its scope.
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    if newSize <= oldSize { return pointer }
    guard let pool = pool(variant), let moved = pool.allocate(newSize) else { return nil }
    moved.copyMemory(from: pointer, byteCount: oldSize)
    if oldSize > largestSmall { _ = pool.free(pointer) }
    return moved
  }

  /// What follows an object of up to a page begins at a multiple of 8; larger ones are malloc's.
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    size > largestSmall ? pb_usable_size(pointer) : SystemMemory.rounded(size, to: NginxPool.alignment)
  }
}
