import CPlatform
import Testing
import Workload

@testable import Engine

@Suite struct FixedClassicTests {
  private func pool<Classic: FixedClassic>(
    _ size: Int, lanes: Int = 1, _ subject: Subject = Subject(.null), of type: Classic.Type = Classic.self
  ) throws -> FixedClassicPool<Classic> {
    try FixedClassicPool<Classic>(PoolConfiguration(subject: subject, lanes: lanes, fixedSize: size))
  }

  private func counts<Classic: FixedClassic>(_ pool: borrowing FixedClassicPool<Classic>) -> [String: Int] {
    var counts = PoolCounts()
    var fresh = PoolCounts()
    pool.list(into: &counts)
    Classic(objectSize: 8, Subject(.null)).list(into: &fresh)
    var values: [String: Int] = [:]
    counts.forEach(since: fresh) { values[$0] = $1 }
    return values
  }

  // MARK: Blocks threaded eagerly

  @Test func `a block has twenty objects side by side, and the next comes only when all are out`() throws {
    let pool: FixedBlockPool = try pool(48)
    var lane = pool.makeLane(0)
    let first = try obtained(lane.allocate(48, 0))
    for index in 1..<20 { #expect(lane.allocate(48, 0) == first + index * 48) }
    #expect(lane.state.pointee.blocks == 1)
    // Behind the next block's link.
    #expect(lane.allocate(48, 0) == first + 20 * 48 + 16)
    #expect(lane.state.pointee.blocks == 2)
    for _ in 21..<41 { #expect(lane.allocate(48, 0) != nil) }
    #expect(counts(pool) == ["block.taken": 3])
  }

  @Test func `what was freed last is handed out first`() throws {
    try expectYoungestFirst(pool(64, of: FixedBlocksOf20.self))
    try expectYoungestFirst(pool(64, of: FixedChunks.self))
  }

  private func expectYoungestFirst<Classic: FixedClassic>(_ pool: borrowing FixedClassicPool<Classic>) throws {
    var lane = pool.makeLane(0)
    let objects = (0..<10).compactMap { _ in lane.allocate(64, 0) }
    for index in [3, 7, 1] { lane.free(objects[index], 0) }
    #expect([1, 7, 3].allSatisfy { lane.allocate(64, 0) == objects[$0] })
  }

  @Test func `a block of many objects is touched whole before the first is used, a chunk not at all`() throws {
    let eager: FixedBlockPool = try pool(64, Subject(.fixedBlock, options: [Subject.Option(.block, "1000")]))
    var lane = eager.makeLane(0)
    let first = try obtained(lane.allocate(64, 0))
    let page = first - 16
    #expect(residentPages(page, 64_000) == (64_016 + pb_page_size() - 1) / pb_page_size())

    let lazy: FixedChunkPool = try pool(64)
    var other = lazy.makeLane(0)
    let object = try obtained(other.allocate(64, 0))
    #expect(residentPages(object, FixedChunks.chunkBytes) == 0)
    object.storeBytes(of: 1, as: UInt8.self)
    #expect(residentPages(object, FixedChunks.chunkBytes) == 1)
  }

  // MARK: Chunks with a cursor

  @Test(arguments: [(48, 32), (64, 0), (100, 32), (65_544, 65_528), (131_072, 0)])
  func `a chunk of 128 KiB is used up to a tail, which is dropped`(size: Int, tail: Int) throws {
    let pool: FixedChunkPool = try pool(size)
    var lane = pool.makeLane(0)
    let stride = (size + 7) & ~7
    let capacity = (128 << 10) / stride
    let first = try obtained(lane.allocate(size, 0))
    for index in 1..<max(capacity, 1) { #expect(lane.allocate(size, 0) == first + index * stride) }
    #expect(counts(pool) == ["chunk.taken": 1, "chunk.dropped-bytes": 0])
    #expect(lane.allocate(size, 0) != nil)
    #expect(counts(pool) == ["chunk.taken": 2, "chunk.dropped-bytes": tail])
  }

  @Test func `freed objects come before the cursor, and the cursor before a new chunk`() throws {
    let pool: FixedChunkPool = try pool(40)
    var lane = pool.makeLane(0)
    let first = try obtained(lane.allocate(40, 0))
    #expect(lane.allocate(40, 0) == first + 40)
    lane.free(first, 0)
    #expect(lane.allocate(40, 0) == first)
    #expect(lane.allocate(40, 0) == first + 80)
  }

  @Test func `objects larger than a chunk are refused before anything runs`() {
    #expect(throws: PoolError.outOfMemory(bytes: 131_073)) {
      _ = try FixedChunkPool(PoolConfiguration(fixedSize: 131_073))
    }
    #expect(throws: PoolError.unsupported("serves requests of one size only")) {
      _ = try FixedBlockPool(PoolConfiguration())
    }
    #expect(throws: PoolError.outOfMemory(bytes: .max)) {
      _ = try FixedIndexPool<ModuloCheck>(PoolConfiguration(fixedSize: .max))
    }
  }

