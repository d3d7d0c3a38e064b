/// The tree of blocks of a `ZephyrPool`, each of which splits into four: lists and bitmaps a level, and what is done to
/// them.
///
/// ```
/// state        lock | QuadState
/// levels       64 bytes each, from 128 on: list's head {next, previous} | bitmap
/// bitmaps      of each level a bit a block: set while the block is handed out or split
/// base         top block 0 | top block 1 | …        a free block holds its node of the list {next, previous}
/// ```
/// *Level* 0 has the top blocks; a block of level l is a quarter of one of level l − 1, its *parent*. Block `n` of a
/// level has the quarters 4n … 4n + 3 of the next. All lists are first in, first out.
///
/// A reference, copied to each lane, which keeps what never changes; the state is guarded by the lock before it.
struct QuadBlocks: BitwiseCopyable {
  fileprivate typealias Node = UnsafeMutablePointer<QuadNode>

  let state: UnsafeMutablePointer<QuadState>
  let base: UnsafeMutableRawPointer
  /// Binary logarithm of a top block's bytes.
  let topShift: Int
  /// Number of the level with the smallest blocks.
  let deepest: Int

  /// Distance of the state from the memory's beginning, with room for the lock before it.
  static var stateOffset: Int { PrefixLock.byteCount }
  static var levelsOffset: Int { 128 }
  static var levelStride: Int { 64 }

  // MARK: Geometry

  @inline(__always)
  func shift(_ level: Int) -> Int { topShift &- 2 &* level }

  @inline(__always)
  func byteCount(_ level: Int) -> Int { 1 &<< shift(level) }

  @inline(__always)
  private func index(of block: UnsafeMutableRawPointer, _ level: Int) -> Int { (block - base) &>> shift(level) }

  @inline(__always)
  private func level(_ level: Int) -> UnsafeMutablePointer<QuadLevel> {
    (UnsafeMutableRawPointer(state) + (Self.levelsOffset &- Self.stateOffset) + level &* Self.levelStride)
      .assumingMemoryBound(to: QuadLevel.self)
  }

  /// The head of a level's list, as a node between the last and the first.
  @inline(__always)
  private func list(_ level: Int) -> Node {
    UnsafeMutableRawPointer(self.level(level)).assumingMemoryBound(to: QuadNode.self)
  }

  @inline(__always)
  private func word(_ level: Int, _ index: Int) -> UnsafeMutablePointer<UInt32> {
    self.level(level).pointee.bits + index &>> 5
  }

  /// - Parameter bits: of a level, zeroed.
  func initialize(level number: Int, bits: UnsafeMutablePointer<UInt32>) {
    let head = list(number)
    level(number).initialize(to: QuadLevel(list: QuadNode(next: head, previous: head), bits: bits))
  }

  @inline(__always)
  func acquire() {
    if PrefixLock.acquire(before: state) { state.pointee.lockWaits &+= 1 }
  }

  @inline(__always)
  func release() { PrefixLock.release(before: state) }

  // MARK: Allocating

  /// A block of a level, or nil if neither it nor one above has any.
  ///
  /// - Parameter size: what is asked for, to tell whether there would have been as much.
  /// - Complexity: O(1) where the level has a free block, else O(levels), the lock let go of after each split.
  @inline(__always)
  func allocate(level: Int, size: Int) -> UnsafeMutableRawPointer? {
    acquire()
    let list = list(level)
    let first = list.pointee.next
    if level == 0 || first == list { return allocateAbove(level, size) }
    takeFirst(first, of: list, level)
    state.pointee.freeBytes &-= byteCount(level)
    release()
    return UnsafeMutableRawPointer(first)
  }

  /// Takes a block off the front of its list.
  @inline(__always)
  private func takeFirst(_ first: Node, of list: Node, _ level: Int) {
    let second = first.pointee.next
    list.pointee.next = second
    second.pointee.previous = list
    let index = index(of: UnsafeMutableRawPointer(first), level)
    word(level, index).pointee |= 1 &<< UInt32(truncatingIfNeeded: index & 31)
  }

  /// As `take`, of the nearest level that has a block, which is then split; with the lock held, which it lets go of.
  @inline(never)
  private func allocateAbove(_ level: Int, _ size: Int) -> UnsafeMutableRawPointer? {
    var from = level
    var found = take(from)
    while found == nil, from > 0 {
      from -= 1
      found = take(from)
    }
    if from < level || found == nil { state.pointee.listMisses &+= 1 }
    guard let block = found else {
      state.pointee.refused &+= 1
      if state.pointee.freeBytes >= size { state.pointee.refusedWithRoom &+= 1 }
      release()
      return nil
    }
    state.pointee.freeBytes &-= byteCount(from)
    while from < level {
      split(block, from)
      from += 1
      release()
      acquire()
    }
    release()
    return block
  }

  /// A free block of a level, now marked. Top blocks that were never handed out stand before those in the list, where
  /// they would be from the start if entering them did not mean to touch their memory.
  private func take(_ level: Int) -> UnsafeMutableRawPointer? {
    if level == 0, state.pointee.freshBlocks < state.pointee.topBlocks {
      let index = state.pointee.freshBlocks
      state.pointee.freshBlocks = index + 1
      word(0, index).pointee |= 1 << UInt32(index & 31)
      return base + index << topShift
    }
    let list = list(level)
    let first = list.pointee.next
    if first == list { return nil }
    takeFirst(first, of: list, level)
    return UnsafeMutableRawPointer(first)
  }

