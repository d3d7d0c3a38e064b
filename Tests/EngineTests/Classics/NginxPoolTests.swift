import CPlatform
import Glibc
import Testing
import Workload

@testable import Engine

@Suite("nginx's pool")
struct NginxPoolTests {
  private typealias Block = UnsafeMutablePointer<NginxPool.Block>

  /// Runs `body` on a pool with blocks of `bytes` and its counts, and destroys it: nothing of it may be left.
  private func withPool(
    _ bytes: Int = 1024, _ body: (NginxPool, UnsafeMutablePointer<NginxCounts>) throws -> Void
  ) throws {
    let before = pb_thread_heap_blocks()
    let counts = UnsafeMutablePointer<NginxCounts>.allocate(capacity: 1)
    counts.initialize(to: NginxCounts())
    defer { counts.deallocate() }
    let pool = try obtained(NginxPool.create(bytes, counts: counts))
    try body(pool, counts)
    pool.destroy()
    #expect(pb_thread_heap_blocks() == before)
  }

  private func blocks(_ pool: NginxPool) -> [Block] {
    var found: [Block] = []
    var block: Block? = pool.first
    while let visited = block {
      found.append(visited)
      block = visited.pointee.next
    }
    return found
  }

  /// Blocks that a walk from `current` sees.
  private func walk(_ pool: NginxPool) -> Int {
    let all = blocks(pool)
    return all.count - (all.firstIndex(of: pool.header.pointee.current) ?? 0)
  }

  @Test func `headers are of 80 and 32 bytes, nodes of 16 and 24`() {
    #expect(MemoryLayout<NginxPool.Header>.size == NginxPool.Header.bytes)
    #expect(MemoryLayout<NginxPool.Block>.size == NginxPool.Block.headerBytes)
    #expect(MemoryLayout<NginxPool.Large>.size == 16)
    #expect(MemoryLayout<NginxPool.Cleanup>.size == 24)
  }

  @Test func `objects follow each other at multiples of 8, strings at any address`() throws {
    try withPool { pool, _ in
      let first = try obtained(pool.allocate(1))
      #expect(first == UnsafeMutableRawPointer(pool.header) + 80)
      #expect(pool.allocate(9) == first + 8)
      #expect(pool.allocateUnaligned(3) == first + 17)
      #expect(pool.allocateUnaligned(1) == first + 20)
      #expect(pool.allocate(0) == first + 24)
      #expect(pool.allocate(0) == first + 24)
      let zeroed = try obtained(pool.allocateZeroed(40))
      #expect(ConformanceModel.holds(zeroed, 40, 0))
    }
  }

  @Test(arguments: [(1024, 944), (4096, 4016), (4175, 4095), (4176, 4095), (16 << 10, 4095), (1, 32), (1000, 928)])
  func `small is what the first block holds, and less than a page`(bytes: Int, largest: Int) throws {
    try withPool(bytes) { pool, counts in
      #expect(pool.header.pointee.max == largest)
      #expect(NginxPool.largestSmall(bytes) == largest)
      let inside = try obtained(pool.allocate(largest))
      #expect(inside == UnsafeMutableRawPointer(pool.header) + 80)
      #expect(counts.pointee.large == 0)
      let outside = try obtained(pool.allocate(largest + 1))
      #expect(counts.pointee.large == 1)
      #expect(pool.free(outside))
    }
  }

  @Test func `a block is skipped on its sixth failure`() throws {
    try withPool { pool, counts in
      // One object a block: each further one appends a block.
      for made in 1...30 {
        #expect(pool.allocate(pool.header.pointee.max) != nil)
        let all = blocks(pool)
        #expect(all.count == made && counts.pointee.blocks == made - 1)
        // The last block is never charged, so the first has failed for the first time when there are three.
        let failures = max(made - 2, 0)
        #expect(all[0].pointee.failed == min(failures, 6))
        let skipped = max(failures - 5, 0)
        #expect(pool.header.pointee.current == all[skipped])
        #expect(all[0..<skipped].allSatisfy { $0.pointee.failed == 6 })
      }
    }
  }

  @Test func `a walk sees seven blocks at most`() throws {
    try withPool { pool, _ in
      var random = SplitMix64(state: 3)
      var longest = 0
      for _ in 0..<5_000 {
        longest = max(longest, walk(pool))
        #expect(pool.allocate(Int(random.next() % UInt64(pool.header.pointee.max + 1))) != nil)
      }
      #expect(longest == 7)
    }
  }

