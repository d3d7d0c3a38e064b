import CPlatform
import Foundation
import Testing
import Workload

@testable import Engine

@Suite("Arenas")
struct ArenasTests {
  private func configuration(max: Int, lanes: Int) -> PoolConfiguration {
    PoolConfiguration(subject: Subject(.arenas, options: [.init(.max, "\(max)")]), lanes: lanes)
  }

  /// Attaches all lanes and returns the arena of each.
  private func attachAll(_ pool: borrowing ArenasPool, _ lanes: Int) throws -> [Arena] {
    try (0..<lanes).map { index in
      var lane = pool.makeLane(index)
      lane.attach()
      return try #require(pool.thread(index).arena)
    }
  }

  // MARK: The limit

  @Test("No more arenas are made than the limit says; the main one counts", arguments: [1, 2, 3, 5, 12])
  func limit(most: Int) throws {
    let pool = try ArenasPool(configuration(max: most, lanes: 16))
    let arenas = try attachAll(pool, 16)
    #expect(pool.register.arenaCount == most)
    #expect(Set(arenas.map(\.raw)).count == most)
    #expect(try figures(of: pool)["register.created"] == most - 1)
    // The first threads get one of their own each, the main arena comes to those after them.
    #expect(Set(arenas.prefix(most - 1).map(\.raw)).count == most - 1)
    #expect(!arenas.prefix(most - 1).contains(pool.register.main))
    #expect(arenas[most - 1] == pool.register.main)
  }

  @Test(
    "Without a limit there are eight for each processor, but nine before that is asked",
    arguments: [(1, 9), (2, 16), (4, 32)])
  func standardLimit(processors: Int, count: Int) throws {
    let pool = try ArenasPool(PoolConfiguration(lanes: 40), processors: processors)
    _ = try attachAll(pool, 40)
    #expect(pool.register.arenaCount == count)
  }

  @Test("At the limit arenas come in turn, past those whose lock is taken")
  func inTurn() throws {
    let pool = try ArenasPool(configuration(max: 2, lanes: 6))
    let arenas = try attachAll(pool, 4)
    let (created, main) = (arenas[0], pool.register.main)
    #expect(arenas == [created, main, created, main])
    created.acquire()
    defer { created.release() }
    var fifth = pool.makeLane(4)
    fifth.attach()
    #expect(pool.thread(4).arena == main)
  }

  // MARK: Threads

  @Test("A thread stays with its arena however long it has to wait for it")
  func sticky() throws {
    let pool = try ArenasPool(configuration(max: 3, lanes: 2))
    let arena = try attachAll(pool, 2)[0]
    arena.acquire()
    struct Shared: @unchecked Sendable { let thread: ArenaThread }
    let shared = Shared(thread: pool.thread(0))
    let allocated = DispatchSemaphore(value: 0)
    let thread = Thread {
      var lane = ArenasLane(thread: shared.thread)
      for size in [100, 2000, 60_000] {
        if let object = lane.allocate(size, 0), ArenaHeap(of: object).arena == shared.thread.arena {
          lane.free(object, size)
        }
      }
      allocated.signal()
    }
    thread.start()
    let waited = allocated.wait(timeout: .now() + .milliseconds(50)) == .timedOut
    arena.release()
    if waited { allocated.wait() }
    #expect(waited, "the thread did not wait for its arena")
    #expect(pool.thread(0).arena == arena)
    #expect(try figures(of: pool)["arena.lock-waits"] ?? 0 > 0)
    #expect(try figures(of: pool)["arena.frees"] ?? 0 > 0)
  }

  @Test("An arena that its last thread has left goes to the next one that comes")
  func reusesLeftArenas() throws {
    let pool = try ArenasPool(configuration(max: 8, lanes: 3))
    let arenas = try attachAll(pool, 2)
    var first = pool.makeLane(0)
    let object = try obtained(first.allocate(5000, 0))
    first.free(object, 0)
    first.detach()
    #expect(pool.thread(0).arena == nil)
    var third = pool.makeLane(2)
    third.attach()
    #expect(pool.thread(2).arena == arenas[0])
    #expect(pool.register.arenaCount == 3)
    #expect(try figures(of: pool)["register.from-free-list"] == 1)
    // And with it what is free in it.
    #expect(third.allocate(5000, 0) == object)
  }

  @Test("An arena that one of two threads has left is not free")
  func sharedArenaStays() throws {
    let pool = try ArenasPool(configuration(max: 2, lanes: 5))
    let arenas = try attachAll(pool, 3)
    var (first, third) = (pool.makeLane(0), pool.makeLane(2))
    first.detach()
    var fourth = pool.makeLane(3)
    fourth.attach()
    #expect(pool.thread(3).arena == pool.register.main)
    #expect(try figures(of: pool)["register.from-free-list"] == 0)
    third.detach()
    var fifth = pool.makeLane(4)
    fifth.attach()
    #expect(pool.thread(4).arena == arenas[0])
    #expect(try figures(of: pool)["register.from-free-list"] == 1)
  }

  @Test("Without memory for a heap of its own a thread shares one, and leaves the main arena if that has none either")
  func sharesWithoutMemory() throws {
    let pool = try ArenasPool(configuration(max: 8, lanes: 2))
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    first.attach()
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    second.attach()
    #expect(pool.thread(1).arena == pool.register.main)
    #expect(pool.register.arenaCount == 2)
    // The first thread's arena has some of its first heap left.
    let object = try obtained(second.allocate(5000, 0))
    #expect(ArenaHeap(of: object).arena == pool.thread(0).arena)
    #expect(pool.thread(1).arena == pool.thread(0).arena)
    #expect(first.allocate(100_000_000, 0) == nil)
  }

