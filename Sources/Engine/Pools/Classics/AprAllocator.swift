import CPlatform
import Glibc

/// What APR pools take their nodes from and give them back to: lists of free nodes by size, over malloc.
///
/// ```
/// AprAllocator | list 0 | list 1 | … | list 19 | list 20        20: all nodes above 80 KiB, youngest first
///                          └► node of 8 KiB ─► node of 8 KiB ─► nil
///
/// node, a multiple of 4 KiB, 8 KiB at least
///  0 next | 8 reference | 16 index | 20 freeIndex | 24 firstAvailable | 32 end | 40 bytes for the pool … end
/// ```
/// List i holds nodes of (i + 1) · 4 KiB. A request is met by the first node in the lists from its own to the one of
/// twice its index, by the first that is big enough in list 20, else by malloc. A node that is given back goes to its
/// list, or to malloc if the pages in the lists would exceed `maxFree`; where that is 0 they never do, which is what
/// APR begins with.
///
/// Several pools share an allocator. With `mutex` set the pools may belong to different threads.
///
/// Source: APR afda3e3, `memory/unix/apr_pools.c`: boundary 4 KiB, least node 8 KiB, 20 lists and one for the rest. What
/// differs: nodes are never taken from `mmap`, which is a build option there; slow paths are counted.
struct AprAllocator {
  struct Node {
    /// In a pool's ring the node after it, in a list the next one or nil. First, so that its address is the node's.
    var next: UnsafeMutablePointer<Node>?
    /// In a ring the word that refers to this node.
    var reference: UnsafeMutablePointer<UnsafeMutablePointer<Node>?>
    /// Pages less one.
    let index: UInt32
    /// Whole pages that were free when the pool turned to another node.
    var freeIndex: UInt32
    var firstAvailable: UnsafeMutableRawPointer
    let end: UnsafeMutableRawPointer

    static let headerBytes = 40

    @inline(__always)
    var freeBytes: Int { end - firstAvailable }
  }

  static let boundary = 4 << 10
  static let leastNode = 8 << 10
  /// The list of all larger nodes.
  static let oversize = 20

  /// No list below `oversize` and above this one has a node.
  private var highest = 0
  /// Pages that may be free at once, 0 for any number.
  private(set) var maxFree = 0
  /// Pages that may still be put into the lists, where there is a limit.
  private(set) var budget = 0
  var mutex: UnsafeMutablePointer<pthread_mutex_t>?
  /// The pool that takes the allocator with it.
  var owner: AprPool?
  private(set) var counts = AprCounts()

  /// An allocator, or nil when out of memory.
  static func create() -> UnsafeMutablePointer<AprAllocator>? {
    let lists = (oversize + 1) * MemoryLayout<UnsafeMutablePointer<Node>?>.stride
    guard let memory = pb_heap_allocate(MemoryLayout<AprAllocator>.stride + lists) else { return nil }
    let allocator = memory.bindMemory(to: AprAllocator.self, capacity: 1)
    allocator.initialize(to: AprAllocator())
    self.lists(of: allocator).initialize(repeating: nil, count: oversize + 1)
    return allocator
  }