  @Test func `a failure counts only when a block is made`() throws {
    try withPool { pool, counts in
      for _ in 0..<3 { #expect(pool.allocate(500) != nil) }
      let before = blocks(pool).map(\.pointee.failed)
      // Room for 400 is in the first block, where 500 did not fit again; the second has it for 450.
      for _ in 0..<2 { #expect(pool.allocate(200) != nil) }
      #expect(counts.pointee.walks == 2)
      #expect(pool.allocate(300) != nil)
      #expect(blocks(pool).map(\.pointee.failed) == before)
      #expect(counts.pointee.walks == 3 && blocks(pool).count == 3)
    }
  }

  @Test func `large objects take an empty node among the first five`() throws {
    try withPool { pool, counts in
      let large = try (0..<8).map { _ in try obtained(pool.allocate(10_000)) }
      let room = blocks(pool)[0].pointee.last
      // The youngest stands first: node 5 of the list, counted from 0, is number 2.
      #expect(pool.free(large[2]))
      #expect(pool.allocate(10_000) != nil)
      #expect(counts.pointee.nodesReused == 0)
      #expect(blocks(pool)[0].pointee.last == room + 16)
      // By now number 4 is node 4, the fifth.
      #expect(pool.free(large[4]))
      #expect(pool.allocate(10_000) != nil)
      #expect(counts.pointee.nodesReused == 1)
      #expect(blocks(pool)[0].pointee.last == room + 16)
    }
  }

  @Test func `only large objects can be freed, and only once`() throws {
    try withPool { pool, _ in
      let small = try obtained(pool.allocate(64))
      let large = try obtained(pool.allocate(10_000))
      let before = pb_thread_heap_blocks()
      #expect(!pool.free(small))
      #expect(pool.free(large))
      #expect(pb_thread_heap_blocks() == before - 1)
      #expect(!pool.free(large))
    }
  }

  @Test func `an aligned object is malloc's whatever its size, in a node of its own`() throws {
    try withPool { pool, counts in
      let freed = try obtained(pool.allocate(10_000))
      #expect(pool.free(freed))
      let object = try obtained(pool.allocateAligned(24, 4096))
      #expect(UInt(bitPattern: object) % 4096 == 0)
      #expect(counts.pointee.large == 2 && counts.pointee.nodesReused == 0)
      #expect(pool.free(object))
    }
  }

  @Test func `reset frees large objects and rewinds, at a loss of 48 bytes in each further block`() throws {
    try withPool { pool, _ in
      // What a further block holds at most is 48 bytes more than the first; two objects fill it to the last.
      let most = pool.header.pointee.max
      #expect(pool.allocate(most) != nil)
      let second = try obtained(pool.allocate(most))
      #expect(pool.allocate(48) == second + most)
      for _ in 0..<9 { #expect(pool.allocate(most) != nil) }
      #expect(pool.allocate(10_000) != nil)
      #expect(pool.header.pointee.current != pool.first)
      let (all, held) = (blocks(pool), pb_thread_heap_blocks())
      pool.reset()
      #expect(pb_thread_heap_blocks() == held - 1)
      #expect(blocks(pool) == all && pool.header.pointee.current == pool.first)
      #expect(all.allSatisfy { $0.pointee.failed == 0 && $0.pointee.last == UnsafeMutableRawPointer($0) + 80 })
      #expect(pool.allocate(most) != nil)
      #expect(pool.allocate(most) == second + 48)
      #expect(pool.allocate(48) != second + 48 + most)
    }
  }

  @Test func `nothing is mapped or lost when memory runs out`() throws {
    try withPool { pool, _ in
      pb_limit_maps(0)
      defer { pb_limit_maps(-1) }
      #expect(pool.allocate(10_000) == nil)
      #expect(pool.allocate(pool.header.pointee.max) != nil)
      #expect(pool.allocate(8) == nil)
      // A large object whose node finds no room is freed.
      pb_limit_maps(1)
      let before = pb_thread_heap_blocks()
      #expect(pool.allocate(10_000) == nil)
      #expect(pb_thread_heap_blocks() == before)
    }
  }
}

// MARK: - Cleanups

/// What cleanups have said, in order. Each test's own.
private final class Diary {
  var entries: [Int] = []
}

private struct Note {
  let diary: Unmanaged<Diary>
  let entry: Int
}

@Suite("nginx's cleanups")
struct NginxCleanupTests {
  private static let write: NginxPool.Handler = { data in
    guard let note = data?.assumingMemoryBound(to: Note.self).pointee else { return }
    note.diary.takeUnretainedValue().entries.append(note.entry)
  }

  private func register(_ entry: Int, _ diary: Diary, _ pool: NginxPool) throws {
    let cleanup = try obtained(pool.addCleanup(MemoryLayout<Note>.size))
    let note = try obtained(cleanup.pointee.data).bindMemory(to: Note.self, capacity: 1)
    note.initialize(to: Note(diary: .passUnretained(diary), entry: entry))
    cleanup.pointee.run = Self.write
  }

  private func withPool(_ body: (NginxPool) throws -> Void) throws {
    var counts = NginxCounts()
    try withUnsafeMutablePointer(to: &counts) { try body(try obtained(NginxPool.create(1024, counts: $0))) }
  }

  @Test func `cleanups run last in first out when the pool is destroyed`() throws {
    let diary = Diary()
    try withPool { pool in
      for entry in 1...3 { try register(entry, diary, pool) }
      // One without a handler, and one without data.
      #expect(pool.addCleanup(0)?.pointee.data == nil)
      #expect(diary.entries == [])
      pool.destroy()
    }
    #expect(diary.entries == [3, 2, 1])
  }

  @Test func `a reset neither runs nor forgets cleanups`() throws {
    let diary = Diary()
    try withPool { pool in
      try register(7, diary, pool)
      pool.reset()
      #expect(diary.entries == [])
      #expect(pool.header.pointee.cleanup != nil)
      // Their nodes lie in memory that is handed out again.
      let node = pool.header.pointee.cleanup.map { UnsafeMutableRawPointer($0) }
      #expect(pool.allocate(24) == node)
      pool.header.pointee.cleanup = nil
      pool.destroy()
    }
    #expect(diary.entries == [])
  }

  @Test func `a file's cleanup can be run ahead, once`() throws {
    try withPool { pool in
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      for end in ends {
        let cleanup = try obtained(pool.addCleanup(MemoryLayout<NginxPool.OpenFile>.size))
        cleanup.pointee.data?.initializeMemory(
          as: NginxPool.OpenFile.self, repeating: NginxPool.OpenFile(descriptor: end), count: 1)
        cleanup.pointee.run = NginxPool.closeFile
      }
      #expect(pool.header.pointee.cleanup?.pointee.run != nil)
      pool.runCleanup(ofFile: ends[0])
      // The one registered first stands second, and only it is done.
      #expect(pool.header.pointee.cleanup?.pointee.run != nil)
      #expect(pool.header.pointee.cleanup?.pointee.next?.pointee.run == nil)
      pool.runCleanup(ofFile: ends[0])
      #expect(pool.header.pointee.cleanup?.pointee.run != nil)
      pool.runCleanup(ofFile: ends[1])
      #expect(pool.header.pointee.cleanup?.pointee.run == nil)
      pool.destroy()
    }
  }
}

@Suite("nginx as a subject")
struct NginxSubjectTests {
  private func configuration(_ subject: String, _ table: UnsafeBufferPointer<Int32>) throws -> PoolConfiguration {
    var configuration = PoolConfiguration()
    configuration.subject = try Subject(parsing: subject)
    configuration.scopes = Int(table.max() ?? -1) + 1
    configuration.scopeOfVariant = table
    return configuration
  }

  @Test func `a scope that ends leaves nothing, one that is reset its blocks until it is purged`() throws {
    try ([0] as [Int32]).withUnsafeBufferPointer { table in
      let destroyed = try NginxSubject<DestroyedWithScope>(configuration("nginx", table))
      let reset = try NginxSubject<EmptiedWithScope>(configuration("nginx[end=reset]", table))
      let before = pb_thread_heap_blocks()
      var lane = destroyed.makeLane(0)
      lane.beginScope(0)
      for _ in 0..<20 { #expect(lane.allocate(1_000, 0) != nil) }
      // Four of 1,000 bytes and what is left fit into a block.
      #expect(pb_thread_heap_blocks() == before + 5)
      lane.endScope(0)
      #expect(pb_thread_heap_blocks() == before)
      var kept = reset.makeLane(0)
      kept.beginScope(0)
      for _ in 0..<20 { #expect(kept.allocate(1_000, 0) != nil) }
      kept.endScope(0)
      #expect(pb_thread_heap_blocks() == before + 5)
      reset.purge()
      #expect(pb_thread_heap_blocks() == before)
    }
  }

  @Test func `objects without a scope are refused`() {
    ([0, -1] as [Int32]).withUnsafeBufferPointer { table -> Void in
      #expect(throws: PoolError.unsupported("has no free for single objects: all must end with a scope")) {
        _ = try NginxSubject<DestroyedWithScope>(configuration("nginx", table))
      }
    }
  }

  @Test func `an object grows by a copy, and the large one that it was is freed`() throws {
    try ([0] as [Int32]).withUnsafeBufferPointer { table in
      let pool = try NginxSubject<DestroyedWithScope>(configuration("nginx", table))
      var lane = pool.makeLane(0)
      lane.beginScope(0)
      let small = try obtained(lane.allocate(100, 0))
      small.initializeMemory(as: UInt8.self, repeating: 5, count: 100)
      #expect(lane.resize(small, from: 100, to: 50, 0) == small)
      let large = try obtained(lane.resize(small, from: 100, to: 8_000, 0))
      #expect(ConformanceModel.holds(large, 100, 5))
      let before = pb_thread_heap_blocks()
      let larger = try obtained(lane.resize(large, from: 8_000, to: 16_000, 0))
      #expect(ConformanceModel.holds(larger, 100, 5))
      #expect(pb_thread_heap_blocks() == before)
      lane.endScope(0)
    }
  }
}
