import Workload

/// The pool of the C++ textbooks: a template over the object's size with a free list and a list of blocks.
///
/// ```
/// head ─► free object ─► free object ─► … nil        the link is the free object's first word
///
/// newest ─► | next block, 16 B | object 0 | object 1 | … | object 19 |
///             └► | next block | object 0 | …
/// ```
/// A *block* holds 20 objects (the constant of the usual lesson) behind a link to the block before it. When the list is
/// empty a new block is taken and *threaded eagerly*: each of its objects is written to before the first is handed out,
/// in order of address. Blocks go back when the pool ends. There is no check of what is freed.
///
/// Floor, counted from the description: allocate loads the head and its link, stores the head (2L 1S); free loads the
/// head, stores the link and the head (1L 2S). As compiled the same.
///
/// What differs from the usual source: its nodes are `{next, data[size]}` of which it returns the node's address, so
/// that 8 bytes of each are lost; here link and object share their bytes. Objects are multiples of 8 bytes, as those
/// of a type with a pointer in it are. How many there are in a block can be told: `block=N`.
struct FixedBlocksOf20: FixedClassic {
  static var alignment: Int { 8 }
  static var largestObject: Int { 1 << 40 }
  /// Link to the next block, and what keeps objects of 16·n bytes at multiples of 16.
  static let headerBytes = 16

  private var head: UnsafeMutableRawPointer?
  let objectSize: Int
  let objectsInBlock: Int
  private var newest: UnsafeMutableRawPointer?
  private var memory = BlockMemory()
  private(set) var blocks = 0

  init(objectSize size: Int, _ subject: Subject) {
    objectSize = max(SystemMemory.rounded(size, to: 8), 8)
    objectsInBlock = subject.number(.block) ?? 20
  }

  @inline(__always)
  mutating func allocate() -> UnsafeMutableRawPointer? {
    guard let object = head else { return allocateFromNewBlock() }
    head = object.link
    return object
  }

  @inline(__always)
  mutating func free(_ object: UnsafeMutableRawPointer) {
    object.link = head
    head = object
  }

  /// O(objects of a block).
  @inline(never)
  private mutating func allocateFromNewBlock() -> UnsafeMutableRawPointer? {
    guard let block = memory.take(Self.headerBytes + objectsInBlock * objectSize) else { return nil }
    block.link = newest
    newest = block
    blocks += 1
    let first = block + Self.headerBytes
    first.linkRun(count: objectsInBlock, size: objectSize)
    head = first.link
    return first
  }

  mutating func destroy() {
    memory.destroy()
    head = nil
    newest = nil
  }

  func list(into counts: inout PoolCounts) { counts.add("block.taken", blocks) }

  mutating func addCounts(of other: Self) { blocks += other.blocks }
}

typealias FixedBlockPool = FixedClassicPool<FixedBlocksOf20>