  /// Quarter 0 goes on as handed out, 1 to 3 into their list.
  private func split(_ block: UnsafeMutableRawPointer, _ level: Int) {
    let quarter = byteCount(level + 1)
    let index = index(of: block, level + 1)
    word(level + 1, index).pointee |= 1 << UInt32(index & 31)
    for number in 1...3 { append(block + number * quarter, level + 1) }
    state.pointee.freeBytes &+= 3 * quarter
    state.pointee.splits &+= 1
  }

  @inline(__always)
  private func append(_ block: UnsafeMutableRawPointer, _ level: Int) {
    let list = list(level)
    let last = list.pointee.previous
    let node = block.assumingMemoryBound(to: QuadNode.self)
    node.pointee = QuadNode(next: list, previous: last)
    last.pointee.next = node
    list.pointee.previous = node
  }

  // MARK: Freeing

  /// Takes back a block of `level`, or of one above; nothing happens if no such block is handed out.
  ///
  /// - Complexity: O(1), and O(levels) where quarters merge.
  @inline(__always)
  func free(_ block: UnsafeMutableRawPointer, level: Int) {
    acquire()
    let index = index(of: block, level)
    let word = word(level, index)
    let bit = 1 &<< UInt32(truncatingIfNeeded: index & 31)
    let others = word.pointee & ~bit
    if others == word.pointee { return freeAbove(block, level) }
    word.pointee = others
    state.pointee.freeBytes &+= byteCount(level)
    if level > 0, Self.quarters(others, index) == 0 { return merge(block, level) }
    append(block, level)
    release()
  }

  /// The four bits of a block and its partners.
  @inline(__always)
  private static func quarters(_ word: UInt32, _ index: Int) -> UInt32 {
    word &>> UInt32(truncatingIfNeeded: index & 28) & 15
  }

  /// Makes parents of blocks all of whose quarters are free; with the lock held, which it lets go of. Of the four only
  /// the partners are in the list: that the last one would be appended and unlinked again leaves no trace.
  @inline(never)
  private func merge(_ block: UnsafeMutableRawPointer, _ level: Int) {
    var level = level
    var index = index(of: block, level)
    var others: UInt32
    repeat {
      for number in 0..<4 where (index & ~3) + number != index {
        let partner = base + ((index & ~3) + number) << shift(level)
        let node = partner.assumingMemoryBound(to: QuadNode.self).pointee
        node.previous.pointee.next = node.next
        node.next.pointee.previous = node.previous
      }
      state.pointee.merges &+= 1
      level -= 1
      index >>= 2
      let word = word(level, index)
      others = word.pointee & ~(1 << UInt32(index & 31))
      word.pointee = others
    } while level > 0 && Self.quarters(others, index) == 0
    append(base + index << shift(level), level)
    release()
  }

  @inline(never)
  private func freeAbove(_ block: UnsafeMutableRawPointer, _ level: Int) {
    let found = levelFound(block, deepest: level)
    if found == nil { state.pointee.doubleFrees &+= 1 }
    release()
    if let found { free(block, level: found) }
  }

  /// The level of a block that is handed out, of `deepest` at most; with the lock held. An object may lie in a larger
  /// block than its size wants: one of a larger alignment, or that shrank where there was no room for a copy.
  private func levelFound(_ block: UnsafeMutableRawPointer, deepest: Int) -> Int? {
    var level = deepest
    while (block - base) & (byteCount(level) - 1) == 0 {
      let index = index(of: block, level)
      if word(level, index).pointee >> UInt32(index & 31) & 1 == 1 {
        // A block that is split has quarters in use: else they would have merged.
        let isSplit = level < self.deepest && Self.quarters(word(level + 1, index << 2).pointee, index << 2) != 0
        return isSplit ? nil : level
      }
      if level == 0 { return nil }
      level -= 1
    }
    return nil
  }

  // MARK: Looking

  /// As `levelFound`, taking the lock.
  @inline(never)
  func level(of block: UnsafeMutableRawPointer, deepest: Int) -> Int? {
    acquire()
    defer { release() }
    return levelFound(block, deepest: deepest)
  }

  /// Bytes of the largest block that could be handed out now, 0 if there is none. O(levels).
  func largestFree() -> Int {
    acquire()
    defer { release() }
    if state.pointee.freshBlocks < state.pointee.topBlocks { return byteCount(0) }
    for level in 0...deepest where list(level).pointee.next != list(level) { return byteCount(level) }
    return 0
  }
}

/// A free block's place in its level's list; the head is one too.
struct QuadNode {
  fileprivate var next: UnsafeMutablePointer<QuadNode>
  fileprivate var previous: UnsafeMutablePointer<QuadNode>
}

private struct QuadLevel {
  var list: QuadNode
  let bits: UnsafeMutablePointer<UInt32>
}

/// What changes in a tree of blocks, and what it counts.
struct QuadState {
  var freeBytes: Int
  /// Top blocks that were handed out before; those behind were never touched.
  var freshBlocks = 0
  let topBlocks: Int
  /// Allocations that found their own level's list empty.
  var listMisses = 0
  var refused = 0
  /// Of those, while as many bytes as asked for were free, in smaller blocks.
  var refusedWithRoom = 0
  var splits = 0
  var merges = 0
  var doubleFrees = 0
  var lockWaits = 0

  init(topBlocks: Int, bytes: Int) {
    self.topBlocks = topBlocks
    freeBytes = bytes
  }
}
