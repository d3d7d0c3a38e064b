import Workload

/// The pool of blocks whose free objects are linked by index, as one long-lived C++ article teaches it.
///
/// ```
/// first ─► | next | size | free | first free | object 0 | object 1 | … | object 4 |
///  newest      │     4 B    4 B      4 B        a free object's first 4 bytes: the next free one's index
///              └► | next | size | free | first free | object 0 | …
/// ```
/// A block begins with a header of 24 bytes: the next block, the bytes of its objects, how many are free and which is
/// the first of them. It holds 5 objects (`init_size` and `grow_size` of the article), of the size rounded up to 4.
/// Allocate walks the blocks until one has a free object, else puts a new block in front; free walks them until one
/// holds the address: both O(blocks). Blocks go back when the pool ends.
///
/// Free then tests whether the offset in the block is that of an object. The article's test is
/// `offset & (size − 1) == 0`, exact for powers of two alone: of objects of 12 bytes it refuses the indices 1, 2, 5, 6,
/// 9, …, which are *silently lost*, and takes offset 4, which is no object's. `check=power-of-two` is that test,
/// `check=modulo` the right one: the type `Check` says which, so that neither asks at run time.
///
/// Loads and stores where the first block serves: allocate 5L 2S (first block, free, first free, object size, the
/// object's index), free 6L 3S (first block, its size, first free, free, object size). No floor is known for it.
///
/// What differs from the article: no pointer is cut to 32 bits, the end of a block's objects is no part of it, and an
/// address in no block is told apart from success. `block=N` says how many objects a block has.
struct IndexedBlocks<Check: OffsetCheck>: FixedClassic {
  static var alignment: Int { 4 }
  static var largestObject: Int { (1 << 31) - 8 }
  static var headerBytes: Int { 24 }

  /// What came of a free.
  enum Freed: Equatable {
    case done
    /// The address lies in a block, but at no object's place: nothing was done.
    case refused
    /// No block holds the address: nothing was done.
    case notFound
  }

  struct Block {
    var next: UnsafeMutablePointer<Block>?
    /// Of all its objects.
    var bytes: UInt32
    var free: UInt32
    var firstFree: UInt32
  }

  private var first: UnsafeMutablePointer<Block>?
  let objectSize: Int
  let objectsInBlock: Int
  private var memory = BlockMemory()
  private(set) var blocks = 0
  /// Blocks that were walked past, in all calls.
  private(set) var passed = 0
  private(set) var refused = 0
  private(set) var notFound = 0

  init(objectSize size: Int, _ subject: Subject) {
    objectSize = max(SystemMemory.rounded(size, to: 4), 4)
    objectsInBlock = subject.number(.block) ?? 5
  }

  private static func objects(of block: UnsafeMutablePointer<Block>) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(block) + headerBytes
  }

  @inline(__always)
  mutating func allocate() -> UnsafeMutableRawPointer? {
    guard let block = first, block.pointee.free != 0 else { return allocateElsewhere() }
    return take(from: block)
  }

  @inline(__always)
  private func take(from block: UnsafeMutablePointer<Block>) -> UnsafeMutableRawPointer {
    let object = Self.objects(of: block) + Int(block.pointee.firstFree) &* objectSize
    block.pointee.firstFree = object.load(as: UInt32.self)
    block.pointee.free &-= 1
    return object
  }

  /// The walk past the first block, then a new one.
  @inline(never)
  private mutating func allocateElsewhere() -> UnsafeMutableRawPointer? {
    var walked = first
    while let block = walked {
      if block.pointee.free != 0 { return take(from: block) }
      passed &+= 1
      walked = block.pointee.next
    }
    return addBlock().map { take(from: $0) }
  }

  /// A block in front whose objects are all free, each with the next one's index in it.
  private mutating func addBlock() -> UnsafeMutablePointer<Block>? {
    let bytes = objectsInBlock.multipliedReportingOverflow(by: objectSize)
    guard !bytes.overflow, bytes.partialValue <= UInt32.max,
      let raw = memory.take(Self.headerBytes + bytes.partialValue)
    else { return nil }
    let block = raw.bindMemory(to: Block.self, capacity: 1)
    block.initialize(
      to: Block(
        next: first, bytes: UInt32(bytes.partialValue), free: UInt32(objectsInBlock), firstFree: 0))
    for index in 0..<objectsInBlock {
      Self.objects(of: block).storeBytes(of: UInt32(index + 1), toByteOffset: index * objectSize, as: UInt32.self)
    }
    first = block
    blocks += 1
    return block
  }

  @inline(__always)
  mutating func free(_ object: UnsafeMutableRawPointer) { _ = release(object) }

  /// Frees an object and says what came of it.
  @inline(__always)
  mutating func release(_ object: UnsafeMutableRawPointer) -> Freed {
    guard let block = first else { return releaseElsewhere(object) }
    let offset = Int(bitPattern: object) &- Int(bitPattern: Self.objects(of: block))
    guard UInt(bitPattern: offset) < UInt(block.pointee.bytes) else { return releaseElsewhere(object) }
    return put(object, offset, into: block)
  }

  @inline(__always)
  private mutating func put(
    _ object: UnsafeMutableRawPointer, _ offset: Int, into block: UnsafeMutablePointer<Block>
  ) -> Freed {
    guard Check.accepts(offset, objectSize: objectSize) else {
      refused &+= 1
      return .refused
    }
    object.storeBytes(of: block.pointee.firstFree, as: UInt32.self)
    // Both below 2³², and far quicker to divide so.
    block.pointee.firstFree = UInt32(truncatingIfNeeded: offset) / UInt32(truncatingIfNeeded: objectSize)
    block.pointee.free &+= 1
    return .done
  }

  /// The walk past the first block.
  @inline(never)
  private mutating func releaseElsewhere(_ object: UnsafeMutableRawPointer) -> Freed {
    var walked = first
    while let block = walked {
      let offset = Int(bitPattern: object) &- Int(bitPattern: Self.objects(of: block))
      if UInt(bitPattern: offset) < UInt(block.pointee.bytes) { return put(object, offset, into: block) }
      passed &+= 1
      walked = block.pointee.next
    }
    notFound &+= 1
    return .notFound
  }

  mutating func destroy() {
    memory.destroy()
    first = nil
  }

  func list(into counts: inout PoolCounts) {
    counts.add("block.taken", blocks)
    counts.add("block.passed", passed)
    counts.add("free.refused", refused)
    counts.add("free.not-found", notFound)
  }

  mutating func addCounts(of other: Self) {
    blocks += other.blocks
    passed &+= other.passed
    refused &+= other.refused
    notFound &+= other.notFound
  }
}

typealias FixedIndexPool<Check: OffsetCheck> = FixedClassicPool<IndexedBlocks<Check>>

/// Whether an offset in a block is that of an object.
protocol OffsetCheck {
  static func accepts(_ offset: Int, objectSize: Int) -> Bool
}

/// Exact for every size.
enum ModuloCheck: OffsetCheck {
  @inline(__always)
  static func accepts(_ offset: Int, objectSize: Int) -> Bool {
    UInt32(truncatingIfNeeded: offset) % UInt32(truncatingIfNeeded: objectSize) == 0
  }
}

/// The historical one, exact for powers of two.
enum PowerOfTwoCheck: OffsetCheck {
  @inline(__always)
  static func accepts(_ offset: Int, objectSize: Int) -> Bool { offset & (objectSize &- 1) == 0 }
}
