import CPlatform

/// The binary buddy system of Linux (Knuth, TAOCP 1, 2.5, algorithms R and S; `mm/page_alloc.c`): blocks of 2^k pages,
/// a list for each order k, split in halves on the way down and merged with their buddies on the way up.
///
/// ```
/// window      | block of order 10, 4 MiB | block of order 10 | …          | not grown yet, never touched |
///             | 8 | 8 |  9    |                                           ▲ end
/// lists       head 0 ⇄ ◇ ⇄ ◇    head 1 ⇄ ◇    …    head 10 ⇄ ◇           (through the frames, not the pages)
/// ```
/// **Buddy** of the block of order k at page p: the one at p XOR 2^k. A block merges only with a buddy that is free *and
/// of the same order*, never with a larger or a smaller neighbour.
///
/// What differs from the original: the memory is a window of address space that grows by one largest block when all
/// lists from the wanted order up are empty, in place of all the machine's memory from the start; there is one
/// migrate type, one zone, no watermarks, no compaction. A window's end is the system's refusal: nil.
struct BuddyZone {
  let map: FrameMap
  /// ```
  ///   0  lock | 64  bytes grown | 72 lock waits | 80 taken blocks | 88 freed blocks
  /// 128  splits of each order   | 256  merges into each order     | 512  list heads, 64 bytes an order; 48: length
  /// ```
  private let state: UnsafeMutableRawPointer

  /// 10 since Linux 2.4 (`MAX_PAGE_ORDER`): 4 MiB.
  static var largestOrder: Int { 10 }
  static var largestBlock: Int { FrameMap.pageSize << largestOrder }
  /// Address space, most of it never touched.
  static var windowBytes: Int { 64 << 30 }

  private static var frameBytes: Int { windowBytes / FrameMap.pageSize * PageFrame.bytes }
  private static var stateBytes: Int { 512 + (largestOrder + 1) * PageFrame.bytes }

  /// Reserves the window and its frames. - Throws: `PoolError.outOfMemory`.
  init() throws(PoolError) {
    guard let state = SystemMemory.map(Self.stateBytes) else { throw .outOfMemory(bytes: Self.stateBytes) }
    guard let frames = pb_reserve(Self.frameBytes) else {
      SystemMemory.unmap(state, Self.stateBytes)
      throw .outOfMemory(bytes: Self.frameBytes)
    }
    guard let window = pb_reserve_aligned(Self.windowBytes, Self.largestBlock) else {
      SystemMemory.unmap(state, Self.stateBytes)
      pb_unmap(frames, Self.frameBytes)
      throw .outOfMemory(bytes: Self.windowBytes)
    }
    self.state = state
    map = FrameMap(window: window, frames: frames)
    for order in 0...Self.largestOrder { list(order).becomeEmptyList() }
  }

  func destroy() {
    pb_unmap(map.window, Self.windowBytes)
    pb_unmap(map.frames, Self.frameBytes)
    SystemMemory.unmap(state, Self.stateBytes)
  }

  /// The smallest order whose blocks hold `size` bytes; 0 for 0.
  ///
  /// - Precondition: `size` is at most `largestBlock`.
  @inline(__always)
  static func order(fitting size: Int) -> Int {
    let pages = (size &- 1) &>> FrameMap.pageShift
    return size <= FrameMap.pageSize ? 0 : Int.bitWidth &- pages.leadingZeroBitCount
  }

  private func list(_ order: Int) -> PageFrame { PageFrame(raw: state + (512 &+ order &* PageFrame.bytes)) }
  private func word(_ offset: Int) -> UnsafeMutablePointer<Int> {
    (state + offset).assumingMemoryBound(to: Int.self)
  }
  private var grown: UnsafeMutablePointer<Int> { word(64) }
  private var lockWaits: UnsafeMutablePointer<Int> { word(72) }
  private var taken: UnsafeMutablePointer<Int> { word(80) }
  private var freed: UnsafeMutablePointer<Int> { word(88) }
  private var splits: UnsafeMutablePointer<Int> { word(128) }
  private var merges: UnsafeMutablePointer<Int> { word(256) }
  private func length(_ order: Int) -> UnsafeMutablePointer<Int> { word(512 &+ order &* PageFrame.bytes &+ 48) }

  func locked<Result>(_ body: () -> Result) -> Result {
    let lock = state.assumingMemoryBound(to: UInt32.self)
    if pb_lock_acquire(lock) { lockWaits.pointee &+= 1 }
    defer { pb_lock_release(lock) }
    return body()
  }

