import CPlatform
import Glibc

/// A pool as APR has one, in a tree: objects bumped from a ring of nodes, ended together with all pools below it.
///
/// ```
/// parent ◄── pool ──► child ─► sibling ─► …            the pool's 120 bytes stand in its first node:
///             │
///           active ─► node ─► node ─► … ─► back to active      | header, 40 | AprPool.Body, 120 | objects … | free |
///                     the emptiest first                                                        ▲ selfFirst
/// ```
/// Sizes are rounded to 8. A request is bumped from the active node; if it does not fit, from the one after it, and
/// that one only; else from a node of the allocator's. The node that serves becomes the active one, and the old one is
/// put behind those that have more whole pages free. Objects of 0 bytes are not unique. A first node of 8 KiB yields
/// 8,032 bytes.
///
/// Clear: cleanups registered for before, then the children are destroyed, then cleanups, each youngest first; then the
/// pool goes back to its own node. Destroy does the same and gives that one back too, the allocator with it if the pool
/// owns it.
///
/// Floor of an allocation: 3 loads (active, first available, end), 1 store (first available).
///
/// Source: APR afda3e3, `memory/unix/apr_pools.c`. What differs: the words of subprocesses and the debugging tag are
/// kept, but never used; cleanups have no second function for the child of a fork; user data is a list in place of a hash
/// table. Not for several threads at once, but for creating and destroying children where the allocator has a mutex.
struct AprPool: BitwiseCopyable {
  typealias Node = AprAllocator.Node
  typealias Link = UnsafeMutablePointer<UnsafeMutablePointer<Node>?>
  /// Told when memory runs out, before nil is returned.
  typealias Abort = @convention(c) (Int32) -> Int32

  struct Body {
    var parent: AprPool?
    var child: AprPool?
    var sibling: AprPool?
    /// The word that refers to this pool: its parent's `child`, or an elder sibling's `sibling`.
    var reference: UnsafeMutablePointer<AprPool?>?
    var cleanups: UnsafeMutablePointer<Cleanup>?
    var spareCleanups: UnsafeMutablePointer<Cleanup>?
    var allocator: UnsafeMutablePointer<AprAllocator>
    var subprocesses: UnsafeMutableRawPointer?
    var abort: Abort?
    var userData: UnsafeMutablePointer<UserData>?
    var tag: UnsafeMutableRawPointer?
    var active: UnsafeMutablePointer<Node>
    let own: UnsafeMutablePointer<Node>
    let selfFirst: UnsafeMutableRawPointer
    var preCleanups: UnsafeMutablePointer<Cleanup>?

    static let bytes = 120
  }

  static let alignment = 8

  let body: UnsafeMutablePointer<Body>

  static func link(_ node: UnsafeMutablePointer<Node>) -> Link {
    UnsafeMutableRawPointer(node).assumingMemoryBound(to: UnsafeMutablePointer<Node>?.self)
  }

  /// A pool below `parent`, or a root; nil, after `abort` was told, when out of memory.
  ///
  /// - Parameter allocator: the parent's where none is given; one of the two must be there.
  static func create(
    below parent: AprPool?, allocator given: UnsafeMutablePointer<AprAllocator>? = nil, abort: Abort? = nil
  ) -> AprPool? {
    guard let allocator = given ?? parent?.body.pointee.allocator else { return nil }
    let abort = abort ?? parent?.body.pointee.abort
    guard let node = AprAllocator.allocate(AprAllocator.leastNode - Node.headerBytes, from: allocator) else {
      _ = abort?(ENOMEM)
      return nil
    }
    AprAllocator.countCreation(allocator)
    node.pointee.next = node
    node.pointee.reference = link(node)
    let memory = node.pointee.firstAvailable
    let first = memory + Body.bytes
    node.pointee.firstAvailable = first
    let body = memory.bindMemory(to: Body.self, capacity: 1)
    body.initialize(
      to: Body(
        parent: parent, child: nil, sibling: nil, reference: nil, cleanups: nil, spareCleanups: nil,
        allocator: allocator, subprocesses: nil, abort: abort, userData: nil, tag: nil, active: node, own: node,
        selfFirst: first, preCleanups: nil))
    let pool = AprPool(body: body)
    if let parent { pool.enter(below: parent) }
    return pool
  }

  private var siblingLink: UnsafeMutablePointer<AprPool?> {
    (UnsafeMutableRawPointer(body) + 16).assumingMemoryBound(to: AprPool?.self)
  }
  private var childLink: UnsafeMutablePointer<AprPool?> {
    (UnsafeMutableRawPointer(body) + 8).assumingMemoryBound(to: AprPool?.self)
  }

  private func enter(below parent: AprPool) {
    let allocator = parent.body.pointee.allocator
    AprAllocator.lock(allocator)
    let sibling = parent.body.pointee.child
    body.pointee.sibling = sibling
    sibling?.body.pointee.reference = siblingLink
    parent.body.pointee.child = self
    body.pointee.reference = parent.childLink
    AprAllocator.unlock(allocator)
  }

