import CPlatform
import Testing

@testable import Engine

@Suite("Shared fixed pool")
struct FixedSharedPoolTests {
  @Test("It hands out the object freed last first")
  func reusesLastFreedFirst() throws {
    let pool = try FixedSharedPool(PoolConfiguration(fixedSize: 64))
    var lane = pool.makeLane(0)
    let objects = (0..<10).compactMap { _ in lane.allocate(64, 0) }
    for index in [3, 7, 1] { lane.free(objects[index], 0) }
    #expect([1, 7, 3].allSatisfy { lane.allocate(64, 0) == objects[$0] })
  }

  @Test("Free objects are not written to, nor are those not handed out yet")
  func leavesFreeObjectsAlone() throws {
    let pool = try FixedSharedPool(PoolConfiguration(fixedSize: 4096))
    var lane = pool.makeLane(0)
    let first = try obtained(lane.allocate(4096, 0))
    #expect(residentPages(first, SystemMemory.firstChunk) == 0)
    lane.free(first, 0)
    #expect(residentPages(first, SystemMemory.firstChunk) == 0)
  }

  @Test("What one lane frees serves another after at most two magazines")
  func objectsTravel() throws {
    let pool = try FixedSharedPool(PoolConfiguration(lanes: 2, fixedSize: 64))
    var (producer, consumer) = (pool.makeLane(0), pool.makeLane(1))
    var addresses: Set<UnsafeMutableRawPointer> = []
    for _ in 0..<20_000 {
      let object = try obtained(producer.allocate(64, 0))
      addresses.insert(object)
      consumer.free(object, 0)
    }
    #expect(addresses.count <= 4 * Magazine.largestCapacity + 2)
    #expect(pool.liveCount() == 0)
  }

  @Test("A lane at a magazine's edge does not go to the depot each time")
  func noThrashing() throws {
    let pool = try FixedSharedPool(PoolConfiguration(lanes: 2, fixedSize: 64))
    var (lane, other) = (pool.makeLane(0), pool.makeLane(1))
    let objects = (0..<Magazine.largestCapacity).compactMap { _ in lane.allocate(64, 0) }
    for object in objects { lane.free(object, 0) }
    // The loaded magazine is full: of two objects more, one needs the second magazine.
    let extra = try (0..<2).map { _ in try obtained(other.allocate(64, 0)) }
    for object in extra { lane.free(object, 0) }
    other.detach()
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    for _ in 0..<100 {
      let taken = try (0..<4).map { _ in try obtained(lane.allocate(64, 0)) }
      for object in taken.reversed() { lane.free(object, 0) }
      #expect(taken.prefix(2) == [extra[1], extra[0]])
    }
  }

  @Test("Big objects are hoarded by twos")
  func bigObjectsHaveSmallMagazines() throws {
    let pool = try FixedSharedPool(PoolConfiguration(lanes: 2, fixedSize: 1 << 20))
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    let objects = try (0..<8).map { _ in try obtained(first.allocate(1 << 20, 0)) }
    for object in objects { first.free(object, 0) }
    // Two magazines of two stay with the first lane.
    let taken = Set(try (0..<4).map { _ in try obtained(second.allocate(1 << 20, 0)) })
    #expect(taken.isSubset(of: Set(objects)))
  }

  @Test("A free succeeds when there is no memory for a magazine")
  func freeNeverFails() throws {
    let pool = try FixedSharedPool(PoolConfiguration(lanes: 2, fixedSize: 1 << 20))
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    // More objects than the first lane's magazines have carried: each magazine of two is given on at once.
    let count = 400
    let objects = try (0..<count).map { _ in try obtained(first.allocate(1 << 20, 0)) }
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    for object in objects { second.free(object, 0) }
    #expect(pool.liveCount() == 0)
    let again = Set(try (0..<count).map { _ in try obtained(second.allocate(1 << 20, 0)) })
    #expect(again == Set(objects))
  }

  @Test("It counts the objects in use, wherever the free ones are")
  func countsLiveObjects() throws {
    let pool = try FixedSharedPool(PoolConfiguration(lanes: 2, fixedSize: 100))
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    let objects = (0..<5_000).compactMap { _ in first.allocate(100, 0) }
    #expect(pool.liveCount() == 5_000)
    for object in objects.prefix(1_000) { first.free(object, 0) }
    for object in objects.suffix(234) { second.free(object, 0) }
    #expect(pool.liveCount() == 5_000 - 1_234)
    first.detach()
    second.detach()
    #expect(pool.liveCount() == 5_000 - 1_234)
  }