  @Test func `all chunks are known, and unmapped at the end`() throws {
    let before = pb_thread_mapped()
    do {
      let pool: FixedChunkPool = try pool(128 << 10)
      var lane = pool.makeLane(0)
      // More than the bases that a page holds.
      for _ in 0..<1_200 { #expect(lane.allocate(128 << 10, 0) != nil) }
      #expect(pb_thread_mapped() - before > 1_200 * 128 << 10)
    }
    #expect(pb_thread_mapped() == before)
  }

  // MARK: Blocks linked by index

  @Test func `blocks of five stand with the newest in front`() throws {
    let pool: FixedIndexPool<ModuloCheck> = try pool(12)
    var lane = pool.makeLane(0)
    let first = try obtained(lane.allocate(12, 0))
    for index in 1..<5 { #expect(lane.allocate(12, 0) == first + index * 12) }
    let second = try obtained(lane.allocate(12, 0))
    #expect(lane.state.pointee.blocks == 2)
    // The front block's objects go before one freed behind it.
    lane.free(first, 0)
    for index in 1..<5 { #expect(lane.allocate(12, 0) == second + index * 12) }
    #expect(lane.allocate(12, 0) == first)
    #expect(lane.state.pointee.blocks == 2)
  }

  @Test func `the mask loses objects of twelve bytes, silently`() throws {
    let many = Subject(.fixedIndex, options: [Subject.Option(.block, "12")])
    let pool: FixedIndexPool<PowerOfTwoCheck> = try pool(12, many)
    let lane = pool.makeLane(0)
    let objects = (0..<12).compactMap { _ in lane.state.pointee.allocate() }
    let refused = objects.indices.filter { lane.state.pointee.release(objects[$0]) == .refused }
    #expect(refused == [1, 2, 5, 6, 9, 10])
    // Half of the block is lost: the seventh allocation takes a new one.
    for _ in 0..<6 { #expect(objects.contains(try obtained(lane.state.pointee.allocate()))) }
    #expect(lane.state.pointee.blocks == 1)
    #expect(try !objects.contains(obtained(lane.state.pointee.allocate())))
    #expect(lane.state.pointee.blocks == 2)
    #expect(counts(pool)["free.refused"] == 6)
  }

  @Test func `the mask takes an offset that is no object's; the remainder does not`() throws {
    let historical: FixedIndexPool<PowerOfTwoCheck> = try pool(12)
    let lane = historical.makeLane(0)
    let object = try obtained(lane.state.pointee.allocate())
    #expect(lane.state.pointee.release(object + 4) == .done)

    let right: FixedIndexPool<ModuloCheck> = try pool(12)
    let other = right.makeLane(0)
    let objects = (0..<5).compactMap { _ in other.state.pointee.allocate() }
    #expect(objects.allSatisfy { other.state.pointee.release($0 + 4) == .refused })
    #expect(objects.allSatisfy { other.state.pointee.release($0) == .done })
    #expect(counts(right)["free.refused"] == 5)
  }

  @Test(arguments: [4, 8, 16, 64, 1024])
  func `the mask is right for powers of two`(size: Int) throws {
    let pool: FixedIndexPool<PowerOfTwoCheck> = try pool(size)
    let lane = pool.makeLane(0)
    let objects = (0..<20).compactMap { _ in lane.state.pointee.allocate() }
    #expect(objects.allSatisfy { lane.state.pointee.release($0) == .done })
  }

  @Test func `an address in no block is told apart, and a block's end is not in it`() throws {
    let pool: FixedIndexPool<ModuloCheck> = try pool(16)
    let lane = pool.makeLane(0)
    let object = try obtained(lane.state.pointee.allocate())
    #expect(lane.state.pointee.release(object + 5 * 16) == .notFound)
    #expect(lane.state.pointee.release(object - 1) == .notFound)
    #expect(lane.state.pointee.release(object) == .done)
    #expect(counts(pool)["free.not-found"] == 2)
  }

  @Test(arguments: [10, 100])
  func `what is walked past grows with the blocks`(blockCount: Int) throws {
    let pool: FixedIndexPool<ModuloCheck> = try pool(64)
    let lane = pool.makeLane(0)
    let objects = (0..<5 * blockCount).compactMap { _ in lane.state.pointee.allocate() }
    // Each new block was put up after all older ones were found full: 0 + 1 + … blocks.
    let allocating = blockCount * (blockCount - 1) / 2
    #expect(lane.state.pointee.passed == allocating)
    // The oldest object's block is the last of the list, the youngest's the first.
    _ = lane.state.pointee.release(objects[0])
    #expect(lane.state.pointee.passed == allocating + blockCount - 1)
    _ = lane.state.pointee.release(objects[objects.count - 1])
    #expect(lane.state.pointee.passed == allocating + blockCount - 1)
  }

  @Test func `a pool's counts are those of all its lanes`() throws {
    let pool: FixedIndexPool<ModuloCheck> = try pool(64, lanes: 3)
    for index in 0..<3 {
      let lane = pool.makeLane(index)
      for _ in 0..<6 { _ = lane.state.pointee.allocate() }
    }
    #expect(counts(pool)["block.taken"] == 6)
    #expect(counts(pool)["block.passed"] == 3)
  }
}
