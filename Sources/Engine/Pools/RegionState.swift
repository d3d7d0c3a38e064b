/// A region's bookkeeping, 128 bytes in memory of its owner.
///
/// ```
/// first ─► block ─► block ─► block ─► nil        64 KiB, 128 KiB, … 1 MiB
///                     ▲ current                  those after it are kept for later
///  | next, bytes | object | object | … free … | … free … |
///                              cursor ▲       ▲ limit    ▲ end
/// large:    objects above 256 KiB, each in a mapping of its own, youngest first
/// cleanups: nodes among the objects, youngest first
/// ```
/// Allocate: load cursor and limit, store the cursor; sizes are rounded to 16, which keeps the cursor aligned. Requests
/// of 0 bytes are not unique, as in nginx and APR. The limit is at most 256 KiB ahead of where it was set, so that the
/// same comparison keeps large objects out of blocks.
///
/// A request that does not fit goes into the next block. A new block is at least four times as big as the request it
/// is made for, and requests above a quarter of the largest block go apart; so what a block leaves unused at its end is
/// less than a quarter of its successor.
///
/// `reset` keeps blocks for the next round up to the most bytes in blocks that one of the last 4,096 to 8,192 rounds
/// needed, and never less than 1 MiB, and unmaps the rest. Rounds vary, and mapping a block anew costs a fault for each
/// page: with a maximum that decayed by a sixteenth a round, an allocation of some 60 bytes in rounds of 1 to 5 MiB took
/// 3.1 ns, not 1.7. Zend MM keeps the average of its peaks, which unmaps in each round of a load that alternates.
///
/// Sources: Hanson, "Fast allocation and deallocation of memory based on object lifetimes" (1990); nginx's pools and
/// APR's for cleanups and large objects. 64 KiB to begin with, since a block is touched only as far as it is used.
struct RegionState {
  struct Block {
    var next: UnsafeMutablePointer<Block>?
    let bytes: Int

    static let headerBytes = 16
  }

  struct Cleanup {
    let next: UnsafeMutablePointer<Cleanup>?
    let context: UnsafeMutableRawPointer?
    let run: @convention(c) (UnsafeMutableRawPointer?) -> Void
  }

  static let firstBlock = 64 << 10
  static let largestBlock = 1 << 20
  static let largestInBlock = largestBlock / 4
  static let leastKept = 1 << 20
  /// Rounds after which what is needed is found out anew.
  static let window = 4096

  private let home: UnsafeMutableRawPointer
  /// A held lane has it meanwhile.
  var cursor: UnsafeMutableRawPointer
  private(set) var limit: UnsafeMutableRawPointer
  /// Of the current block.
  private var end: UnsafeMutableRawPointer
  /// First object of the first block; before there is one, where the cursor stands then.
  private var start: UnsafeMutableRawPointer
  /// There is one block at most, all of it within the limit, no large object and no cleanup: `reset` only moves the
  /// cursor.
  private var isPlain = true
  private var current: UnsafeMutablePointer<Block>?
  private var first: UnsafeMutablePointer<Block>?
  private var large = LargeObjects()
  private var cleanups: UnsafeMutablePointer<Cleanup>?
  private var nextBlockBytes = firstBlock
  /// The most bytes in blocks that a round needed: of the window at hand, and of the one before.
  private var needed = 0
  private var neededBefore = 0
  /// Rounds of the window at hand.
  private var rounds = 0

  /// - Parameter home: any valid address at a multiple of 16, for the cursor of a region without blocks.
  init(home: UnsafeMutableRawPointer) {
    self.home = home
    cursor = home
    limit = home
    end = home
    start = home
  }