  @Test("A purge unmaps the chunks without objects and leaves the others alone")
  func purgeUnmapsIdleChunks() throws {
    let pool = try FixedSharedPool(PoolConfiguration(fixedSize: 4096))
    var lane = pool.makeLane(0)
    let perChunk = SystemMemory.firstChunk / 4096
    let objects = (0..<3 * perChunk).compactMap { _ in lane.allocate(4096, 0) }
    for object in objects { object.storeBytes(of: 7, as: UInt8.self) }
    // The first chunk keeps one object, the second, of twice the size, none.
    for object in objects.dropFirst() { lane.free(object, 0) }
    pool.purge()
    #expect(pool.liveCount() == 1)
    #expect(objects[0].load(as: UInt8.self) == 7)
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    let left = Set((1..<perChunk).compactMap { _ in lane.allocate(4096, 0) })
    #expect(left == Set(objects[1..<perChunk]))
    #expect(lane.allocate(4096, 0) == nil)
  }

  @Test("Over-aligned objects come from any lane, and what they skip is used")
  func overAligned() throws {
    let pool = try FixedSharedPool(PoolConfiguration(fixedSize: 48))
    var lane = pool.makeLane(0)
    var objects: Set<UnsafeMutableRawPointer> = []
    for _ in 0..<200 {
      let object = try obtained(lane.allocateAligned(48, 512, 0))
      #expect(UInt(bitPattern: object) % 512 == 0)
      objects.insert(object)
      objects.insert(try obtained(lane.allocate(48, 0)))
    }
    #expect(objects.count == 400)
    #expect(pool.liveCount() == 400)
    for object in objects { lane.free(object, 0) }
    #expect(pool.liveCount() == 0)
  }

  @Test("Over-aligned objects so big that a chunk holds one need one chunk each")
  func overAlignedAndBig() throws {
    let size = SystemMemory.largestChunk + 16
    let pool = try FixedSharedPool(PoolConfiguration(fixedSize: size))
    var lane = pool.makeLane(0)
    _ = try obtained(lane.allocate(size, 0))
    let before = pb_thread_mapped()
    let object = try obtained(lane.allocateAligned(size, 1024, 0))
    #expect(UInt(bitPattern: object) % 1024 == 0)
    #expect(pb_thread_mapped() - before <= size + pb_page_size())
  }

  @Test("A stack of magazines is last-in first-out and survives threads that take and give back")
  func magazineStack() throws {
    let count = 64
    let memory = try obtained(pb_map(count * Magazine.bytes, false))
    defer { pb_unmap(memory, count * Magazine.bytes) }
    let stacks = try obtained(pb_map(64, false)).bindMemory(to: MagazineStack.self, capacity: 1)
    defer { pb_unmap(stacks, 64) }
    stacks.initialize(to: MagazineStack())
    for index in 0..<count { stacks.pointee.push(Magazine(base: memory + index * Magazine.bytes)) }
    #expect(stacks.pointee.pop()?.base == memory + (count - 1) * Magazine.bytes)
    stacks.pointee.push(Magazine(base: memory + (count - 1) * Magazine.bytes))
    struct Shared: @unchecked Sendable { let stack: UnsafeMutablePointer<MagazineStack> }
    let shared = Shared(stack: stacks)
    onThreads(4) { thread in
      for round in 0..<5_000 {
        var taken: [Magazine] = []
        for _ in 0..<(thread + round) % 4 + 1 {
          guard let magazine = shared.stack.pointee.pop() else { continue }
          // Whoever else had it at the same time would write another number.
          magazine.storedTop = magazine.base + thread
          taken.append(magazine)
        }
        for magazine in taken {
          precondition(magazine.storedTop == magazine.base + thread, "two threads took one magazine")
          shared.stack.pointee.push(magazine)
        }
      }
    }
    var found: Set<UnsafeMutableRawPointer> = []
    while let magazine = stacks.pointee.pop() { found.insert(magazine.base) }
    #expect(found == Set((0..<count).map { memory + $0 * Magazine.bytes }))
  }
}
