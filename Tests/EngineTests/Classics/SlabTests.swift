import CPlatform
import Glibc
import Testing

@testable import Engine

@Suite("Slab")
struct SlabTests {
  // MARK: Constants

  @Test(
    "Sizes go to the least of kmalloc's caches that holds them",
    arguments: [
      (1, 8), (8, 8), (9, 16), (17, 32), (33, 64), (64, 64), (65, 96), (96, 96), (97, 128), (129, 192), (192, 192),
      (193, 256), (257, 512), (1025, 2048), (4096, 4096), (8192, 8192),
    ])
  func sizes(request: Int, object: Int) throws {
    #expect(SlabSizes.objectSize(SlabSizes.index(fitting: request)) == object)
    let pool = try SlabPool<SheafFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    let pointer = try obtained(lane.allocate(request, 0))
    #expect(lane.usableSize(pointer, request) == object)
  }

  @Test(
    "A slab has room for 4 · (⌊log₂ n⌋ + 2) objects where three doublings of a page allow",
    arguments: [
      (8, 1, 0), (96, 1, 0), (192, 1, 0), (256, 1, 0), (512, 1, 0), (1024, 1, 1), (2048, 1, 2), (4096, 1, 3),
      (8192, 1, 3), (192, 64, 1), (512, 64, 2), (1024, 64, 3), (2048, 64, 3),
    ])
  func orders(size: Int, processors: Int, order: Int) {
    #expect(SlabSizes.order(objectSize: size, processors: processors) == order)
  }

  @Test("What a cache and a lane keep follows from the object's size")
  func targets() {
    #expect([8, 1024, 4096, 8192].map(SlabSizes.leastPartial) == [5, 5, 6, 6])
    #expect(SlabSizes.lanePartialSlabs(64, objects: 64) == 4)  // 120 objects in half-free slabs of 64
    #expect(SlabSizes.lanePartialSlabs(256, objects: 16) == 7)  // 52
    #expect(SlabSizes.lanePartialSlabs(1024, objects: 8) == 6)  // 24
    #expect(SlabSizes.lanePartialSlabs(4096, objects: 8) == 2)  // 6
    #expect([8, 255, 256, 1024, 4096].map { Sheaf.capacity(bytes: SlabSizes.sheafBytes($0)) } == [60, 60, 28, 12, 4])
  }

  @Test("The counters of a slab keep objects, use and frozenness apart")
  func counters() {
    var counters = SlabCounters(inUse: 512, objects: 512, frozen: true)
    counters.inUse -= 1
    #expect(counters == SlabCounters(inUse: 511, objects: 512, frozen: true))
    counters.isFrozen = false
    counters.inUse = 0
    #expect(counters == SlabCounters(inUse: 0, objects: 512, frozen: false))
  }

  // MARK: Both fronts

  @Test("Nothing is a sentinel, freed without effect")
  func empties() throws {
    func check<Front: SlabFront>(_ front: Front.Type) throws {
      let pool = try SlabPool<Front>(PoolConfiguration())
      var lane = pool.makeLane(0)
      let sentinel = try obtained(lane.allocate(0, 0))
      #expect(UInt(bitPattern: sentinel) == 16)
      lane.free(sentinel, 0)
      #expect(lane.allocate(0, 0) == sentinel)
      let grown = try obtained(lane.resize(sentinel, from: 0, to: 10, 0))
      #expect(lane.usableSize(grown, 10) == 16)
      lane.free(grown, 10)
    }
    try check(ClassicFront.self)
    try check(SheafFront.self)
  }

  @Test("Powers of two are aligned to themselves, what is above two pages comes in pages")
  func alignment() throws {
    let pool = try SlabPool<ClassicFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    for power in 3...22 {
      for _ in 0..<9 {
        let object = try obtained(lane.allocate(1 << power, 0))
        #expect(UInt(bitPattern: object) % (1 << UInt(power)) == 0)
        #expect(lane.usableSize(object, 0) == 1 << power)
      }
    }
    #expect(lane.allocate((4 << 20) + 1, 0) == nil)
  }

