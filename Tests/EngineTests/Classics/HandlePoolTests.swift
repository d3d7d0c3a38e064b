import Testing
import Workload

@testable import Engine

@Suite("handle")
struct HandlePoolTests {
  private func pool<Profile: HandleProfile>(
    _ profile: Profile.Type, blocks: Int = 1, isFirstInFirstOut: Bool = false
  ) throws -> HandlePool<Profile, NoProbe> {
    try HandlePool(least: 4096, largest: 4096, bytesPerPool: 4096 * blocks, isFirstInFirstOut: isFirstInFirstOut)
  }

  /// Reuses of the only block until the handle of its first object is valid again.
  private func reusesUntilWrap<Profile: HandleProfile>(_ profile: Profile.Type) throws -> Int {
    let pool = try pool(profile)
    let blocks = pool.makeLane(0).blocks
    let first = blocks.allocate(1)
    var reuses = 0
    var handle = first
    repeat {
      #expect(blocks.free(handle) == .done)
      handle = blocks.allocate(1)
      reuses += 1
    } while handle != first && reuses < 1 << 14
    return reuses
  }

  @Test("12 bits wrap after 2^11 reuses with odd and even versions, after 2^12 with the literal ones")
  func wrapsExactly() throws {
    #expect(try reusesUntilWrap(Handle32.self) == 1 << 11)
    #expect(try reusesUntilWrap(Handle32Literal.self) == 1 << 12)
  }

  @Test("First in, first out a block is reused once in as many frees as there are blocks")
  func orderOfReuse() throws {
    let fifo = try pool(Handle32.self, blocks: 8, isFirstInFirstOut: true)
    let lifo = try pool(Handle32.self, blocks: 8)
    func reused(_ blocks: HandleBlocks<Handle32>) throws -> Int {
      let first = blocks.allocate(1)
      let address = try #require(blocks.address(of: first))
      var handle = first
      var frees = 0
      repeat {
        _ = blocks.free(handle)
        handle = blocks.allocate(1)
        frees += 1
      } while blocks.address(of: handle) != address
      return frees
    }
    #expect(try reused(fifo.makeLane(0).blocks) == 8)
    #expect(try reused(lifo.makeLane(0).blocks) == 1)
  }

  @Test("Stale handles and double frees are found by the version", arguments: [false, true])
  func findsMisuse(isFirstInFirstOut: Bool) throws {
    let pool = try pool(Handle32.self, blocks: 4, isFirstInFirstOut: isFirstInFirstOut)
    let blocks = pool.makeLane(0).blocks
    let handle = blocks.allocate(1)
    #expect(blocks.address(of: handle) != nil)
    #expect(blocks.free(handle) == .done)
    #expect(blocks.address(of: handle) == nil)
    #expect(blocks.free(handle) == .stale)
    let all = (0..<4).map { _ in blocks.allocate(1) }
    #expect(Set(all).count == 4)
    #expect(!all.contains(HandleBlocks<Handle32>.null))
    #expect(blocks.allocate(1) == HandleBlocks<Handle32>.null)
    #expect(blocks.free(handle) == .stale)
  }

  @Test("The literal scheme takes a freed block's handle until the block is used again")
  func literalTrap() throws {
    let pool = try pool(Handle32Literal.self, blocks: 4)
    let blocks = pool.makeLane(0).blocks
    let handle = blocks.allocate(1)
    #expect(blocks.free(handle) == .done)
    #expect(blocks.address(of: handle) != nil)
    // Freed twice without notice: two objects then share the block.
    #expect(blocks.free(handle) == .done)
    let (one, two) = (blocks.allocate(1), blocks.allocate(1))
    #expect(Handle32Literal.block(one) == Handle32Literal.block(two))
    #expect(blocks.address(of: handle) == nil)
  }

  @Test("Null and handles out of range are invalid, whatever their bits")
  func rangeChecks() throws {
    let pool = try pool(Handle32.self, blocks: 4)
    let wide = try self.pool(Handle64.self, blocks: 4)
    var random = SplitMix64(state: 3)
    let fixed: [UInt] = [0, 1, .max, 1 << 63, 1 << 28 | 4 << 12 | 1, 2 << 28 | 1]
    for handle in fixed + (0..<1000).map({ _ in UInt(random.next()) | 1 << 20 }) {
      #expect(pool.makeLane(0).blocks.address(of: handle) == nil)
      #expect(pool.makeLane(0).blocks.free(handle) != .done)
      #expect(wide.makeLane(0).blocks.address(of: handle) == nil)
      #expect(wide.makeLane(0).blocks.free(handle) != .done)
    }
  }

  @Test("A full pool spills to the next larger one, and refuses when all are full")
  func spills() throws {
    let pool = try HandlePool<Handle32, NoProbe>(least: 16, largest: 64, bytesPerPool: 64)
    var lane = pool.makeLane(0)
    var sizes: [Int] = []
    for _ in 0..<7 {
      let object = try obtained(lane.allocate(0, 0))
      sizes.append(lane.usableSize(lane.address(of: object), 0))
    }
    #expect(sizes == [16, 16, 16, 16, 32, 32, 64])
    let refused = try obtained(lane.allocate(16, 0))
    #expect(lane.isRefused(refused))
    lane.free(refused, 16)
    #expect(lane.allocate(65, 0) == nil)
    var (counts, none) = (PoolCounts(), PoolCounts())
    pool.list(into: &counts)
    try HandlePool<Handle32, NoProbe>(least: 16, largest: 64, bytesPerPool: 64).list(into: &none)
    var listed: [String: Int] = [:]
    counts.forEach(since: none) { listed[$0] = $1 }
    #expect(listed["pool.misses"] == 4)
    #expect(listed["larger.misses"] == 1)
    #expect(listed["pool.stale-frees"] == 0)
  }

  @Test("A reset ends all handles")
  func resets() throws {
    let pool = try pool(Handle32.self, blocks: 4)
    let blocks = pool.makeLane(0).blocks
    let handles = (0..<3).map { _ in blocks.allocate(1) }
    _ = blocks.free(handles[1])
    blocks.reset()
    for handle in handles { #expect(blocks.address(of: handle) == nil) }
    #expect(Set((0..<4).map { _ in blocks.allocate(1) }).count == 4)
  }

  @Test("The share of stale handles that is found is what the version's bits say")
  func detectionShare() throws {
    let pool = try HandlePool<Handle32, StaleProbe>(least: 4096, largest: 4096, bytesPerPool: 4096, stale: 1)
    var lane = pool.makeLane(0)
    for _ in 0..<2_000_000 {
      let object = try obtained(lane.allocate(1, 0))
      lane.free(object, 1)
    }
    var (counts, none) = (PoolCounts(), PoolCounts())
    pool.list(into: &counts)
    try HandlePool<Handle32, StaleProbe>(least: 4096, largest: 4096, bytesPerPool: 4096, stale: 1).list(into: &none)
    var listed: [String: Int] = [:]
    counts.forEach(since: none) { listed[$0] = $1 }
    let lookups = Double(listed["stale.lookups"] ?? 0)
    let missed = Double(listed["stale.missed"] ?? 0)
    #expect(lookups > 1_000_000)
    // One in 2^11, give or take five standard deviations.
    let expected = lookups / 2048
    #expect(abs(missed - expected) < 5 * expected.squareRoot())
  }

  @Test("More pools than a handle can tell apart are an error")
  func tooManyPools() {
    #expect(throws: PoolError.self) {
      _ = try HandlePool<Handle32, NoProbe>(least: 16, largest: 1 << 19, bytesPerPool: 1 << 19)
    }
  }
}