  private func leaveParent() {
    guard let allocator = body.pointee.parent?.body.pointee.allocator else { return }
    AprAllocator.lock(allocator)
    let sibling = body.pointee.sibling
    body.pointee.reference?.pointee = sibling
    sibling?.body.pointee.reference = body.pointee.reference
    AprAllocator.unlock(allocator)
  }

  /// Ends all objects and all pools below. O(cleanups + nodes, of all pools below too).
  func clear() {
    endContents()
    let own = body.pointee.own
    body.pointee.active = own
    own.pointee.firstAvailable = body.pointee.selfFirst
    guard let others = own.pointee.next, others != own else { return }
    own.pointee.reference.pointee = nil
    AprAllocator.free(others, to: body.pointee.allocator)
    own.pointee.next = own
    own.pointee.reference = Self.link(own)
  }

  /// As `clear`, and ends the pool, and its allocator if it owns that.
  func destroy() {
    endContents()
    leaveParent()
    let allocator = body.pointee.allocator
    let own = body.pointee.own
    own.pointee.reference.pointee = nil
    let ownsAllocator = allocator.pointee.owner?.body == body
    if ownsAllocator { allocator.pointee.mutex = nil }
    AprAllocator.free(own, to: allocator)
    if ownsAllocator { AprAllocator.destroy(allocator) }
  }

  private func endContents() {
    if body.pointee.preCleanups != nil { runPreCleanups() }
    while let child = body.pointee.child { child.destroy() }
    if body.pointee.cleanups != nil { runCleanups() }
    body.pointee.spareCleanups = nil
    body.pointee.userData = nil
  }
}

// MARK: - Objects

extension AprPool {
  /// `size` bytes at a multiple of 8, or nil, after the abort hook was told, when out of memory. O(nodes) where the
  /// active node is full, else O(1).
  @inline(__always)
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    let rounded = SystemMemory.rounded(size, to: Self.alignment)
    let active = body.pointee.active
    let object = active.pointee.firstAvailable
    // A size that no machine has exceeds what is free, and one that the rounding makes negative does so unsigned.
    guard _fastPath(UInt(bitPattern: rounded) <= UInt(bitPattern: active.pointee.end - object)) else {
      return allocateElsewhere(size)
    }
    active.pointee.firstAvailable = object + rounded
    return object
  }

  /// As `allocate`, all bytes zero.
  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    let object = allocate(size)
    object?.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  /// As `allocate`, at a multiple of `alignment`, a power of two: with as much more as that may take.
  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    if alignment <= Self.alignment { return allocate(size) }
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest, alignment <= SystemMemory.largestRequest else {
      return nil
    }
    return allocate(size + alignment - Self.alignment)?.alignedUp(toMultipleOf: alignment)
  }

  @inline(never)
  private func allocateElsewhere(_ size: Int) -> UnsafeMutableRawPointer? {
    let active = body.pointee.active
    let rounded = SystemMemory.rounded(size, to: Self.alignment)
    let node: UnsafeMutablePointer<Node>
    if UInt(bitPattern: size) <= SystemMemory.largestRequest, let next = active.pointee.next,
      rounded <= next.pointee.freeBytes
    {
      leaveRing(next)
      node = next
    } else if UInt(bitPattern: size) <= SystemMemory.largestRequest,
      let new = AprAllocator.allocate(rounded, from: body.pointee.allocator)
    {
      node = new
    } else {
      _ = body.pointee.abort?(ENOMEM)
      return nil
    }
    node.pointee.freeIndex = 0
    let object = node.pointee.firstAvailable
    node.pointee.firstAvailable = object + rounded
    enterRing(node, before: active)
    body.pointee.active = node
    sort(active)
    return object
  }

  /// Puts the node that was active behind those with more free pages.
  private func sort(_ node: UnsafeMutablePointer<Node>) {
    let free = SystemMemory.rounded(node.pointee.freeBytes + 1, to: AprAllocator.boundary) - AprAllocator.boundary
    let freeIndex = UInt32(truncatingIfNeeded: free / AprAllocator.boundary)
    node.pointee.freeIndex = freeIndex
    guard var other = node.pointee.next, freeIndex < other.pointee.freeIndex else { return }
    repeat {
      guard let next = other.pointee.next else { return }
      other = next
    } while freeIndex < other.pointee.freeIndex
    leaveRing(node)
    enterRing(node, before: other)
  }

  private func leaveRing(_ node: UnsafeMutablePointer<Node>) {
    node.pointee.reference.pointee = node.pointee.next
    node.pointee.next?.pointee.reference = node.pointee.reference
  }

  private func enterRing(_ node: UnsafeMutablePointer<Node>, before other: UnsafeMutablePointer<Node>) {
    node.pointee.reference = other.pointee.reference
    node.pointee.reference.pointee = node
    node.pointee.next = other
    other.pointee.reference = Self.link(node)
  }
}
