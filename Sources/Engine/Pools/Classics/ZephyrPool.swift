import CPlatform
import Workload

/// Zephyr's `k_mem_pool`: a fixed buffer of equal blocks, each split into four, and those into four, as requests ask.
///
/// ```
/// level 0      |            64K            |            64K            | …   `blocks` of `largest` bytes
/// level 1      |  16K |  16K |  16K |  16K |  16K | …
/// level 2      |4K|4K|4K|4K|4K| …
///  …           down to `min`: 16 bytes, a free block's two links
/// ```
/// See `QuadBlocks` for the lists and bitmaps. A request takes a block of the deepest level that is large enough, so
/// that up to three quarters of it are waste (65 bytes take 256). Where that level has none, the nearest one above that
/// has gives a block, which is split once a level. A freed block joins the end of its list; when all four quarters of a
/// parent are free, they become the parent again, and so on up. Only quarters of one parent merge, and top blocks never
/// do: enough bytes can be free, in pieces, for a request that is refused. A call takes O(levels) steps at most, 11 with
/// 16-byte blocks in ones of 16 MiB.
///
/// Source: Zephyr's lib/os/mempool.c and kernel/mempool.c as they were last, before version 2.5. Constants: four
/// quarters a block; smallest block 16 bytes, two pointers of a list; a buffer of `blocks` × `largest` bytes. Its macro
/// has no standard sizes: `largest` and `blocks` are ours.
///
/// Floor: a request that its level's list serves 5 loads and 4 stores, in one critical section. As compiled, beside the
/// lock: see `ZephyrLane`.
///
/// What differs:
/// - Who holds a block of the original keeps its `id`, of level and number. Here the size, which the caller of `free`
///   passes, gives the level and the address the number. An object in a larger block than its size wants is found by the
///   bitmaps; so is a block that is freed twice, as long as it was not handed out again, which is counted and does no
///   harm. The original asserts it, in debug builds.
/// - A request above `largest` is refused at once. The original's answer to it is the one to a pool that is empty, on
///   which a caller who waits for memory waits for ever.
/// - No one waits: the timeout is 0. The lock is a futex, not the interrupts; it is let go of after each split as there,
///   and held while quarters merge.
/// - Top blocks that were never used stand before the list, untouched, not in it; the order is the same.
/// - The bytes free are counted, to tell which refusals are fragmentation.
/// - `largest` and `min` are powers of two, so that no division is needed; every block is a multiple of its size.
struct ZephyrPool: Pool, ~Copyable {
  private let blocks: QuadBlocks
  private let refused: RefusedObjects
  private let head: UnsafeMutableRawPointer
  private let headBytes: Int
  private let bufferBytes: Int

