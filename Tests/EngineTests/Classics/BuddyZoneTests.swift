import CPlatform
import Testing

@testable import Engine

@Suite("Buddy zone")
struct BuddyZoneTests {
  /// Runs `body` on a zone of its own and checks afterwards that it adds up when all is freed.
  private func withZone(_ body: (BuddyZone) throws -> Void) throws {
    let zone = try BuddyZone()
    defer { zone.destroy() }
    try body(zone)
  }

  private func freeBlocks(_ zone: BuddyZone) -> [Int] { (0...BuddyZone.largestOrder).map(zone.freeBlocks) }

  @Test(
    "Sizes are rounded to orders of pages",
    arguments: [
      (0, 0), (1, 0), (4096, 0), (4097, 1), (8192, 1), (8193, 2), (16384, 2), (16385, 3), (1 << 20, 8),
      ((2 << 20) + 1, 10), (4 << 20, 10),
    ])
  func orders(size: Int, order: Int) { #expect(BuddyZone.order(fitting: size) == order) }

  @Test("One page splits a largest block into a half of each order, and its return merges them all")
  func splitsAndMerges() throws {
    try withZone { zone in
      let page = try obtained(zone.locked { zone.take(0) })
      #expect(freeBlocks(zone) == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0])
      #expect(zone.largestFreeOrder == 9)
      zone.locked { zone.put(page, 0) }
      #expect(freeBlocks(zone) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
      #expect(zone.largestFreeOrder == 10)
    }
  }

  @Test("A block never merges with a free buddy of another order")
  func neverMergesUnequalOrders() throws {
    try withZone { zone in
      // Pages 0 and 1, and the pair of 2 and 3: the buddy of the pair 0–1.
      let first = try obtained(zone.locked { zone.take(0) })
      let second = try obtained(zone.locked { zone.take(0) })
      let pair = try obtained(zone.locked { zone.take(1) })
      #expect(zone.map.index(of: second) == zone.map.index(of: first) ^ 1)
      #expect(zone.map.index(of: pair) == zone.map.index(of: first) ^ 2)
      // Page 2 in use, page 3 free: page 3 is no buddy of the pair 0–1, though free and next to it.
      zone.locked { zone.put(pair, 1) }
      let third = try obtained(zone.locked { zone.take(0) })
      #expect(third == pair)
      let before = freeBlocks(zone)
      zone.locked { zone.put(first, 0) }
      zone.locked { zone.put(second, 0) }
      // The pair 0–1 is back as such: its buddy begins with a page in use.
      var expected = before
      expected[1] += 1
      #expect(freeBlocks(zone) == expected)
      // And a free pair does not swallow the free single page inside its buddy.
      #expect(first.freeOrder == 1)
      #expect(zone.map.frame(at: zone.map.index(of: third) ^ 1).freeOrder == 0)
      zone.locked { zone.put(third, 0) }
      #expect(freeBlocks(zone) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    }
  }

  @Test("Neighbours that are not buddies do not merge")
  func neighboursAreNotBuddies() throws {
    try withZone { zone in
      let pages = try (0..<4).map { _ in try obtained(zone.locked { zone.take(0) }) }
      #expect(pages.map { zone.map.index(of: $0) } == [0, 1, 2, 3])
      zone.locked {
        zone.put(pages[1], 0)
        zone.put(pages[2], 0)
      }
      #expect(zone.freeBlocks(0) == 2)
      #expect(zone.freeBlocks(1) == 0)
    }
  }

  @Test("One page in each largest block is all that it takes to have no largest block")
  func largestOrderAfterChurn() throws {
    try withZone { zone in
      let pages = try (0..<4096).map { _ in try obtained(zone.locked { zone.take(0) }) }
      #expect(zone.grownBytes == 16 << 20)
      #expect(zone.largestFreeOrder == nil)
      for page in pages where zone.map.index(of: page) % 1024 != 512 { zone.locked { zone.put(page, 0) } }
      // 16 MiB less 16 KiB are free, yet no 4 MiB in one piece.
      #expect(zone.largestFreeOrder == 9)
      #expect(freeBlocks(zone) == [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0])
      for page in pages where zone.map.index(of: page) % 1024 == 512 { zone.locked { zone.put(page, 0) } }
      #expect(freeBlocks(zone) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4])
    }
  }

  @Test("A block whose merge only waits for its buddy is handed out last")
  func tailPlacement() throws {
    try withZone { zone in
      let pages = try (0..<8).map { _ in try obtained(zone.locked { zone.take(0) }) }
      zone.locked {
        zone.put(pages[6], 0)
        zone.put(pages[7], 0)
        // Once page 5 is back too, 4–5 and the free pair 6–7 merge: page 4 is kept for that, 0 and 2 are not.
        zone.put(pages[0], 0)
        zone.put(pages[4], 0)
        zone.put(pages[2], 0)
      }
      #expect([2, 0, 4].allSatisfy { index in zone.locked { zone.take(0) } == pages[index] })
    }
  }

  @Test("The system's refusal is nil, and nothing is lost")
  func refusal() throws {
    try withZone { zone in
      pb_limit_maps(1)
      defer { pb_limit_maps(-1) }
      let blocks = (0..<1024).compactMap { _ in zone.locked { zone.take(0) } }
      #expect(blocks.count == 1024)
      #expect(zone.locked { zone.take(0) } == nil)
      zone.locked { zone.put(blocks[7], 0) }
      #expect(zone.locked { zone.take(0) } == blocks[7])
    }
  }
}

@Suite("Buddy pool")
struct BuddyPoolTests {
  @Test("A lane's list takes 63 pages over the lock at a time and gives them back from six batches on")
  func batches() throws {
    let pool = try BuddyPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let pages = try (0..<600).map { _ in try obtained(lane.allocate(4096, 0)) }
    #expect(try figures(of: pool)["page-list.refills"] == 10)  // ⌈600 / 63⌉
    #expect(try figures(of: pool)["zone.taken"] == 630)
    // 30 are in the list; 347 more stay below six batches.
    for page in pages[..<347] { lane.free(page, 0) }
    #expect(try figures(of: pool)["page-list.drains"] == 0)
    lane.free(pages[347], 0)
    #expect(try figures(of: pool)["page-list.drains"] == 1)
    #expect(try figures(of: pool)["zone.freed"] == 63)
    for page in pages[348...] { lane.free(page, 0) }
    lane.detach()
    #expect(pool.zone.largestFreeOrder == 10)
    #expect(pool.zone.freeBlocks(10) == 1)
  }

  @Test("Each split and each merge is counted under its order")
  func countsOrders() throws {
    let pool = try BuddyPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let block = try obtained(lane.allocate(100_000, 0))  // order 5
    lane.free(block, 0)
    let seen = try figures(of: pool)
    for order in 1...10 {
      #expect(seen["order-\(order).splits"] == (order > 5 ? 1 : 0))
      #expect(seen["order-\(order).merges"] == (order > 5 ? 1 : 0))
    }
  }

  @Test("The page freed last is handed out first, and is not touched meanwhile")
  func reusesLastFreed() throws {
    let pool = try BuddyPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let pages = try (0..<10).map { _ in try obtained(lane.allocate(1, 0)) }
    for index in [3, 7, 1] { lane.free(pages[index], 0) }
    #expect([1, 7, 3].allSatisfy { lane.allocate(1, 0) == pages[$0] })
    #expect(residentPages(pages[0], 10 * 4096) == 0)
  }

  @Test("Blocks above order 3 go to the zone, and 4 MiB is the largest")
  func largeBlocks() throws {
    let pool = try BuddyPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let block = try obtained(lane.allocate(4 << 20, 0))
    #expect(UInt(bitPattern: block) % (4 << 20) == 0)
    #expect(lane.allocate((4 << 20) + 1, 0) == nil)
    #expect(lane.allocateAligned(100, 8 << 20, 0) == nil)
    lane.free(block, 0)
    #expect(pool.zone.freeBlocks(10) == 1)
    #expect(try figures(of: pool)["page-list.misses"] == 1)
  }

  @Test("A purge gives the memory of free blocks back and leaves the others alone")
  func purge() throws {
    let pool = try BuddyPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let pages = try (0..<100).map { _ in try obtained(lane.allocate(4096, 0)) }
    for page in pages { page.storeBytes(of: 7, as: UInt8.self) }
    for page in pages.dropFirst() { lane.free(page, 0) }
    pool.purge()
    #expect(residentPages(pages[0], 4096) == 1)
    #expect(pages[0].load(as: UInt8.self) == 7)
    #expect(residentPages(pages[0] + 4096, (4 << 20) - 4096) == 0)
  }
}
