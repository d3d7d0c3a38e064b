import Workload

/// Memory contexts as a subject: a tree of them a lane, one for each open scope.
///
/// ```
/// slots of a lane           contexts
///  scope 0 ─► query context ──┐ child of            delete: a scope's begin creates its context, its end deletes it
///  scope 1 ─► tuple context ◄─┘                     reset:  the end resets it, so that the next begin finds it there;
///  own     ─► top context, parent of all                    a reset deletes the contexts below, those of inner scopes
/// ```
/// Objects without a scope are made in the lane's top context and freed one by one; those of a scope end with its context.
/// A slot whose scope is closed, or whose context malloc refused, refers to an absent context that has no room, so that
/// the fast path needs no test of its own for it; the slow path then makes the context.
struct MemoryContextPool<Kind: ContextKind>: Pool, ~Copyable {
  private let homes: ContextHomes<Kind>
  private let slots: ScopedStates<ContextSlot<Kind>>

  /// - Throws: `PoolError.unsupported` if objects without a scope could not be freed, for setups that the kind does not
  ///   have, and for a slab if there are several sizes.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let table = configuration.scopeOfVariant
    if !Kind.freesObjects, table.isEmpty || table.contains(where: { $0 < 0 }) {
      throw .unsupported("has no free for single objects: all must end with a scope")
    }
    let sizes = try ContextSizes(configuration, Kind.method)
    let keepsContexts = configuration.subject.choice(.end) == "reset"
    let homes = try ContextHomes<Kind>(lanes: configuration.lanes, sizes, keepsContexts: keepsContexts)
    slots = try ScopedStates(configuration) { lane, _ in ContextSlot(home: homes[lane]) }
    self.homes = homes
    let parents = configuration.parentOfScope
    for index in 0..<configuration.lanes {
      let lane = slots.lane(index)
      for scope in 0..<configuration.scopes {
        let parent = parents.isEmpty || parents[scope] < 0 ? configuration.scopes : Int(parents[scope])
        lane[scope].pointee.parent = lane[parent]
        lane[scope].pointee.nextInner = lane[parent].pointee.firstInner
        lane[parent].pointee.firstInner = lane[scope]
      }
    }
  }

  /// Deletes the top contexts, and with them all.
  deinit {
    for index in 0..<slots.lanes {
      let top = slots.lane(index)[slots.scopes]
      if !top.pointee.isAbsent { MemoryContext(top.pointee.context).delete() }
    }
  }

  borrowing func makeLane(_ index: Int) -> MemoryContextLane<Kind> {
    MemoryContextLane(slots: slots.lane(index))
  }

  /// Empties the caches of contexts, and gives back blocks that hold no object. What malloc keeps is its own affair.
  borrowing func purge() {
    for index in 0..<slots.lanes {
      homes[index].pointee.backend.emptyCaches()
      for scope in 0...slots.scopes {
        let slot = slots.lane(index)[scope]
        if !slot.pointee.isAbsent { Kind.purge(slot.pointee.context) }
      }
    }
  }

  borrowing func list(into counts: inout PoolCounts) {
    var sum = ContextCounts()
    for index in 0..<slots.lanes { sum.add(homes[index].pointee.backend.counts) }
    sum.list(into: &counts)
  }
}

typealias AllocSetPool = MemoryContextPool<AllocSet>
typealias SlabContextPool = MemoryContextPool<SlabContext>
typealias GenerationPool = MemoryContextPool<GenerationContext>
typealias BumpPool = MemoryContextPool<BumpContext>

/// What all contexts of a lane refer to; never moves.
struct ContextHome<Kind: ContextKind>: BitwiseCopyable {
  let absent: Kind
  var backend = ContextBackend()
  let sizes: ContextSizes
  let keepsContexts: Bool

  /// Behind the absent context, which is of whole words as the backend is.
  static func backend(_ home: UnsafeMutablePointer<ContextHome>) -> UnsafeMutablePointer<ContextBackend> {
    (UnsafeMutableRawPointer(home) + MemoryLayout<Kind>.stride).assumingMemoryBound(to: ContextBackend.self)
  }
}

/// The lanes' homes, in a mapping.
struct ContextHomes<Kind: ContextKind>: ~Copyable {
  private static var stride: Int { SystemMemory.rounded(MemoryLayout<ContextHome<Kind>>.size, to: 128) }

  private let base: UnsafeMutableRawPointer
  private let lanes: Int

