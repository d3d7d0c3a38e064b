import CPlatform

/// The heap of PHP 5: blocks with boundary tags, free ones in small buckets and in tries, over segments.
///
/// ```
/// segment, 256 KiB or the multiple of it that one block needs
///  | bytes, next | block | block | … | guard, 16 B |
/// block:  0 size of this one and its state | 8 size of the one before and its state | 16 object … up to the size
/// free:   16 previous | 24 next of its list | 32 parent | 40 children 0, 1            (the last three: large only)
///
/// small buckets   0: 32 B │ 1: 40 B │ … │ 63: 536 B         lists, and a bitmap of those that hold a block
/// large buckets   9: 512 … 1023 │ 10: 1024 … 2047 │ …      each a bitwise trie over the bits below the highest
/// cache           a stack for each small size, 256 KiB in all; its blocks stay marked as used
/// rest            what was left of segments made for one big block, 16 at most; only used near the limit
/// ```
/// A *size* is the whole block's, a multiple of 8, at least 32, 16 more than the object. *Small* is below 544.
///
/// Allocate: from the size's cache (loads bytes in use, their peak, head, link, cached bytes; stores bytes in use, peak,
/// head, cached bytes, 5 loads and 4 stores); else the bitmap's next bucket; else the best fit of the tries; else a
/// new segment. Free: to the cache while it holds less than 256 KiB (loads the block's size, bytes in use, cached
/// bytes, head; stores three and the link, 4 and 4); else merged with both neighbours, and a segment that is empty then
/// is unmapped.
///
/// Sources: php-src of the 5.x line, `Zend/zend_alloc.c`: the sizes and counts above. What differs: out of memory and
/// over the limit is nil in place of a fatal error; segments are mapped, not from malloc; the heap's own state lies in a
/// mapping apart; a shutdown keeps one segment.
struct Zend5Heap: BitwiseCopyable {
  struct State {
    var size = 0
    var peak = 0
    var cachedBytes = 0
    /// A bit for each small bucket that holds a block; for each large one.
    var small: UInt64 = 0
    var large: UInt64 = 0
    var realSize = 0
    var limit = Int.max
    var segments: UnsafeMutablePointer<Segment>?
    var restCount = 0
    var misses = 0
    var smallHits = 0
    var largeHits = 0
    var restHits = 0
    var mappedSegments = 0
    var unmappedSegments = 0
    var merges = 0
    var cacheFlushes = 0
    var shutdowns = 0
  }

  struct Segment {
    let bytes: Int
    var next: UnsafeMutablePointer<Segment>?
  }

  static let segmentBytes = 256 << 10
  static let cacheBytes = 256 << 10
  static let buckets = 64
  static let restLimit = 16
  static let segmentHeader = 16
  /// Sizes below it are small.
  static let smallLimit = buckets * 8 + Zend5Block.least
  /// Largest request of a small block.
  static let largestSmall = smallLimit - 8 - Zend5Block.header

  /// Offsets of the tables from the state: cached blocks, heads of the small lists, roots of the tries, the rest.
  static let cacheOffset = 192
  static let smallOffset = cacheOffset + 8 * buckets
  static let largeOffset = smallOffset + 8 * buckets
  static let restOffset = largeOffset + 8 * buckets
  static let bytes = restOffset + 8 * (restLimit + 1)

  let raw: UnsafeMutableRawPointer

  @inline(__always)
  var state: UnsafeMutablePointer<State> { raw.assumingMemoryBound(to: State.self) }

  typealias Table = UnsafeMutablePointer<UnsafeMutableRawPointer?>

