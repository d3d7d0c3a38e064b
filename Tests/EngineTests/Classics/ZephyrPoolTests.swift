import CPlatform
import Testing
import Workload

@testable import Engine

@Suite("zephyr")
struct ZephyrPoolTests {
  private func served(_ lane: inout ZephyrLane, _ size: Int) throws -> UnsafeMutableRawPointer {
    let object = try obtained(lane.allocate(size, 0))
    try #require(!lane.isRefused(object))
    return object
  }

  @Test("65 bytes take 256, and 0 the smallest block")
  func roundsUpToAQuarter() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 4096, count: 1)
    var lane = pool.makeLane(0)
    for (size, block) in [(0, 16), (16, 16), (17, 64), (64, 64), (65, 256), (256, 256), (257, 1024), (1025, 4096)] {
      let before = pool.freeBytes()
      let object = try served(&lane, size)
      #expect(before - pool.freeBytes() == block)
      #expect(lane.usableSize(object, size) == block)
      lane.free(object, size)
      #expect(pool.freeBytes() == 4096)
    }
  }

  @Test("A request beyond the largest block is refused before anything is looked at")
  func refusesUpFront() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 1024, count: 2)
    var lane = pool.makeLane(0)
    #expect(lane.allocate(1025, 0) == nil)
    #expect(lane.allocateAligned(16, 2048, 0) == nil)
    #expect(lane.allocate(.max, 0) == nil)
    #expect(pool.freeBytes() == 2048)
  }

  @Test("Quarters come in order of address, first of them the one that was split off")
  func splitsInOrder() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 1024, count: 1)
    var lane = pool.makeLane(0)
    let first = try served(&lane, 64)
    for number in 1..<4 { #expect(try served(&lane, 64) == first + 64 * number) }
    // 1024 → 256 → 64: the next three quarters of 256 bytes are there still.
    #expect(try served(&lane, 256) == first + 256)
    #expect(try served(&lane, 64) == first + 512)
  }

  @Test("Only quarters of one parent merge")
  func mergesSiblingsOnly() throws {
    let pool = try ZephyrPool(smallest: 256, largest: 4096, count: 1)
    var lane = pool.makeLane(0)
    let objects = try (0..<16).map { _ in try served(&lane, 256) }
    // Four neighbours in a row, of two parents: 1024 bytes are free, and no block of them.
    for number in 2..<6 { lane.free(objects[number], 256) }
    #expect(pool.freeBytes() == 1024)
    #expect(pool.largestFree() == 256)
    let refused = try obtained(lane.allocate(1024, 0))
    #expect(lane.isRefused(refused))
    // The rest of the first parent.
    lane.free(objects[0], 256)
    lane.free(objects[1], 256)
    #expect(pool.largestFree() == 1024)
    #expect(try served(&lane, 1024) == objects[0])
  }

  @Test("Top blocks never merge, and every freed block comes back to one")
  func topBlocksStayApart() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 1024, count: 2)
    var lane = pool.makeLane(0)
    let objects = try (0..<128).map { _ in try served(&lane, 16) }
    #expect(pool.freeBytes() == 0)
    #expect(pool.largestFree() == 0)
    for object in objects { lane.free(object, 16) }
    #expect(pool.freeBytes() == 2048)
    #expect(pool.largestFree() == 1024)
    _ = try served(&lane, 1024)
    _ = try served(&lane, 1024)
    let third = try obtained(lane.allocate(1, 0))
    #expect(lane.isRefused(third))
  }

  @Test("After any churn all memory is one run of top blocks again")
  func losesNothing() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 4096, count: 8)
    var lane = pool.makeLane(0)
    var random = SplitMix64(state: 11)
    var live: [(UnsafeMutableRawPointer, Int)] = []
    for _ in 0..<20_000 {
      if random.next() % 100 < 55 {
        let size = Int(random.next() % 1200)
        let object = try obtained(lane.allocate(size, 0))
        if !lane.isRefused(object) { live.append((object, size)) }
      } else if !live.isEmpty {
        let (object, size) = live.remove(at: Int(random.next() % UInt64(live.count)))
        lane.free(object, size)
      }
    }
    var counts = PoolCounts()
    pool.list(into: &counts)
    var listed: [String: Int] = [:]
    var zero = PoolCounts()
    try ZephyrPool(smallest: 16, largest: 4096, count: 1).list(into: &zero)
    counts.forEach(since: zero) { listed[$0] = $1 }
    #expect(listed["tree.misses"] ?? 0 > 0)
    #expect(listed["tree.refused-with-room"] ?? 0 > 0)
    for (object, size) in live { lane.free(object, size) }
    #expect(pool.freeBytes() == 8 * 4096)
    var tops: Set<UnsafeMutableRawPointer> = []
    for _ in 0..<8 { tops.insert(try served(&lane, 4096)) }
    #expect(tops.count == 8)
  }

  @Test("A block that is freed twice is noticed and changes nothing")
  func noticesDoubleFrees() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 1024, count: 1)
    var lane = pool.makeLane(0)
    let (one, two) = (try served(&lane, 16), try served(&lane, 16))
    lane.free(one, 16)
    lane.free(one, 16)
    #expect(pool.freeBytes() == 1024 - 16)
    lane.free(two, 16)
    lane.free(two, 16)
    lane.free(one, 16)
    #expect(pool.freeBytes() == 1024)
    #expect(try served(&lane, 1024) == one)
  }

  @Test("An over-aligned object is found by its address though its size wants a smaller block")
  func alignedObjects() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 4096, count: 2)
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocateAligned(16, 1024, 0))
    #expect(UInt(bitPattern: object) % 1024 == 0)
    #expect(lane.usableSize(object, 16) == 1024)
    lane.free(object, 16)
    #expect(pool.freeBytes() == 8192)
  }

  @Test("Without room a shrinking object stays, and a growing one is given up")
  func resizesWithoutRoom() throws {
    let pool = try ZephyrPool(smallest: 16, largest: 1024, count: 1)
    var lane = pool.makeLane(0)
    let whole = try served(&lane, 1024)
    #expect(lane.resize(whole, from: 1024, to: 16, 0) == whole)
    lane.free(whole, 16)
    #expect(pool.freeBytes() == 1024)
    let (small, large) = (try served(&lane, 256), try served(&lane, 256))
    let moved = try obtained(lane.resize(small, from: 256, to: 1024, 0))
    #expect(lane.isRefused(moved))
    lane.free(moved, 1024)
    lane.free(large, 256)
    #expect(pool.freeBytes() == 1024)
  }

  @Test("A buffer that the system refuses is an error", arguments: 0...2)
  func refusedConstruction(maps: Int) {
    let before = pb_thread_mapped()
    pb_limit_maps(maps)
    defer { pb_limit_maps(-1) }
    #expect(throws: PoolError.self) { _ = try ZephyrPool(smallest: 16, largest: 1024, count: 4) }
    #expect(pb_thread_mapped() == before)
  }
}
