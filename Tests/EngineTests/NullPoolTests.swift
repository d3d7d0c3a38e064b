import CPlatform
import Testing

@testable import Engine

@Suite("Null pool")
struct NullPoolTests {
  @Test("Every request gets the same memory, big enough for the largest")
  func handsOutTheSame() throws {
    var configuration = PoolConfiguration()
    configuration.lanes = 2
    configuration.largestSize = 100_000
    configuration.largestAlignment = 1 << 14
    let pool = try NullPool(configuration)
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    let object = try obtained(first.allocate(1, 0))
    #expect(first.allocate(100_000, 0) == object)
    #expect(first.allocateZeroed(8, 0) == object)
    #expect(first.allocateAligned(8, 1 << 14, 0) == object)
    #expect(UInt(bitPattern: object) % (1 << 14) == 0)
    #expect(first.resize(object, from: 1, to: 100_000, 0) == object)
    object.initializeMemory(as: UInt8.self, repeating: 1, count: 100_000)
    first.free(object, 0)
    let other = try obtained(second.allocate(8, 0))
    #expect(abs(other - object) >= 100_000)
    other.initializeMemory(as: UInt8.self, repeating: 2, count: 100_000)
  }

  @Test("Its memory is resident from the start as far as that makes sense")
  func isResident() throws {
    var configuration = PoolConfiguration()
    configuration.largestSize = 40_000
    let pool = try NullPool(configuration)
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocate(1, 0))
    #expect(residentPages(object, 40_000) == (40_000 + pb_page_size() - 1) / pb_page_size())
    configuration.largestSize = 1 << 30
    let large = try NullPool(configuration)
    var largeLane = large.makeLane(0)
    let buffer = try obtained(largeLane.allocate(1, 0))
    #expect(residentPages(buffer, 1 << 30) == 256 << 10 / pb_page_size())
  }

  @Test("The bulk form differs in ending scopes alone")
  func bulk() throws {
    #expect(!NullLane.endsScopesInBulk)
    #expect(NullBulkLane.endsScopesInBulk)
    let pool = try NullBulkPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    #expect(lane.allocate(1, 0) == lane.allocate(64, 0))
  }

  @Test("Without memory it says so")
  func outOfMemory() {
    var configuration = PoolConfiguration()
    configuration.largestSize = .max
    #expect(throws: PoolError.outOfMemory(bytes: .max)) { _ = try NullPool(configuration) }
  }
}