  @Test("A resize stays in place while the object fits, however little of it is left")
  func resize() throws {
    let pool = try SlabPool<SheafFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocate(3000, 0))
    #expect(lane.resize(object, from: 3000, to: 4096, 0) == object)
    #expect(lane.resize(object, from: 4096, to: 8, 0) == object)
    object.storeBytes(of: 77, as: UInt8.self)
    let moved = try obtained(lane.resize(object, from: 8, to: 4097, 0))
    #expect(moved != object)
    #expect(moved.load(as: UInt8.self) == 77)
  }

  @Test("One object pins its slab; with the last of them the pages go")
  func pinning() throws {
    func check<Front: SlabFront>(_ front: Front.Type) throws {
      let pool = try SlabPool<Front>(PoolConfiguration())
      var lane = pool.makeLane(0)
      let perSlab = 4096 / 256
      let slabs = 100
      let objects = try (0..<slabs * perSlab).map { _ in try obtained(lane.allocate(256, 0)) }
      let kept = objects.filter { UInt(bitPattern: $0) % 4096 == 0 }
      for object in objects where UInt(bitPattern: object) % 4096 != 0 { lane.free(object, 0) }
      pool.purge()
      #expect(kept.count >= slabs)
      #expect(pagesInUse(pool.zone) == kept.count)
      for object in kept { lane.free(object, 0) }
      lane.detach()
      // Full sheaves in the barn may pin slabs still.
      let cache = pool.cache(fitting: 256)
      if Front.self == ClassicFront.self { #expect(cache.pointee.partialCount <= cache.pointee.leastPartial) }
      #expect(pagesInUse(pool.zone) >= cache.pointee.partialCount)
      pool.purge()
      #expect(pagesInUse(pool.zone) == 0)
      #expect(pool.zone.largestFreeOrder == 10)
    }
    try check(ClassicFront.self)
    try check(SheafFront.self)
  }

  private func pagesInUse(_ zone: BuddyZone) -> Int {
    zone.grownBytes / FrameMap.pageSize - (0...BuddyZone.largestOrder).reduce(0) { $0 + zone.freeBlocks($1) << $1 }
  }

  @Test("Where no slab of several pages is to be had, one of fewer will do")
  func smallerSlabs() throws {
    let pool = try SlabPool<ClassicFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    pb_limit_maps(1)
    defer { pb_limit_maps(-1) }
    // All pages but every second one: no block of two is free.
    var pages = [lane.allocate(4 << 20, 0)].compactMap { $0 }
    #expect(pages.count == 1)
    lane.free(pages.removeLast(), 0)
    pages = (0..<1024).compactMap { _ in pool.zone.locked { pool.zone.take(0) }.map(pool.zone.map.address(of:)) }
    #expect(pages.count == 1024)
    for page in pages where UInt(bitPattern: page) % 8192 == 0 {
      pool.zone.locked { pool.zone.put(pool.zone.map.frame(of: page), 0) }
    }
    // Slabs of 1,024 bytes have two pages if they can.
    let object = try obtained(lane.allocate(1024, 0))
    #expect(pool.zone.map.frame(of: object).order == 0)
    #expect(lane.allocate(8192, 0) == nil)
  }

  // MARK: Classic

  @Test("A free object's link is in its middle, and nothing else of it changes")
  func linkInTheMiddle() throws {
    let pool = try SlabPool<ClassicFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocate(192, 0))
    memset(object, 7, 192)
    lane.free(object, 0)
    let changed = (0..<192).filter { object.load(fromByteOffset: $0, as: UInt8.self) != 7 }
    #expect(!changed.isEmpty && changed.allSatisfy { (96..<104).contains($0) })
  }

  @Test("What others free to a lane's slab serves the lane when its own list is empty")
  func returnsToOwner() throws {
    let pool = try SlabPool<ClassicFront>(PoolConfiguration(lanes: 2))
    var (owner, other) = (pool.makeLane(0), pool.makeLane(1))
    // With two lanes a slab still holds 16 of 256 bytes.
    let objects = try (0..<16).map { _ in try obtained(owner.allocate(256, 0)) }
    for object in objects { other.free(object, 0) }
    #expect(try figures(of: pool)["lane.frozen-frees"] == 16)
    let again = try (0..<16).map { _ in try obtained(owner.allocate(256, 0)) }
    #expect(Set(again) == Set(objects))
    #expect(again.first == objects.last)
    #expect(try figures(of: pool)["lane.own-returns"] == 1)
    #expect(try figures(of: pool)["cache.new-slabs"] == 1)
  }

  @Test("A lane that frees into a full slab takes it for itself")
  func takesFullSlabs() throws {
    let pool = try SlabPool<ClassicFront>(PoolConfiguration(lanes: 2))
    var (owner, other) = (pool.makeLane(0), pool.makeLane(1))
    let objects = try (0..<17).map { _ in try obtained(owner.allocate(256, 0)) }
    other.free(objects[3], 0)
    other.free(objects[5], 0)
    #expect(try figures(of: pool)["lane.full-frees"] == 1)
    #expect(try figures(of: pool)["lane.frozen-frees"] == 1)
    #expect([5, 3].allSatisfy { other.allocate(256, 0) == objects[$0] })
    let seen = try figures(of: pool)
    #expect(seen["cache.new-slabs"] == 2)
    // Each miss is served once: two by new slabs, the third by the one that was taken.
    #expect(seen["lane.own-returns"] == 0)
    #expect(seen["lane.partials"] == 1)
    #expect(seen["cache.requests"] == 2)
  }

  @Test("Partial slabs beyond the lane's share go to the cache, empty ones beyond its least to the pages")
  func spills() throws {
    let pool = try SlabPool<ClassicFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    let objects = try (0..<16 * 40).map { _ in try obtained(lane.allocate(256, 0)) }
    for object in objects { lane.free(object, 0) }
    let seen = try figures(of: pool)
    let share = pool.cache(fitting: 256).pointee.lanePartialSlabs
    // 40 slabs were full but for the lane's own: each is taken by its first free, and eight make a spill.
    #expect(seen["lane.full-frees"] == 39)
    #expect(seen["lane.spills"] == (39 - 1) / share)
    #expect(seen["cache.discarded-slabs"] ?? 0 > 0)
  }

  // MARK: Sheaves

  @Test("Free objects in sheaves are not touched")
  func untouched() throws {
    let pool = try SlabPool<SheafFront>(PoolConfiguration())
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocate(192, 0))
    memset(object, 7, 192)
    lane.free(object, 0)
    #expect((0..<192).allSatisfy { object.load(fromByteOffset: $0, as: UInt8.self) == 7 })
    #expect(lane.allocate(192, 0) == object)
  }

  @Test("Full sheaves travel from the lane that frees to the one that allocates")
  func barn() throws {
    let pool = try SlabPool<SheafFront>(PoolConfiguration(lanes: 2))
    var (producer, consumer) = (pool.makeLane(0), pool.makeLane(1))
    var addresses: Set<UnsafeMutableRawPointer> = []
    for _ in 0..<50_000 {
      let object = try obtained(producer.allocate(64, 0))
      addresses.insert(object)
      consumer.free(object, 0)
    }
    // Two sheaves with each lane.
    #expect(addresses.count <= 5 * 60)
    let seen = try figures(of: pool)
    #expect(seen["barn.exchanges"] ?? 0 > 1_000)
    #expect(seen["cache.flushes"] == 0)
  }

  @Test("The barn keeps ten full sheaves; what is more goes to the slabs")
  func fullBarn() throws {
    let pool = try SlabPool<SheafFront>(PoolConfiguration(lanes: 2))
    var (producer, consumer) = (pool.makeLane(0), pool.makeLane(1))
    let objects = try (0..<60 * 20).map { _ in try obtained(producer.allocate(64, 0)) }
    for object in objects { consumer.free(object, 0) }
    // Twenty sheaves: ten in the barn, two with the consumer.
    let seen = try figures(of: pool)
    #expect(seen["barn.exchanges"] == 10)
    #expect(seen["cache.flushes"] == 8)
  }
}
