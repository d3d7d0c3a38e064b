/// A heap of one owner that can also end all its objects at once: what `OwnerHeapPool` and `ShutdownHeapPool` are made
/// of. A handle of one pointer; the heap's state lies in memory that the heap maps itself.
protocol OwnerHeap: BitwiseCopyable {
  /// Largest alignment in bytes that can be asked for.
  static var largestAlignment: Int { get }
  /// What `create` maps.
  static var firstBytes: Int { get }

  /// A heap with what it keeps from the start; nil when the system refuses.
  static func create() -> Self?
  /// Unmaps everything, also objects in use.
  func destroy()
  /// Ends all objects at once and keeps what the heap keeps for the next request.
  func shutdown()
  func allocate(_ size: Int) -> UnsafeMutableRawPointer?
  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer?
  func free(_ pointer: UnsafeMutableRawPointer)
  /// Contents kept up to the smaller size; nil, and the old object untouched, when out of memory.
  func resize(_ pointer: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer?
  /// 0 if the heap does not know the object.
  func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int
  /// Gives back what holds no object.
  func purge()
  /// The heap's counts, the same in the same order for each heap.
  var counts: [9 of Int] { get }
  static func name(ofCount index: Int) -> StaticString
}

/// One heap a lane; scopes end object by object.
///
/// ```
/// lane 0 ─► heap | lane 1 ─► heap | …        a pointer each, 128 bytes apart
/// ```
struct OwnerHeapPool<Heap: OwnerHeap>: Pool, ~Copyable {
  private let heaps: OwnerHeaps<Heap>

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    var unscoped = configuration
    unscoped.scopes = 0
    unscoped.scopeOfVariant = UnsafeBufferPointer(start: nil, count: 0)
    heaps = try OwnerHeaps(unscoped)
  }

  borrowing func makeLane(_ index: Int) -> OwnerHeapLane<Heap> {
    OwnerHeapLane(heap: heaps.states.lane(index)[0].pointee.unsafelyUnwrapped)
  }

  borrowing func purge() { heaps.each { $0.purge() } }
  borrowing func list(into counts: inout PoolCounts) { heaps.list(into: &counts) }
}

/// One heap a lane and scope, shut down at the scope's end, as a server does after each request: nothing is freed
/// before. Variants without a scope have the lane's own heap, from which each object is freed.
struct ShutdownHeapPool<Heap: OwnerHeap>: Pool, ~Copyable {
  private let heaps: OwnerHeaps<Heap>

  init(_ configuration: PoolConfiguration) throws(PoolError) { heaps = try OwnerHeaps(configuration) }

  borrowing func makeLane(_ index: Int) -> ShutdownHeapLane<Heap> {
    let lane = heaps.states.lane(index)
    let scopes = heaps.states.scopes
    return ShutdownHeapLane(heaps: lane, own: lane[scopes].pointee.unsafelyUnwrapped, scopes: scopes)
  }

  borrowing func purge() { heaps.each { $0.purge() } }
  borrowing func list(into counts: inout PoolCounts) { heaps.list(into: &counts) }
}

/// The heaps of all lanes and scopes.
private struct OwnerHeaps<Heap: OwnerHeap>: ~Copyable {
  let states: ScopedStates<Heap?>

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let states = try ScopedStates<Heap?>(configuration) { _, _ in Heap.create() }
    var isComplete = true
    Self.walk(states) { if $0.pointee == nil { isComplete = false } }
    if !isComplete {
      Self.walk(states) { $0.pointee?.destroy() }
      throw .outOfMemory(bytes: Heap.firstBytes)
    }
    self.states = states
  }

  deinit { Self.walk(states) { $0.pointee?.destroy() } }

  private static func walk(_ states: borrowing ScopedStates<Heap?>, _ body: (UnsafeMutablePointer<Heap?>) -> Void) {
    for lane in 0..<states.lanes {
      for scope in 0...states.scopes { body(states.lane(lane)[scope]) }
    }
  }

  borrowing func each(_ body: (Heap) -> Void) { Self.walk(states) { body($0.pointee.unsafelyUnwrapped) } }

  borrowing func list(into counts: inout PoolCounts) {
    var sums = [9 of Int](repeating: 0)
    each { heap in
      let own = heap.counts
      for index in own.indices { sums[index] &+= own[index] }
    }
    for index in sums.indices { counts.add(Heap.name(ofCount: index), sums[index]) }
  }
}

/// One lane's heap.
struct OwnerHeapLane<Heap: OwnerHeap>: PoolLane {
  static var freesForeignObjects: Bool { false }
  static var alignment: Int { 8 }

  let heap: Heap

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { heap.allocate(size) }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { heap.allocateZeroed(size) }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    heap.allocateAligned(size, alignment)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { heap.free(pointer) }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { heap.resize(pointer, to: newSize) }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { heap.usableSize(pointer) }
}

/// One lane's heaps, a scope's each.
struct ShutdownHeapLane<Heap: OwnerHeap>: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }
  static var alignment: Int { 8 }

  fileprivate let heaps: ScopedLane<Heap?>
  /// That of the variants without a scope.
  fileprivate let own: Heap
  fileprivate let scopes: Int

  @inline(__always)
  private func heap(_ variant: Int) -> Heap { heaps.state(ofVariant: variant).pointee.unsafelyUnwrapped }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { heap(variant).allocate(size) }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    heap(variant).allocateZeroed(size)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    heap(variant).allocateAligned(size, alignment)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { own.free(pointer) }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { heap(variant).resize(pointer, to: newSize) }

  mutating func endScope(_ scope: Int) { heaps[scope].pointee?.shutdown() }

  /// O(scopes): which heap the object is of is not known here.
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    var usable = own.usableSize(pointer)
    var scope = 0
    while usable == 0, scope < scopes {
      usable = heaps[scope].pointee?.usableSize(pointer) ?? 0
      scope += 1
    }
    return usable
  }
}

extension OwnerHeap {
  /// As `allocate`, then cleared, as `ecalloc` does whatever the memory held.
  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    guard let pointer = allocate(size) else { return nil }
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return pointer
  }

  /// The object in another place with room for `size` bytes, the old one freed.
  @inline(never)
  func move(_ pointer: UnsafeMutableRawPointer, _ held: Int, to size: Int) -> UnsafeMutableRawPointer? {
    guard let moved = allocate(size) else { return nil }
    moved.copyMemory(from: pointer, byteCount: min(held, size))
    free(pointer)
    return moved
  }
}