  /// A free block holds its node of the list.
  static var smallestBlock: Int { MemoryLayout<QuadNode>.stride }

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let smallest = configuration.subject.number(.min), let largest = configuration.subject.number(.largest),
      let count = configuration.subject.number(.blocks)
    else { throw .unsupported("needs the sizes of its blocks") }
    try self.init(smallest: smallest, largest: largest, count: count)
  }

  /// - Parameters:
  ///   - smallest: no block is smaller, a power of two; at least 16 bytes are taken.
  ///   - largest: bytes of a top block, a power of two of at least 16.
  ///   - count: top blocks, 1 or more.
  /// - Throws: `PoolError.outOfMemory`.
  init(smallest: Int, largest: Int, count: Int) throws(PoolError) {
    let topShift = largest.trailingZeroBitCount
    let least = max(smallest, Self.smallestBlock).trailingZeroBitCount
    let deepest = max(0, topShift - least) / 2

    var bitmapOffsets = QuadBlocks.levelsOffset + (deepest + 1) * QuadBlocks.levelStride
    var headBytes = bitmapOffsets
    for level in 0...deepest { headBytes += SystemMemory.rounded(count << (2 * level), to: 512) / 8 }
    guard let head = pb_reserve(SystemMemory.roundedToPages(headBytes)) else {
      throw .outOfMemory(bytes: headBytes)
    }
    let bytes = SystemMemory.roundedToPages(count << topShift)
    guard let base = pb_reserve_aligned(bytes, max(largest, SystemMemory.pageSize)) else {
      pb_unmap(head, SystemMemory.roundedToPages(headBytes))
      throw .outOfMemory(bytes: bytes)
    }
    do throws(PoolError) {
      refused = try RefusedObjects()
    } catch {
      pb_unmap(head, SystemMemory.roundedToPages(headBytes))
      pb_unmap(base, bytes)
      throw error
    }
    let state = (head + QuadBlocks.stateOffset).bindMemory(to: QuadState.self, capacity: 1)
    state.initialize(to: QuadState(topBlocks: count, bytes: count << topShift))
    blocks = QuadBlocks(state: state, base: base, topShift: topShift, deepest: deepest)
    self.head = head
    self.headBytes = SystemMemory.roundedToPages(headBytes)
    bufferBytes = bytes
    for level in 0...deepest {
      let bytes = SystemMemory.rounded(count << (2 * level), to: 512) / 8
      blocks.initialize(level: level, bits: (head + bitmapOffsets).bindMemory(to: UInt32.self, capacity: bytes / 4))
      bitmapOffsets += bytes
    }
  }

  deinit {
    pb_unmap(blocks.base, bufferBytes)
    pb_unmap(head, headBytes)
  }

  borrowing func makeLane(_ index: Int) -> ZephyrLane { ZephyrLane(blocks: blocks, refused: refused.standIn) }

  /// Nothing: the buffer is the program's own.
  borrowing func purge() {}

  borrowing func list(into counts: inout PoolCounts) {
    let state = blocks.state.pointee
    counts.add("list.misses", state.listMisses)
    counts.add("tree.requests", state.listMisses)
    counts.add("tree.misses", state.refused)
    counts.add("tree.refused-with-room", state.refusedWithRoom)
    counts.add("tree.splits", state.splits)
    counts.add("tree.merges", state.merges)
    counts.add("tree.fresh-blocks", state.freshBlocks)
    counts.add("tree.double-frees", state.doubleFrees)
    counts.add("tree.lock-waits", state.lockWaits)
    counts.add(PoolCounts.refused, state.refused)
  }

  /// Bytes in blocks that nobody has.
  borrowing func freeBytes() -> Int { blocks.state.pointee.freeBytes }

  /// Bytes of the largest block that could be handed out now, 0 if there is none.
  borrowing func largestFree() -> Int { blocks.largestFree() }
}

/// One lane's access to the blocks that all lanes share.
struct ZephyrLane: PoolLane {
  static var needsSizes: Bool { true }
  static var mayRefuse: Bool { true }

  private let blocks: QuadBlocks
  private let refused: UnsafeMutableRawPointer
  private let largest: UInt
  /// Bytes of a smallest block less one.
  private let leastMask: Int

  fileprivate init(blocks: QuadBlocks, refused: UnsafeMutableRawPointer) {
    self.blocks = blocks
    self.refused = refused
    largest = UInt(blocks.byteCount(0))
    leastMask = blocks.byteCount(blocks.deepest) - 1
  }

  /// The deepest level whose blocks have `size` bytes, which is at most `largest`.
  @inline(__always)
  private func level(_ size: Int) -> Int {
    let bits = Int.bitWidth &- ((max(size, 1) &- 1) | leastMask).leadingZeroBitCount
    return (blocks.topShift &- bits) &>> 1
  }

  @inline(__always)
  func isRefused(_ reference: UnsafeMutableRawPointer) -> Bool { reference == refused }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= largest else { return nil }
    return blocks.allocate(level: level(size), size: size) ?? refused
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size, variant) else { return nil }
    if !isRefused(object) { object.initializeMemory(as: UInt8.self, repeating: 0, count: size) }
    return object
  }

  /// A block is a multiple of its own size: the larger of size and alignment is what is asked for.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    allocate(max(size, alignment), variant)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if isRefused(pointer) { return }
    blocks.free(pointer, level: level(size))
  }

  /// In place while the level stays, else a copy, as the original has no such call. Where there is no room for one, an
  /// object that shrinks stays, one that grows is given up for the stand-in; nil above `largest`.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: newSize) <= largest else { return nil }
    guard let held = blocks.level(of: pointer, deepest: level(oldSize)) else { return nil }
    if level(newSize) == held { return pointer }
    guard let moved = allocate(newSize, variant) else { return nil }
    if isRefused(moved), newSize <= blocks.byteCount(held) { return pointer }
    if !isRefused(moved) { moved.copyMemory(from: pointer, byteCount: min(oldSize, newSize)) }
    free(pointer, oldSize)
    return moved
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    blocks.byteCount(blocks.level(of: pointer, deepest: level(size)) ?? level(size))
  }
}
