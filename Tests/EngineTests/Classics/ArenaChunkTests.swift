import CPlatform
import Testing
import Workload

@testable import Engine

@Suite("Arena's chunks")
struct ArenaChunkTests {
  /// Runs `body` with a lane of a pool with one arena.
  private func withLane(_ body: (borrowing ArenasPool, inout ArenasLane) throws -> Void) throws {
    let pool = try ArenasPool(PoolConfiguration(subject: Subject(.arenas, options: [.init(.max, "1")])))
    var lane = pool.makeLane(0)
    lane.attach()
    try body(pool, &lane)
    lane.detach()
    check(pool)
  }

  /// Walks all heaps: chunks fill them, no two free ones are neighbours, and each free one is in a bin.
  private func check(_ pool: borrowing ArenasPool) {
    pool.register.forEachArena { arena in
      var listed: Set<UnsafeMutableRawPointer> = []
      for index in ArenaBins.unsorted..<ArenaBins.count {
        let head = arena.bin(index)
        var chunk = head.forward
        while chunk != head {
          #expect(chunk.forward.backward == chunk && chunk.backward.forward == chunk)
          if index != ArenaBins.unsorted { #expect(ArenaBins.index(chunk.size) == index) }
          if index >= 64, chunk.forward != head { #expect(chunk.size >= chunk.forward.size) }
          listed.insert(chunk.raw)
          chunk = chunk.forward
        }
      }
      var heap = arena.heap
      while let current = heap {
        let isCreated = current.before == nil && arena != pool.register.main
        let header = ArenaHeap.headerBytes + (isCreated ? Arena.bytes : 0)
        var chunk = ArenaChunk(raw: current.raw + header)
        let end = current.raw + current.size
        var isFreeBefore = false
        while chunk.raw < end, chunk.size > 0 {
          if chunk == arena.top { break }
          let isFree = !chunk.isInUse
          #expect(!(isFree && isFreeBefore), "two free neighbours")
          #expect(listed.contains(chunk.raw) == isFree)
          listed.remove(chunk.raw)
          isFreeBefore = isFree
          chunk = chunk.next
        }
        #expect(chunk == arena.top ? chunk.raw + chunk.size == end : chunk.raw + 16 == end)
        heap = current.before
      }
      #expect(listed.isEmpty)
    }
  }

  @Test(
    "A chunk is the request and eight bytes, a multiple of 16, at least 32",
    arguments: [
      (0, 32), (1, 32), (24, 32), (25, 48), (40, 48), (41, 64), (1032, 1040), (1033, 1056),
    ])
  func chunkSizes(request: Int, bytes: Int) throws {
    #expect(ArenaChunk.bytes(for: request) == bytes)
    try withLane { _, lane in
      let object = try obtained(lane.allocate(request, 0))
      #expect(lane.usableSize(object, request) == bytes - 8)
    }
  }

  @Test(
    "Bins: one size each below 1 KiB, then wider and wider",
    arguments: [
      (32, 2), (48, 3), (1008, 63), (1024, 64), (1087, 64), (1088, 65), (3072, 96), (3136, 97), (3584, 98),
      (10_752, 112), (12_288, 113), (1 << 20, 126), (1 << 30, 126),
    ])
  func bins(size: Int, index: Int) { #expect(ArenaBins.index(size) == index) }

  @Test(
    "Freed neighbours become one chunk, whatever the order",
    arguments: [
      [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
    ])
  func coalescing(order: [Int]) throws {
    try withLane { pool, lane in
      let objects = try (0..<3).map { _ in try obtained(lane.allocate(2000, 0)) }
      let guardian = try obtained(lane.allocate(2000, 0))
      for index in order { lane.free(objects[index], 0) }
      check(pool)
      // Three chunks of 2,016 bytes hold one object of 6,040.
      #expect(ArenaChunk(object: objects[0]).size == 3 * 2016)
      #expect(lane.allocate(3 * 2016 - 8, 0) == objects[0])
      lane.free(objects[0], 0)
      lane.free(guardian, 0)
    }
  }

  @Test("A heap that is all free is all top")
  func mergesIntoTop() throws {
    try withLane { pool, lane in
      var random = SplitMix64(state: 3)
      let first = try obtained(lane.allocate(2000, 0))
      var objects = [first]
      for _ in 0..<300 { objects.append(try obtained(lane.allocate(1100 + Int(random.next() % 5000), 0))) }
      while !objects.isEmpty {
        lane.free(objects.remove(at: Int(random.next() % UInt64(objects.count))), 0)
        if objects.count % 50 == 0 { check(pool) }
      }
      #expect(pool.register.main.top.object == first)
    }
  }

  @Test("A large request gets the best fit, and what is left over is free again")
  func bestFit() throws {
    try withLane { pool, lane in
      var freed: [UnsafeMutableRawPointer] = []
      for size in [3000, 1500, 5000, 2100, 2600] {
        freed.append(try obtained(lane.allocate(size, 0)))
        _ = try obtained(lane.allocate(1100, 0))
      }
      for object in freed { lane.free(object, 0) }
      // 2,100 is the least that holds 2,050.
      #expect(lane.allocate(2050, 0) == freed[3])
      #expect(lane.allocate(4000, 0) == freed[2])
      #expect(ArenaChunk(object: freed[2]).size == 4016)
      check(pool)
    }
  }

  @Test("Small requests in a row are cut from the same remainder")
  func lastRemainder() throws {
    try withLane { _, lane in
      let large = try obtained(lane.allocate(4000, 0))
      _ = try obtained(lane.allocate(1100, 0))
      lane.free(large, 0)
      let objects = try (0..<5).map { _ in try obtained(lane.allocate(100, 0)) }
      #expect(objects.enumerated().allSatisfy { $1 == large + $0 * 112 })
    }
  }

  @Test("A resize takes in free memory behind the object, and gives back what is too much")
  func resizeInPlace() throws {
    try withLane { pool, lane in
      let object = try obtained(lane.allocate(2000, 0))
      let behind = try obtained(lane.allocate(2000, 0))
      _ = try obtained(lane.allocate(2000, 0))
      lane.free(behind, 0)
      #expect(lane.resize(object, from: 2000, to: 3000, 0) == object)
      check(pool)
      #expect(lane.resize(object, from: 3000, to: 500, 0) == object)
      check(pool)
      #expect(lane.allocate(3400, 0) == object + 512)
      let moved = try obtained(lane.resize(object, from: 500, to: 2000, 0))
      #expect(moved != object)
    }
  }

  @Test("Aligned objects are cut out of larger chunks, before and behind")
  func aligned() throws {
    try withLane { pool, lane in
      for power in 5...16 {
        let object = try obtained(lane.allocateAligned(100, 1 << power, 0))
        #expect(UInt(bitPattern: object) % (1 << UInt(power)) == 0)
        #expect(lane.usableSize(object, 100) < 100 + 48)
      }
      check(pool)
    }
  }

  @Test("Heaps come as they are needed and go when they are empty, and top's end goes too")
  func heaps() throws {
    try withLane { pool, lane in
      let objects = try (0..<1500).map { _ in try obtained(lane.allocate(100_000, 0)) }
      #expect(try figures(of: pool)["heap.created"] == 3)
      check(pool)
      for object in objects.reversed() { lane.free(object, 0) }
      #expect(try figures(of: pool)["heap.deleted"] == 2)
      #expect(pool.register.main.heap?.size ?? 0 < 512 << 10)
      #expect(try figures(of: pool)["heap.trims"] ?? 0 > 0)
    }
  }

  @Test("From 128 KiB on objects have mappings, until one has been freed")
  func dynamicThreshold() throws {
    try withLane { pool, lane in
      let size = 200 << 10
      let object = try obtained(lane.allocate(size, 0))
      #expect(try figures(of: pool)["register.mappings"] == 1)
      lane.free(object, 0)
      let again = try obtained(lane.allocate(size, 0))
      #expect(try figures(of: pool)["register.mappings"] == 1)
      // Above 32 MiB the threshold does not follow.
      for _ in 0..<2 { lane.free(try obtained(lane.allocate(40 << 20, 0)), 0) }
      #expect(try figures(of: pool)["register.mappings"] == 3)
      lane.free(again, 0)
    }
  }
}