  @inline(__always)
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    let object = cursor
    let rounded = (size &+ 15) & ~15
    guard _fastPath(UInt(bitPattern: rounded) <= UInt(bitPattern: limit - object)) else {
      return allocateElsewhere(size)
    }
    cursor = object + rounded
    return object
  }

  @inline(never)
  mutating func allocateElsewhere(_ size: Int) -> UnsafeMutableRawPointer? {
    if UInt(bitPattern: size) > UInt(Self.largestInBlock) {
      isPlain = false
      return large.allocate(size)
    }
    return advance(SystemMemory.rounded(size, to: 16)) ? allocate(size) : nil
  }

  /// As `allocate`, the first `size` bytes zero: a large object is so already, a block may have been used before.
  @inline(__always)
  mutating func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size) else { return nil }
    if size <= Self.largestInBlock { object.initializeMemory(as: UInt8.self, repeating: 0, count: size) }
    return object
  }

  /// - Parameter alignment: a power of two.
  mutating func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    if alignment <= 16 { return allocate(size) }
    // Largest request first, so that the sum cannot overflow.
    if UInt(bitPattern: size) > UInt(Self.largestInBlock) || alignment > Self.largestInBlock - size {
      isPlain = false
      return large.allocate(size, alignment: alignment)
    }
    let needed = SystemMemory.rounded(size, to: 16) + alignment - 16
    if needed > limit - cursor, !advance(needed) { return nil }
    cursor = cursor.alignedUp(toMultipleOf: alignment)
    return allocate(size)
  }

  /// Makes room for `size` bytes below the limit: in the current block, or the next, or a new one before that.
  private mutating func advance(_ size: Int) -> Bool {
    if size <= end - cursor {
      setLimit()
      return true
    }
    let next = current.map { $0.pointee.next } ?? first
    if let next, next.pointee.bytes - Block.headerBytes >= size {
      enter(next)
      return true
    }
    let bytes = SystemMemory.roundedToPages(max(nextBlockBytes, min(4 * size, Self.largestBlock) + Block.headerBytes))
    guard let memory = SystemMemory.map(bytes) else { return false }
    let block = memory.bindMemory(to: Block.self, capacity: 1)
    block.initialize(to: Block(next: next, bytes: bytes))
    if let current { current.pointee.next = block } else { first = block }
    if first == block { start = memory + Block.headerBytes }
    isPlain = isPlain && first == block && next == nil && bytes <= Self.largestInBlock
    nextBlockBytes = min(nextBlockBytes * 2, Self.largestBlock)
    enter(block)
    return true
  }

  private mutating func enter(_ block: UnsafeMutablePointer<Block>) {
    current = block
    cursor = UnsafeMutableRawPointer(block) + Block.headerBytes
    end = UnsafeMutableRawPointer(block) + block.pointee.bytes
    setLimit()
  }

  private mutating func setLimit() { limit = cursor + min(end - cursor, Self.largestInBlock) }

  /// In place if the object is the youngest and its block has room, if it shrinks, or if it is large and stays so (it
  /// may be remapped); else it is copied, and the old place is lost until the reset.
  mutating func resize(
    _ object: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int
  ) -> UnsafeMutableRawPointer? {
    if newSize > Self.largestInBlock, oldSize > Self.largestInBlock { return large.resize(object, to: newSize) }
    let oldEnd = object + ((oldSize &+ 15) & ~15)
    let newRounded = (newSize &+ 15) & ~15
    if oldEnd == cursor, newSize <= Self.largestInBlock, newRounded <= end - object {
      cursor = object + newRounded
      setLimit()
      return object
    }
    if newSize <= oldSize { return object }
    guard let moved = allocate(newSize) else { return nil }
    moved.copyMemory(from: object, byteCount: oldSize)
    return moved
  }

  /// At least what an object of `size` bytes may use.
  static func usableSize(_ object: UnsafeMutableRawPointer, _ size: Int) -> Int {
    size > largestInBlock ? LargeObjects.usableSize(object) : (size &+ 15) & ~15
  }
}

// MARK: - Cleanups

extension RegionState {
  /// Has `run(context)` called when the region is reset or ends, before its memory goes, youngest first. False when
  /// out of memory.
  mutating func addCleanup(
    _ context: UnsafeMutableRawPointer?, _ run: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void
  ) -> Bool {
    guard let memory = allocate(MemoryLayout<Cleanup>.size) else { return false }
    let cleanup = memory.bindMemory(to: Cleanup.self, capacity: 1)
    cleanup.initialize(to: Cleanup(next: cleanups, context: context, run: run))
    cleanups = cleanup
    isPlain = false
    return true
  }