  init(lanes: Int, _ sizes: ContextSizes, keepsContexts: Bool) throws(PoolError) {
    let bytes = lanes * Self.stride
    guard let base = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.base = base
    self.lanes = lanes
    for index in 0..<lanes {
      let home = (base + index * Self.stride).bindMemory(to: ContextHome<Kind>.self, capacity: 1)
      let absent = Kind.absent(ContextHome.backend(home))
      home.initialize(to: ContextHome(absent: absent, sizes: sizes, keepsContexts: keepsContexts))
    }
  }

  /// The contexts have been deleted before.
  deinit {
    for index in 0..<lanes { self[index].pointee.backend.emptyCaches() }
    SystemMemory.unmap(base, lanes * Self.stride)
  }

  subscript(lane: Int) -> UnsafeMutablePointer<ContextHome<Kind>> {
    (base + lane * Self.stride).assumingMemoryBound(to: ContextHome<Kind>.self)
  }
}

/// A scope's context while there is one, and the scope's place among the others.
struct ContextSlot<Kind: ContextKind>: BitwiseCopyable {
  fileprivate(set) var context: UnsafeMutablePointer<Kind>
  fileprivate let absent: UnsafeMutablePointer<Kind>
  private let home: UnsafeMutablePointer<ContextHome<Kind>>
  /// Nil of the lane's own, whose context is the top.
  fileprivate(set) var parent: UnsafeMutablePointer<ContextSlot>?
  fileprivate(set) var firstInner: UnsafeMutablePointer<ContextSlot>?
  fileprivate(set) var nextInner: UnsafeMutablePointer<ContextSlot>?

  fileprivate init(home: UnsafeMutablePointer<ContextHome<Kind>>) {
    // The home's first field; it never moves.
    absent = UnsafeMutableRawPointer(home).assumingMemoryBound(to: Kind.self)
    context = absent
    self.home = home
  }

  @inline(__always)
  fileprivate var isAbsent: Bool { context == absent }

  /// Makes the context, and those around it that are missing; false when out of memory.
  mutating func open() -> Bool {
    if !isAbsent { return true }
    if let parent, !parent.pointee.open() { return false }
    let outer = parent.map { MemoryContext($0.pointee.context) }
    guard let context = Kind.create(ContextHome.backend(home), below: outer, home.pointee.sizes) else { return false }
    self.context = context
    forgetInner()
    return true
  }

  /// Ends the scope's objects.
  mutating func close() {
    if isAbsent { return }
    if home.pointee.keepsContexts {
      MemoryContext(context).reset()
    } else {
      MemoryContext(context).delete()
      context = absent
    }
    forgetInner()
  }

  /// Contexts below went with this one.
  private func forgetInner() {
    var slot = firstInner
    while let inner = slot {
      inner.pointee.context = inner.pointee.absent
      slot = inner.pointee.nextInner
    }
  }
}

/// One lane's contexts.
struct MemoryContextLane<Kind: ContextKind>: PoolLane {
  static var endsScopesInBulk: Bool { true }
  static var freesForeignObjects: Bool { false }
  /// `MAXIMUM_ALIGNOF`.
  static var alignment: Int { 8 }

  fileprivate let slots: ScopedLane<ContextSlot<Kind>>

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    let slot = slots.state(ofVariant: variant)
    return Kind.allocateFast(slot.pointee.context, size) ?? Self.allocateSlowly(slot, size)
  }

  @inline(never)
  private static func allocateSlowly(
    _ slot: UnsafeMutablePointer<ContextSlot<Kind>>, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    // A context that was missing may serve the request at once.
    slot.pointee.open() ? Kind.allocate(slot.pointee.context, size) : nil
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size, variant) else { return nil }
    object.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    let slot = slots.state(ofVariant: variant)
    return slot.pointee.open() ? Kind.allocateAligned(slot.pointee.context, size, alignment) : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { Kind.free(pointer) }

  /// Where chunks have no header the caller has to know the size, and a grown object is a copy.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    if Kind.freesObjects { return Kind.resize(pointer, to: newSize) }
    if newSize <= oldSize { return pointer }
    guard let moved = allocate(newSize, variant) else { return nil }
    moved.copyMemory(from: pointer, byteCount: oldSize)
    return moved
  }

  mutating func beginScope(_ scope: Int) {
    // Without memory the scope's first request tries again.
    _ = slots[scope].pointee.open()
  }

  mutating func endScope(_ scope: Int) { slots[scope].pointee.close() }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    Kind.freesObjects ? Kind.usableSize(pointer) : SystemMemory.rounded(size, to: 8)
  }
}
