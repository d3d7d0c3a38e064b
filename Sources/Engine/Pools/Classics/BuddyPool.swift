import CPlatform
import Workload

/// The page allocator of Linux as a pool: requests rounded up to 2^k pages, 4 KiB to 4 MiB.
///
/// ```
/// lane's page lists, orders 0–3 ── batches of 63 pages ──► zone: lists of orders 0–10 ──► window, 4 MiB at a time
///   no lock                                                 one lock
/// ```
/// The parts: `BuddyZone` (split and merge), `PageCache` (a CPU's lists; a lane stands for a CPU), `PageFrame` (the
/// descriptors). Alloc is at best a pop from the lane's list, free a push; both touch descriptors alone, never the page.
/// Pop: 3 loads (the block, its two links), 2 stores (the links around it), and the count. Push: 2 loads (the order, the
/// head), 4 stores (two links each way), and the count. Zone: at most 10 splits or 10 merges under the lock.
///
/// What differs from the original, beside what the parts say: a free is told no order, so it reads the descriptor's; a
/// resize, which the original has not, stays within the block or copies.
struct BuddyPool: Pool, ~Copyable {
  let zone: BuddyZone
  private let lanes: UnsafeMutableRawPointer
  private let laneCount: Int

  /// Lane states in lines of their own.
  private static let laneBytes = (PageCache.bytes + 127) & ~127

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let zone = try BuddyZone()
    guard let lanes = SystemMemory.map(configuration.lanes * Self.laneBytes) else {
      zone.destroy()
      throw .outOfMemory(bytes: configuration.lanes * Self.laneBytes)
    }
    self.zone = zone
    self.lanes = lanes
    laneCount = configuration.lanes
    for index in 0..<laneCount { pages(index).initialize() }
  }

  deinit {
    zone.destroy()
    SystemMemory.unmap(lanes, laneCount * Self.laneBytes)
  }

  private borrowing func pages(_ index: Int) -> PageCache {
    PageCache(raw: lanes + index * Self.laneBytes, zone: zone)
  }

  borrowing func makeLane(_ index: Int) -> BuddyLane { BuddyLane(pages: pages(index)) }

  /// Merges what the lanes' lists hold and gives all free blocks' memory back. O(free blocks).
  borrowing func purge() {
    for index in 0..<laneCount { pages(index).drain() }
    zone.discard()
  }

  borrowing func list(into counts: inout PoolCounts) {
    var (refills, drains, direct) = (0, 0, 0)
    for index in 0..<laneCount {
      refills &+= pages(index).refills
      drains &+= pages(index).drains
      direct &+= pages(index).directTakes
    }
    counts.add("page-list.misses", refills &+ direct)
    counts.add("page-list.refills", refills)
    counts.add("page-list.drains", drains)
    zone.list(into: &counts, requests: refills &+ direct)
  }
}

/// A lane: a CPU with its page lists.
struct BuddyLane: PoolLane {
  fileprivate let pages: PageCache

  mutating func detach() { pages.drain() }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(BuddyZone.largestBlock) else { return nil }
    guard let block = pages.take(BuddyZone.order(fitting: size)) else { return nil }
    return pages.zone.map.address(of: block)
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size, variant) else { return nil }
    pb_zero(object, size)
    return object
  }

  /// Blocks are aligned to their own size, so one as big as the alignment will do; nil above 4 MiB.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    size < 0 ? nil : allocate(max(size, alignment), variant)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    pages.put(pages.zone.map.frame(of: pointer))
  }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: newSize) <= UInt(BuddyZone.largestBlock) else { return nil }
    let usable = usableSize(pointer, oldSize)
    if FrameMap.pageSize &<< BuddyZone.order(fitting: newSize) == usable { return pointer }
    guard let moved = allocate(newSize, variant) else { return nil }
    pb_copy(moved, pointer, min(usable, newSize))
    free(pointer, oldSize)
    return moved
  }

  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    FrameMap.pageSize &<< pages.zone.map.frame(of: pointer).order
  }
}
