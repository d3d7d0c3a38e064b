import CPlatform
import Testing

@testable import Engine

@Suite("Fixed pool")
struct FixedPoolTests {
  @Test("It hands out the object freed last first")
  func reusesLastFreedFirst() throws {
    let pool = try FixedPool.create(objectSize: 64)
    let objects = (0..<10).compactMap { _ in pool.allocate() }
    for index in [3, 7, 1] { pool.free(objects[index]) }
    #expect([1, 7, 3].allSatisfy { pool.allocate() == objects[$0] })
  }

  @Test("Fresh objects follow each other without gaps, to the end of a chunk")
  func carvesInOrder() throws {
    let pool = try FixedPool.create(objectSize: 48)
    let first = try obtained(pool.allocate())
    for index in 1..<SystemMemory.firstChunk / 48 { #expect(pool.allocate() == first + index * 48) }
  }

  @Test("A chunk is touched only as far as its objects are")
  func touchesNothingAhead() throws {
    let pool = try FixedPool.create(objectSize: 64)
    let first = try obtained(pool.allocate())
    #expect(residentPages(first, SystemMemory.firstChunk) == 0)
    first.storeBytes(of: 1, as: UInt8.self)
    #expect(residentPages(first, SystemMemory.firstChunk) == 1)
    let perPage = pb_page_size() / 64
    for _ in 0..<3 * perPage { pool.allocate()?.storeBytes(of: 1, as: UInt8.self) }
    #expect(residentPages(first, SystemMemory.firstChunk) == 4)
  }

  @Test("Nothing is mapped before the first object but one page a lane")
  func mapsLazily() throws {
    pb_limit_maps(1)
    defer { pb_limit_maps(-1) }
    let pool = try FixedPool(PoolConfiguration(lanes: 3, fixedSize: 64))
    #expect(pool.allocate() == nil)
    // A chunk and the table of chunks.
    pb_limit_maps(2)
    #expect(pool.allocate() != nil)
  }

  @Test(
    "Objects are aligned to the largest power of two in their size, up to a page",
    arguments: [(1, 8), (8, 8), (9, 16), (16, 16), (33, 16), (64, 64), (96, 32), (4096, 4096), (12_288, 4096)])
  func alignsNaturally(size: Int, alignment: Int) throws {
    let pool = try FixedPool.create(objectSize: size)
    for _ in 0..<40 {
      let object = try obtained(pool.allocate())
      #expect(UInt(bitPattern: object) % UInt(alignment) == 0)
    }
  }

  @Test("Objects skipped for an over-aligned one are handed out")
  func skippedObjectsAreUsed() throws {
    let pool = try FixedPool(PoolConfiguration(fixedSize: 48))
    var lane = pool.makeLane(0)
    let first = try obtained(lane.allocate(48, 0))
    let aligned = try obtained(lane.allocateAligned(48, 1024, 0))
    #expect(UInt(bitPattern: aligned) % 1024 == 0)
    #expect(pool.liveCount() == 2)
    let between = Set((0..<20).compactMap { _ in lane.allocate(48, 0) })
    #expect(between.count == 20)
    #expect(between.allSatisfy { $0 > first && $0 < aligned })
    #expect(pool.liveCount() == 22)
    // Freed, it serves the next such request.
    lane.free(aligned, 0)
    #expect(lane.allocateAligned(48, 1024, 0) == aligned)
    // What no object fits into is not counted as one: 16 bytes before each of these, over several chunks.
    for _ in 0..<300 { #expect(lane.allocateAligned(48, 1024, 0) != nil) }
    #expect(pool.liveCount() == 322)
  }

  @Test("It counts the objects in use")
  func countsLiveObjects() throws {
    let pool = try FixedPool.create(objectSize: 100)
    #expect(pool.liveCount() == 0)
    let objects = (0..<5_000).compactMap { _ in pool.allocate() }
    #expect(pool.liveCount() == 5_000)
    for object in objects.prefix(1_234) { pool.free(object) }
    #expect(pool.liveCount() == 5_000 - 1_234)
    pool.destroy()
  }

  @Test("A purge unmaps the chunks without objects and leaves the others alone")
  func purgeUnmapsIdleChunks() throws {
    let pool = try FixedPool.create(objectSize: 64)
    let count = 5 * SystemMemory.firstChunk / 64
    let objects = (0..<count).compactMap { _ in pool.allocate() }
    for object in objects { object.storeBytes(of: 7, as: UInt8.self) }
    // The first chunk keeps one object, the second all its; 64 and 128 KiB are full, 256 KiB was begun.
    let second = SystemMemory.firstChunk / 64
    for index in objects.indices where index > 0 && (index < second || index >= 3 * second) {
      pool.free(objects[index])
    }
    pool.purge()
    #expect(pool.liveCount() == 1 + 2 * second)
    #expect(objects[0].load(as: UInt8.self) == 7)
    #expect(objects[second..<3 * second].allSatisfy { $0.load(as: UInt8.self) == 7 })
    // What is left of the first chunk is used up before another is mapped.
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    #expect((1..<second).allSatisfy { _ in pool.allocate() != nil })
    #expect(pool.allocate() == nil)
  }

  @Test("A pool that has been emptied and purged starts again")
  func purgeOfAnEmptyPool() throws {
    let pool = try FixedPool.create(objectSize: 32)
    for _ in 0..<3 {
      let objects = (0..<10_000).compactMap { _ in pool.allocate() }
      #expect(objects.count == 10_000)
      for object in objects { pool.free(object) }
      pool.purge()
      #expect(pool.liveCount() == 0)
    }
  }

  @Test("Mixed sizes are refused before anything runs")
  func refusesMixedSizes() {
    #expect(throws: PoolError.unsupported("serves requests of one size only")) {
      _ = try FixedPool(PoolConfiguration())
    }
    #expect(throws: PoolError.outOfMemory(bytes: .max)) { _ = try FixedPool(PoolConfiguration(fixedSize: .max)) }
  }

  @Test("A held lane takes the free list along and gives back what it has become")
  func holdsItsList() throws {
    let pool = try FixedPool(PoolConfiguration(fixedSize: 64))
    var lane = pool.makeLane(0)
    let objects = try (0..<6).map { _ in try obtained(lane.allocate(64, 0)) }
    for object in objects.prefix(3) { lane.free(object, 0) }
    var held = lane.hold()
    #expect(held.allocate(64, 0) == objects[2])
    held.free(objects[5], 0)
    held.free(objects[4], 0)
    lane.putBack(held)
    #expect(pool.liveCount() == 2)
    #expect([4, 5, 1, 0].allSatisfy { lane.allocate(64, 0) == objects[$0] })
    #expect(pool.liveCount() == 6)
  }

  @Test("Debug builds notice an object that is freed twice in a row")
  func doubleFree() async {
    await #expect(processExitsWith: .failure) {
      let pool = try FixedPool.create(objectSize: 64)
      let object = try obtained(pool.allocate())
      pool.free(object)
      pool.free(object)
    }
  }

  @Test("Lanes have nothing in common")
  func lanesAreApart() throws {
    let pool = try FixedPool(PoolConfiguration(lanes: 2, fixedSize: 64))
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    let object = try obtained(first.allocate(64, 0))
    first.free(object, 0)
    let other = try obtained(second.allocate(64, 0))
    #expect(other != object)
    #expect(abs(other - object) >= SystemMemory.firstChunk)
  }
}