  /// A cleanup that is added meanwhile runs too.
  private mutating func runCleanups(downTo last: UnsafeMutablePointer<Cleanup>?) {
    while let cleanup = cleanups, cleanup != last {
      cleanups = cleanup.pointee.next
      cleanup.pointee.run(cleanup.pointee.context)
    }
  }
}

// MARK: - Ending objects

extension RegionState {
  /// Ends all objects. One store if the first block sufficed and nothing was registered, else O(blocks).
  @inline(__always)
  mutating func reset() {
    guard isPlain else { return resetAll() }
    cursor = start
  }

  @inline(never)
  private mutating func resetAll() {
    runCleanups(downTo: nil)
    large.freeAll()
    var used = 0
    var block = first
    while let visited = block {
      used += visited.pointee.bytes
      if visited == current { break }
      block = visited.pointee.next
    }
    if rounds == Self.window { (neededBefore, needed, rounds) = (needed, 0, 0) }
    needed = max(used, needed)
    rounds += 1
    rewindToStart()
    release(beyond: max(needed, neededBefore, Self.leastKept))
  }

  private mutating func rewindToStart() {
    if let first { enter(first) }
  }

  /// Unmaps the blocks, from the one on with which they exceed `bytes` together.
  private mutating func release(beyond bytes: Int) {
    var kept = 0
    var last: UnsafeMutablePointer<Block>?
    var block = first
    while let visited = block, kept + visited.pointee.bytes <= bytes {
      kept += visited.pointee.bytes
      last = visited
      block = visited.pointee.next
    }
    if let last {
      last.pointee.next = nil
      isPlain = last == first && last.pointee.bytes <= Self.largestInBlock
    } else {
      forgetBlocks()
    }
    unmap(from: block)
  }

  private func unmap(from block: UnsafeMutablePointer<Block>?) {
    var block = block
    while let visited = block {
      block = visited.pointee.next
      SystemMemory.unmap(visited, visited.pointee.bytes)
    }
  }

  private mutating func forgetBlocks() { self = RegionState(home: home) }

  /// Unmaps the blocks that hold no object.
  mutating func purge() {
    if let current, cursor != start {
      unmap(from: current.pointee.next)
      current.pointee.next = nil
    } else if large.isEmpty, cleanups == nil {
      unmap(from: first)
      forgetBlocks()
    }
  }

  /// Ends all objects and unmaps everything; the region is as new.
  mutating func destroy() {
    runCleanups(downTo: nil)
    large.freeAll()
    unmap(from: first)
    forgetBlocks()
  }
}

// MARK: - Checkpoints

extension RegionState {
  struct Mark {
    fileprivate let current: UnsafeMutablePointer<Block>?
    fileprivate let cursor: UnsafeMutableRawPointer
    fileprivate let largeNumber: Int
    fileprivate let cleanups: UnsafeMutablePointer<Cleanup>?
  }

  func mark() -> Mark {
    Mark(current: current, cursor: cursor, largeNumber: large.nextNumber, cleanups: cleanups)
  }

  /// Ends the objects made since `mark` and runs their cleanups, youngest first. Marks nest: one that was taken after
  /// `mark` is void then, and all are after `reset`. O(cleanups + large objects since).
  mutating func rewind(to mark: Mark) {
    runCleanups(downTo: mark.cleanups)
    large.freeAll(from: mark.largeNumber)
    if let block = mark.current {
      enter(block)
      cursor = mark.cursor
      setLimit()
    } else {
      rewindToStart()
    }
  }

  /// Whether an object at `address` is one of this region's. O(blocks + large objects).
  func contains(_ address: UnsafeMutableRawPointer) -> Bool {
    var block = first
    while let visited = block {
      let base = UnsafeMutableRawPointer(visited)
      if address >= base, address < base + visited.pointee.bytes { return true }
      block = visited.pointee.next
    }
    return large.contains(address)
  }
}