  static func lists(
    of allocator: UnsafeMutablePointer<AprAllocator>
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<Node>?> {
    UnsafeMutableRawPointer(allocator + 1).assumingMemoryBound(to: UnsafeMutablePointer<Node>?.self)
  }

  /// Frees the lists' nodes and the allocator. O(free nodes).
  static func destroy(_ allocator: UnsafeMutablePointer<AprAllocator>) {
    for index in 0...oversize {
      while let node = lists(of: allocator)[index] {
        lists(of: allocator)[index] = node.pointee.next
        pb_heap_free(node)
      }
    }
    pb_heap_free(allocator)
  }

  /// Lets at most `bytes`, rounded up to pages, be free in the lists; 0: no limit. What is there already stays.
  static func setMaxFree(_ bytes: Int, of allocator: UnsafeMutablePointer<AprAllocator>) {
    lock(allocator)
    defer { unlock(allocator) }
    let pages = SystemMemory.rounded(bytes, to: boundary) / boundary
    let changed = allocator.pointee.budget + pages - allocator.pointee.maxFree
    allocator.pointee.budget = min(max(changed, 0), pages)
    allocator.pointee.maxFree = pages
  }

  static func lock(_ allocator: UnsafeMutablePointer<AprAllocator>) {
    if let mutex = allocator.pointee.mutex { pthread_mutex_lock(mutex) }
  }

  static func unlock(_ allocator: UnsafeMutablePointer<AprAllocator>) {
    if let mutex = allocator.pointee.mutex { pthread_mutex_unlock(mutex) }
  }

  // MARK: - Nodes

  /// A node with room for `size` bytes, not yet in a ring; nil when out of memory. O(lists), O(nodes) above 80 KiB.
  @inline(never)
  static func allocate(
    _ size: Int, from allocator: UnsafeMutablePointer<AprAllocator>
  ) -> UnsafeMutablePointer<Node>? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { return nil }
    let bytes = max(SystemMemory.rounded(size + Node.headerBytes, to: boundary), leastNode)
    let index = bytes / boundary - 1
    lock(allocator)
    allocator.pointee.counts.requests &+= 1
    if let node = takeNode(index, from: allocator) {
      let budget = allocator.pointee.budget + Int(node.pointee.index) + 1
      allocator.pointee.budget = min(budget, allocator.pointee.maxFree)
      unlock(allocator)
      node.pointee.next = nil
      node.pointee.firstAvailable = UnsafeMutableRawPointer(node) + Node.headerBytes
      return node
    }
    allocator.pointee.counts.misses &+= 1
    unlock(allocator)
    guard let memory = pb_heap_allocate(bytes) else { return nil }
    let node = memory.bindMemory(to: Node.self, capacity: 1)
    node.initialize(
      to: Node(
        next: nil, reference: AprPool.link(node), index: UInt32(truncatingIfNeeded: index), freeIndex: 0,
        firstAvailable: memory + Node.headerBytes, end: memory + bytes))
    return node
  }

  private static func takeNode(
    _ index: Int, from allocator: UnsafeMutablePointer<AprAllocator>
  ) -> UnsafeMutablePointer<Node>? {
    let lists = lists(of: allocator)
    let highest = allocator.pointee.highest
    if index < oversize {
      if index > highest { return nil }
      for list in index...max(index, min(2 * index, highest)) {
        guard let node = lists[list] else { continue }
        lists[list] = node.pointee.next
        if lists[list] == nil, list == highest { lower(allocator) }
        return node
      }
      return nil
    }
    var link = lists + oversize
    while let node = link.pointee {
      if index <= Int(node.pointee.index) {
        link.pointee = node.pointee.next
        return node
      }
      link = AprPool.link(node)
    }
    return nil
  }

  private static func lower(_ allocator: UnsafeMutablePointer<AprAllocator>) {
    var highest = allocator.pointee.highest
    while highest > 0, lists(of: allocator)[highest] == nil { highest -= 1 }
    allocator.pointee.highest = highest
  }

  /// Takes back a chain of nodes. O(nodes).
  @inline(never)
  static func free(_ nodes: UnsafeMutablePointer<Node>, to allocator: UnsafeMutablePointer<AprAllocator>) {
    let lists = lists(of: allocator)
    var released: UnsafeMutablePointer<Node>?
    var next: UnsafeMutablePointer<Node>? = nodes
    lock(allocator)
    while let node = next {
      next = node.pointee.next
      let pages = Int(node.pointee.index) + 1
      if allocator.pointee.maxFree != 0, pages > allocator.pointee.budget {
        node.pointee.next = released
        released = node
        allocator.pointee.counts.released &+= 1
        continue
      }
      let list = min(pages - 1, oversize)
      node.pointee.next = lists[list]
      lists[list] = node
      if list < oversize { allocator.pointee.highest = max(allocator.pointee.highest, list) }
      allocator.pointee.budget = max(allocator.pointee.budget - pages, 0)
    }
    unlock(allocator)
    while let node = released {
      released = node.pointee.next
      pb_heap_free(node)
    }
  }

  static func countCreation(_ allocator: UnsafeMutablePointer<AprAllocator>) {
    lock(allocator)
    allocator.pointee.counts.creations &+= 1
    unlock(allocator)
  }
}

/// Slow paths of an allocator's pools.
struct AprCounts: Equatable, BitwiseCopyable {
  /// Nodes asked for, those that malloc gave, and those that were given back to it.
  var requests = 0
  var misses = 0
  var released = 0
  /// Pools made.
  var creations = 0

  static func += (sum: inout AprCounts, other: AprCounts) {
    sum.requests += other.requests
    sum.misses += other.misses
    sum.released += other.released
    sum.creations += other.creations
  }

  func list(into counts: inout PoolCounts) {
    counts.add("pool.creations", creations)
    counts.add("pool.misses", requests - creations)
    counts.add("allocator.requests", requests)
    counts.add("allocator.misses", misses)
    counts.add("allocator.released", released)
  }
}
