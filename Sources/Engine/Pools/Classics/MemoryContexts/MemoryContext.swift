/// A node in a tree of memory contexts, as PostgreSQL's: objects are made in a context, and a reset or a delete of it ends
/// all of them, and with them all contexts below.
///
/// ```
///               top                     parent ▲   ▼ firstChild
///             ┌──┴────────┐
///           query ◄────► query          previousChild ◄► nextChild, the youngest first
///             │
///           tuple                       callbacks ─► callback ─► nil, the youngest first
/// ```
/// Four kinds share the tree and the chunk header (`ChunkHeader`): `AllocSet`, `SlabContext`, `GenerationContext` and
/// `BumpContext`. The node is the first field of each.
///
/// Words: a *context* takes *blocks* from malloc and cuts *chunks* from them; its first block, the *keeper*, lies in one
/// piece of malloc with the context and stays until the context is deleted.
///
/// Source: PostgreSQL 17, `src/backend/utils/mmgr` (README, mcxt.c), as read; here a lane stands for a backend process.
/// What differs: the kind of a context is known where it is used, so that a replay's calls go through no table of
/// methods; `MemoryContext.free` and the other calls here tell the kinds apart by the header's method bits, as the
/// original does. Contexts have no names, and running out of memory gives nil (`MCXT_ALLOC_NO_OOM`) instead of an error.
struct MemoryContext: BitwiseCopyable, Equatable {
  /// Requests above it are refused: PostgreSQL's `MaxAllocSize`, 1 GiB − 1.
  static let largestRequest = 0x3FFF_FFFF
  /// Largest alignment of an object: what `palloc_aligned` takes is below 128 MiB.
  static let largestAlignment = 64 << 20

  let node: UnsafeMutablePointer<MemoryContextNode>

  init(_ node: UnsafeMutablePointer<MemoryContextNode>) { self.node = node }

  init<Kind: ContextKind>(_ context: UnsafeMutablePointer<Kind>) {
    node = UnsafeMutableRawPointer(context).assumingMemoryBound(to: MemoryContextNode.self)
  }

  func cast<Kind: ContextKind>(to: Kind.Type) -> UnsafeMutablePointer<Kind> {
    UnsafeMutableRawPointer(node).assumingMemoryBound(to: Kind.self)
  }

  var parent: MemoryContext? { node.pointee.parent }
  /// Nothing was made in it since it was created or reset.
  var isReset: Bool { node.pointee.isReset }
  /// Bytes that it has from malloc.
  var heapBytes: Int { node.pointee.heapBytes }
}

struct MemoryContextNode: BitwiseCopyable {
  let method: ContextMethod
  var isReset = true
  var heapBytes = 0
  let backend: UnsafeMutablePointer<ContextBackend>
  fileprivate(set) var parent: MemoryContext?
  fileprivate(set) var firstChild: MemoryContext?
  fileprivate(set) var previousChild: MemoryContext?
  /// Of a context in a cache: the next one there.
  var nextChild: MemoryContext?
  fileprivate var callbacks: UnsafeMutablePointer<ResetCallback>?

  init(_ method: ContextMethod, _ backend: UnsafeMutablePointer<ContextBackend>) {
    self.method = method
    self.backend = backend
  }
}

/// Told once that a context is reset or deleted. The caller gives the memory, often a chunk of the context itself.
struct ResetCallback: BitwiseCopyable {
  fileprivate var next: UnsafeMutablePointer<ResetCallback>?
  let context: UnsafeMutableRawPointer?
  let run: @convention(c) (UnsafeMutableRawPointer?) -> Void

  init(_ context: UnsafeMutableRawPointer?, _ run: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void) {
    self.context = context
    self.run = run
  }
}

// MARK: - The tree

extension MemoryContext {
  /// Makes it a child of `parent`, or of none.
  ///
  /// - Precondition: `parent` is not below it. O(1).
  func setParent(_ parent: MemoryContext?) {
    if self.parent == parent { return }
    if let old = self.parent {
      let (previous, next) = (node.pointee.previousChild, node.pointee.nextChild)
      if let previous { previous.node.pointee.nextChild = next } else { old.node.pointee.firstChild = next }
      next?.node.pointee.previousChild = previous
    }
    node.pointee.parent = parent
    node.pointee.previousChild = nil
    node.pointee.nextChild = parent?.node.pointee.firstChild
    node.pointee.nextChild?.node.pointee.previousChild = self
    parent?.node.pointee.firstChild = self
  }

  /// Ends all objects and deletes all contexts below. Free of cost for a context in which nothing was made.
  func reset() {
    deleteChildren()
    if !isReset { resetOnly() }
  }

  /// Ends all objects; contexts below stay.
  func resetOnly() {
    runCallbacks()
    switch node.pointee.method {
    case .allocSet: AllocSet.reset(cast(to: AllocSet.self))
    case .generation: GenerationContext.reset(cast(to: GenerationContext.self))
    case .slab: SlabContext.reset(cast(to: SlabContext.self))
    case .bump: BumpContext.reset(cast(to: BumpContext.self))
    case .alignedRedirect: preconditionFailure("no context is of this method")
    }
    node.pointee.isReset = true
  }

  func deleteChildren() {
    while let child = node.pointee.firstChild { child.delete() }
  }

  /// Ends the context and all below it, leaves first. O(contexts + blocks), without recursion however deep they are.
  func delete() {
    var current = self
    while true {
      while let child = current.node.pointee.firstChild { current = child }
      let parent = current.parent
      let isLast = current == self
      current.deleteOnly()
      guard !isLast, let parent else { return }
      current = parent
    }
  }

  private func deleteOnly() {
    runCallbacks()
    setParent(nil)
    switch node.pointee.method {
    case .allocSet: AllocSet.delete(cast(to: AllocSet.self))
    case .generation: GenerationContext.delete(cast(to: GenerationContext.self))
    case .slab: SlabContext.delete(cast(to: SlabContext.self))
    case .bump: BumpContext.delete(cast(to: BumpContext.self))
    case .alignedRedirect: preconditionFailure("no context is of this method")
    }
  }

  /// Has `callback` run before the objects end, youngest first; it is forgotten then.
  func addResetCallback(_ callback: UnsafeMutablePointer<ResetCallback>) {
    callback.pointee.next = node.pointee.callbacks
    node.pointee.callbacks = callback
    // A reset must not take the context for untouched.
    node.pointee.isReset = false
  }

  /// One that is added meanwhile runs too.
  private func runCallbacks() {
    while let callback = node.pointee.callbacks {
      node.pointee.callbacks = callback.pointee.next
      callback.pointee.run(callback.pointee.context)
    }
  }
}