  @Test("What a thread's own arena has no memory for the main one serves, and the thread stays")
  func retriesInMain() throws {
    let pool = try ArenasPool(configuration(max: 2, lanes: 2))
    let arenas = try attachAll(pool, 2)
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    #expect(arenas[1] == pool.register.main)
    second.free(try obtained(second.allocate(60_000, 0)), 0)
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    var owners: [Arena] = []
    while let object = first.allocate(50_000, 0) { owners.append(ArenaHeap(of: object).arena) }
    #expect(owners.last == pool.register.main)
    #expect(owners.first == arenas[0])
    #expect(pool.thread(0).arena == arenas[0])
    pb_limit_maps(-1)
    #expect(try figures(of: pool)["thread.retries"] ?? 0 > 0)
  }

  @Test("What another thread frees goes back to the arena that it is of")
  func foreignFrees() throws {
    let pool = try ArenasPool(configuration(max: 8, lanes: 2))
    var (producer, consumer) = (pool.makeLane(0), pool.makeLane(1))
    producer.attach()
    consumer.attach()
    let objects = try (0..<10).map { _ in try obtained(producer.allocate(5000, 0)) }
    for object in objects { consumer.free(object, 0) }
    #expect(try figures(of: pool)["thread.foreign-frees"] == 10)
    #expect(producer.allocate(5000, 0) == objects[0])
    #expect(consumer.allocate(5000, 0).map { ArenaHeap(of: $0).arena } == pool.thread(1).arena)
  }

  // MARK: The thread's cache

  @Test("Sixteen objects of a size stay with the thread, the others go to the arena")
  func cacheLimit() throws {
    let pool = try ArenasPool(configuration(max: 1, lanes: 1))
    var lane = pool.makeLane(0)
    lane.attach()
    let objects = try (0..<20).map { _ in try obtained(lane.allocate(64, 0)) }
    for object in objects { lane.free(object, 0) }
    #expect(pool.thread(0).cachedObjects(64) == 16)
    #expect(try figures(of: pool)["thread.overflows"] == 4)
    #expect((0..<16).reversed().allSatisfy { lane.allocate(64, 0) == objects[$0] })
    for object in objects[..<16] { lane.free(object, 0) }
    lane.detach()
    #expect(pool.thread(0).cachedObjects(64) == 0)
    #expect(try figures(of: pool)["arena.frees"] == 20)
  }

  @Test("A request that an exact chunk serves takes others of its size into the thread's cache")
  func stashing() throws {
    let pool = try ArenasPool(configuration(max: 1, lanes: 1))
    var lane = pool.makeLane(0)
    lane.attach()
    // Every second one, so that they do not merge; 16 go to the cache, 24 to the arena.
    let objects = try (0..<80).map { _ in try obtained(lane.allocate(64, 0)) }
    for index in stride(from: 0, to: 80, by: 2) { lane.free(objects[index], 0) }
    for _ in 0..<16 { _ = lane.allocate(64, 0) }
    #expect(pool.thread(0).cachedObjects(64) == 0)
    #expect(lane.allocate(64, 0) != nil)
    #expect(pool.thread(0).cachedObjects(64) == 16)
    #expect(try figures(of: pool)["bins.stashed"] == 16)
  }

  @Test("Objects above 1,032 bytes are not cached", arguments: [(1032, 1), (1033, 0)])
  func cachedSizes(size: Int, cached: Int) throws {
    let pool = try ArenasPool(configuration(max: 1, lanes: 1))
    var lane = pool.makeLane(0)
    lane.attach()
    lane.free(try obtained(lane.allocate(size, 0)), 0)
    #expect(try figures(of: pool)["thread.overflows"] == 1 - cached)
  }

  // MARK: Misuse

  private static func withOneLane(_ body: (inout ArenasLane) -> Void) throws {
    let pool = try ArenasPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    lane.attach()
    body(&lane)
  }

  @Test("An object that is freed twice while in the thread's cache ends the process")
  func doubleFreeInCache() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try Self.withOneLane { lane in
        let objects = (0..<3).compactMap { _ in lane.allocate(64, 0) }
        for index in [0, 1, 2, 0] { lane.free(objects[index], 0) }
      }
    }
  }

  @Test("What looks like a freed object but is not in the cache is freed")
  func keyByChance() throws {
    try Self.withOneLane { lane in
      guard let object = lane.allocate(64, 0) else { return }
      lane.free(object, 0)
      let key = object.load(fromByteOffset: 8, as: UInt.self)
      #expect(lane.allocate(64, 0) == object)
      #expect(object.load(fromByteOffset: 8, as: UInt.self) == 0)
      object.storeBytes(of: key, toByteOffset: 8, as: UInt.self)
      lane.free(object, 0)
      #expect(lane.allocate(64, 0) == object)
    }
  }

  @Test("A large object that is freed twice ends the process")
  func doubleFreeInArena() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try Self.withOneLane { lane in
        let objects = (0..<3).compactMap { _ in lane.allocate(5000, 0) }
        lane.free(objects[1], 0)
        lane.free(objects[1], 0)
      }
    }
  }

  @Test("A pointer that is not aligned ends the process")
  func misaligned() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try Self.withOneLane { lane in
        if let object = lane.allocate(64, 0) { lane.free(object + 8, 0) }
      }
    }
  }
}
