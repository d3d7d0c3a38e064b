/// One lane's pools of a `HandlePool`: what is done to their blocks, by handle.
///
/// ```
/// table      HandleClass of pool 0, none | of pool 1 | …    one for each number that a handle can say, 64 bytes
/// entries    of each pool {version, link} a block, 8 bytes
/// ```
/// The list of free blocks goes by index. A *link* is the distance from the block's follower to the next free one, so
/// that memory full of zeroes is a list of all blocks in order, and nothing has to be written beforehand.
///
/// A reference; one owner.
struct HandleBlocks<Profile: HandleProfile>: BitwiseCopyable {
  /// What came of giving a handle back.
  enum Freed { case done, stale, invalid }

  let table: UnsafeMutablePointer<HandleClass>
  /// Binary logarithms of the smallest and the largest block's bytes.
  let leastShift: Int
  let largestShift: Int
  /// A freed block is handed out again after all that were free before it, not at once.
  let isFirstInFirstOut: Bool

  static var null: UInt { 0 }

  /// The pool whose blocks are the smallest that have `size` bytes, which is at most the largest block's.
  @inline(__always)
  private func pool(_ size: Int) -> Int {
    let least = 1 &<< leastShift &- 1
    return Int.bitWidth &- ((max(size, 1) &- 1) | least).leadingZeroBitCount &- leastShift &+ 1
  }

  // MARK: Calls

  /// The handle of a block, null where none is left or `size` is beyond the largest.
  @inline(__always)
  func allocate(_ size: Int) -> UInt {
    guard UInt(bitPattern: size) <= 1 &<< UInt(largestShift) else { return Self.null }
    let number = pool(size)
    let pool = table + number
    let block = pool.pointee.first
    if block == pool.pointee.capacity { return allocateLarger(number) }
    return take(block, of: pool, number)
  }

  @inline(__always)
  private func take(_ block: UInt32, of pool: UnsafeMutablePointer<HandleClass>, _ number: Int) -> UInt {
    let entry = pool.pointee.entries + Int(block)
    let seen = entry.pointee
    let version = (seen.version &+ 1) & Profile.versionMask
    entry.pointee.version = version
    pool.pointee.first = block &+ 1 &+ seen.link
    return Profile.handle(pool: number, block: block, version: version)
  }

  /// From the next larger pool that has a block. O(pools).
  @inline(never)
  private func allocateLarger(_ number: Int) -> UInt {
    for larger in (number + 1)..<(largestShift - leastShift + 2) {
      let pool = table + larger
      if pool.pointee.first == pool.pointee.capacity { continue }
      table.pointee.spills &+= 1
      return take(pool.pointee.first, of: pool, larger)
    }
    table.pointee.refused &+= 1
    return Self.null
  }

  /// Where the object lies; nil for a handle that is null, out of range or stale.
  @inline(__always)
  func address(of handle: UInt) -> UnsafeMutableRawPointer? {
    let pool = table + Profile.pool(handle)
    let block = Profile.block(handle)
    guard block < pool.pointee.capacity,
      (pool.pointee.entries + Int(block)).pointee.version == Profile.version(handle)
    else { return nil }
    return pool.pointee.blocks + Int(block) &<< Int(pool.pointee.shift)
  }

  /// Takes a block back. One compare of versions finds a handle stale, and so a block that is freed twice.
  @inline(__always)
  func free(_ handle: UInt) -> Freed {
    let pool = table + Profile.pool(handle)
    let block = Profile.block(handle)
    let capacity = pool.pointee.capacity
    guard block < capacity else { return .invalid }
    let entries = pool.pointee.entries
    var version = entries[Int(block)].version
    guard version == Profile.version(handle) else { return .stale }
    if Profile.stepsOnFree { version = (version &+ 1) & Profile.versionMask }
    let first = pool.pointee.first
    if isFirstInFirstOut {
      entries[Int(block)] = HandleEntry(version: version, link: capacity &- block &- 1)
      if first == capacity {
        pool.pointee.first = block
      } else {
        let last = pool.pointee.last
        entries[Int(last)].link = block &- last &- 1
      }
      pool.pointee.last = block
    } else {
      entries[Int(block)] = HandleEntry(version: version, link: first &- block &- 1)
      pool.pointee.first = block
    }
    return .done
  }

  /// Frees every object and makes all handles that are out stale, but where a version has wrapped. O(blocks).
  func reset() {
    for number in 1..<(largestShift - leastShift + 2) {
      let pool = table + number
      let capacity = Int(pool.pointee.capacity)
      for block in 0..<capacity {
        let version = pool.pointee.entries[block].version
        let isLive = version & 1 == 1
        let next = !Profile.stepsOnFree || isLive ? (version &+ 1) & Profile.versionMask : version
        pool.pointee.entries[block] = HandleEntry(version: next, link: 0)
      }
      pool.pointee.first = 0
      pool.pointee.last = pool.pointee.capacity - 1
    }
  }

  // MARK: Looking

  /// Bytes of the block at `address`. O(pools).
  func blockSize(at address: UnsafeMutableRawPointer) -> Int {
    for number in 1..<(largestShift - leastShift + 2) {
      let pool = table[number]
      let end = pool.blocks + Int(pool.capacity) << Int(pool.shift)
      if address >= pool.blocks, address < end { return 1 << pool.shift }
    }
    return 0
  }

  func blockSize(of handle: UInt) -> Int { 1 << table[Profile.pool(handle)].shift }
}

/// One pool: equal blocks, a power of two of bytes each.
struct HandleClass {
  let blocks: UnsafeMutableRawPointer
  let entries: UnsafeMutablePointer<HandleEntry>
  /// Next to be handed out, `capacity` if there is none.
  var first: UInt32
  let capacity: UInt32
  /// Binary logarithm of a block's bytes.
  let shift: UInt32
  /// Freed last, where the list is first in, first out.
  var last: UInt32
  /// Counts of the whole lane, in pool 0.
  var spills = 0
  var refused = 0
  var staleFrees = 0

  static var stride: Int { 64 }
}

/// What a pool knows of a block.
struct HandleEntry: BitwiseCopyable {
  var version: UInt32
  /// The next free block, counted from the one after this.
  var link: UInt32
}