  @inline(__always)
  private func table(_ offset: Int) -> Table {
    (raw + offset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
  @inline(__always)
  var cache: Table { table(Self.cacheOffset) }
  var smallBuckets: Table { table(Self.smallOffset) }
  var largeBuckets: Table { table(Self.largeOffset) }
  /// Oldest first.
  var rest: Table { table(Self.restOffset) }

  static var largestAlignment: Int { 8 }
  static var firstBytes: Int { bytes }

  static func create() -> Zend5Heap? {
    guard let raw = SystemMemory.map(bytes) else { return nil }
    let heap = Zend5Heap(raw: raw)
    heap.state.initialize(to: State())
    return heap
  }

  /// The block that serves a request: its size.
  @inline(__always)
  static func blockSize(_ size: Int) -> Int { max((size &+ 23) & ~7, Zend5Block.least) }

  @inline(__always)
  static func smallIndex(_ blockSize: Int) -> Int { (blockSize &- Zend5Block.least) &>> 3 }

  static func largeIndex(_ blockSize: Int) -> Int { Int.bitWidth - 1 - blockSize.leadingZeroBitCount }

  @inline(__always)
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    let blockSize = Self.blockSize(size)
    guard UInt(bitPattern: size) <= UInt(bitPattern: Self.largestSmall),
      let block = cache[Self.smallIndex(blockSize)]
    else { return allocateElsewhere(size) }
    cache[Self.smallIndex(blockSize)] = block.load(fromByteOffset: 16, as: UnsafeMutableRawPointer?.self)
    state.pointee.cachedBytes &-= blockSize
    let inUse = state.pointee.size &+ blockSize
    state.pointee.peak = max(state.pointee.peak, inUse)
    state.pointee.size = inUse
    return block + Zend5Block.header
  }

  @inline(__always)
  func free(_ pointer: UnsafeMutableRawPointer) {
    let block = Zend5Block(raw: pointer - Zend5Block.header)
    let blockSize = block.size
    state.pointee.size &-= blockSize
    guard blockSize < Self.smallLimit, state.pointee.cachedBytes < Self.cacheBytes else { return merge(block) }
    let index = Self.smallIndex(blockSize)
    block.raw.storeBytes(of: cache[index], toByteOffset: 16, as: UnsafeMutableRawPointer?.self)
    cache[index] = block.raw
    state.pointee.cachedBytes &+= blockSize
  }

  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    alignment <= Self.largestAlignment ? allocate(size) : nil
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int {
    Zend5Block(raw: pointer - Zend5Block.header).size - Zend5Block.header
  }

  // MARK: - Slow paths

  @inline(never)
  private func allocateElsewhere(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { return nil }
    let blockSize = Self.blockSize(size)
    state.pointee.misses &+= 1
    var block = search(blockSize)
    var keepsRest = false
    if block == nil {
      // Blocks in the cache are free but not merged: they are the last resort before memory runs out.
      keepsRest = blockSize > Self.segmentBytes - Self.segmentHeader - Zend5Block.header
      block = addSegment(blockSize)
      if block == nil, state.pointee.cachedBytes > 0 {
        flushCache()
        block = search(blockSize)
        keepsRest = false
        if block == nil { block = addSegment(blockSize) }
      }
    }
    guard let block else { return nil }
    cut(block, to: blockSize, keepsRest: keepsRest)
    state.pointee.size &+= block.size
    state.pointee.peak = max(state.pointee.peak, state.pointee.size)
    return block.raw + Zend5Block.header
  }

  /// A free block of at least `size`, taken out of its list.
  private func search(_ size: Int) -> Zend5Block? {
    if size < Self.smallLimit {
      let index = Self.smallIndex(size)
      let buckets = state.pointee.small >> UInt64(index)
      if buckets != 0, let head = smallBuckets[index + buckets.trailingZeroBitCount] {
        state.pointee.smallHits &+= 1
        let block = Zend5Block(raw: head)
        remove(block)
        return block
      }
    }
    if let block = searchLarge(size) {
      state.pointee.largeHits &+= 1
      remove(block)
      return block
    }
    // Subtracting from the limit, that may be the largest number.
    guard state.pointee.realSize >= state.pointee.limit - Self.segmentBytes else { return nil }
    return searchRest(size)
  }

  /// Marks `block` as used for `size` bytes and frees what is left of it, if a block fits.
  func cut(_ block: Zend5Block, to size: Int, keepsRest: Bool) {
    let left = block.size - size
    if left < Zend5Block.least {
      block.set(block.size, .used)
      return
    }
    block.set(size, .used)
    let remainder = block.next
    remainder.set(left, .free)
    if keepsRest { addToRest(remainder) } else { add(remainder) }
  }

  /// A block that is all of a new segment; nil over the limit or when the system refuses.
  private func addSegment(_ blockSize: Int) -> Zend5Block? {
    let needed = blockSize + Self.segmentHeader + Zend5Block.header
    let bytes = SystemMemory.rounded(needed, to: Self.segmentBytes)
    guard state.pointee.limit - state.pointee.realSize >= bytes, let mapped = SystemMemory.map(bytes) else {
      return nil
    }
    state.pointee.realSize += bytes
    state.pointee.mappedSegments &+= 1
    let segment = mapped.bindMemory(to: Segment.self, capacity: 1)
    segment.initialize(to: Segment(bytes: bytes, next: state.pointee.segments))
    state.pointee.segments = segment
    return Self.enterBlock(of: segment)
  }

  /// Makes one free block of a segment, between guards.
  static func enterBlock(of segment: UnsafeMutablePointer<Segment>) -> Zend5Block {
    let raw = UnsafeMutableRawPointer(segment)
    let size = segment.pointee.bytes - segmentHeader - Zend5Block.header
    let block = Zend5Block(raw: raw + segmentHeader)
    Zend5Block(raw: raw + segmentHeader + size).setGuard()
    block.setFirst()
    block.set(size, .free)
    return block
  }

  /// Frees a block: merged with its free neighbours, into its list; its segment is unmapped if nothing else is in it.
  @inline(never)
  func merge(_ used: Zend5Block) {
    var block = used
    var size = used.size
    if used.next.state == .free {
      remove(used.next)
      size += used.next.size
      state.pointee.merges &+= 1
    }
    if block.previousState == .free {
      block = block.previous
      remove(block)
      size += block.size
      state.pointee.merges &+= 1
    }
    block.set(size, .free)
    if block.previousState == .guarded, block.next.state == .guarded {
      unmap(block)
    } else {
      add(block)
    }
  }

  private func unmap(_ block: Zend5Block) {
    let segment = (block.raw - Self.segmentHeader).assumingMemoryBound(to: Segment.self)
    if state.pointee.segments == segment {
      state.pointee.segments = segment.pointee.next
    } else {
      var before = state.pointee.segments
      while let other = before, other.pointee.next != segment { before = other.pointee.next }
      before?.pointee.next = segment.pointee.next
    }
    state.pointee.realSize -= segment.pointee.bytes
    state.pointee.unmappedSegments &+= 1
    SystemMemory.unmap(segment, segment.pointee.bytes)
  }
}