  // MARK: Under the lock

  /// A block of 2^order pages, its frame's `order` set; nil when the system refuses. At most 10 splits.
  func take(_ order: Int) -> PageFrame? {
    while true {
      for current in order...Self.largestOrder where !list(current).isEmptyList {
        let block = list(current).next
        remove(block, current)
        split(block, from: current, to: order)
        block.order = order
        taken.pointee &+= 1
        return block
      }
      if !grow() { return nil }
    }
  }

  /// Hands the upper halves to the lists, largest first.
  private func split(_ block: PageFrame, from order: Int, to wanted: Int) {
    var current = order
    while current > wanted {
      splits[current] &+= 1
      current &-= 1
      insert(PageFrame(raw: block.raw + PageFrame.bytes &<< current), current, atEnd: false)
    }
  }

  /// Takes back a block and merges it as far as it goes. At most 10 merges.
  func put(_ block: PageFrame, _ order: Int) {
    var index = map.index(of: block)
    var order = order
    freed.pointee &+= 1
    while order < Self.largestOrder {
      let buddy = map.frame(at: index ^ 1 &<< order)
      guard buddy.freeOrder == order else { break }
      remove(buddy, order)
      index &= ~(1 &<< order)
      order &+= 1
      merges[order] &+= 1
    }
    insert(map.frame(at: index), order, atEnd: isMergeLikely(index, order))
  }

  /// Whether the block's buddy is all that is missing for a merge at the next order: then it had better be handed out
  /// last. (`buddy_merge_likely`)
  private func isMergeLikely(_ index: Int, _ order: Int) -> Bool {
    guard order < Self.largestOrder &- 1 else { return false }
    let parent = index & ~(1 &<< order)
    return map.frame(at: parent ^ 1 &<< (order &+ 1)).freeOrder == order &+ 1
  }

  private func insert(_ block: PageFrame, _ order: Int, atEnd: Bool) {
    block.freeOrder = order
    let head = list(order)
    block.insert(after: atEnd ? head.previous : head)
    length(order).pointee &+= 1
  }

  private func remove(_ block: PageFrame, _ order: Int) {
    block.freeOrder = nil
    block.unlink()
    length(order).pointee &-= 1
  }

  /// Adds a block of the largest order. Asks whether the thread may map, as a mapping of its own would.
  private func grow() -> Bool {
    guard grown.pointee < Self.windowBytes, pb_may_map() else { return false }
    insert(map.frame(of: map.window + grown.pointee), Self.largestOrder, atEnd: false)
    grown.pointee &+= Self.largestBlock
    return true
  }

  // MARK: The whole

  /// Gives the memory of all free blocks back to the system, which keeps the addresses. O(free blocks).
  func discard() {
    locked {
      for order in 0...Self.largestOrder {
        let head = list(order)
        var block = head.next
        while block != head {
          pb_discard(map.address(of: block), FrameMap.pageSize << order)
          block = block.next
        }
      }
    }
  }

  /// Free blocks of an order.
  func freeBlocks(_ order: Int) -> Int { locked { length(order).pointee } }

  /// The largest order of which there is a free block; nil when there is none at all.
  var largestFreeOrder: Int? {
    locked { (0...Self.largestOrder).last { !list($0).isEmptyList } }
  }

  var grownBytes: Int { locked { grown.pointee } }

  func list(into counts: inout PoolCounts, requests: Int) {
    locked {
      counts.add("zone.requests", requests)
      counts.add("zone.misses", grown.pointee / Self.largestBlock)
      counts.add("zone.taken", taken.pointee)
      counts.add("zone.freed", freed.pointee)
      counts.add("zone.lock-waits", lockWaits.pointee)
      for order in 1...Self.largestOrder { counts.add(Self.splitNames[order], splits[order]) }
      for order in 1...Self.largestOrder { counts.add(Self.mergeNames[order], merges[order]) }
    }
  }

  private static let splitNames: [StaticString] = [
    "order-0.splits", "order-1.splits", "order-2.splits", "order-3.splits", "order-4.splits", "order-5.splits",
    "order-6.splits", "order-7.splits", "order-8.splits", "order-9.splits", "order-10.splits",
  ]
  private static let mergeNames: [StaticString] = [
    "order-0.merges", "order-1.merges", "order-2.merges", "order-3.merges", "order-4.merges", "order-5.merges",
    "order-6.merges", "order-7.merges", "order-8.merges", "order-9.merges", "order-10.merges",
  ]
}
