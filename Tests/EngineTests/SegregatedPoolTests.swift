import CPlatform
import Testing

@testable import Engine

@Suite("Segregated pools")
struct SegregatedPoolTests {
  @Test("A resize within a class stays in place, one beyond it moves")
  func resizesInPlace() throws {
    let pool = try SegregatedPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocate(1025, 0))
    #expect(lane.usableSize(object, 1025) == 1152)
    #expect(lane.resize(object, from: 1025, to: 1152, 0) == object)
    let moved = try obtained(lane.resize(object, from: 1152, to: 1153, 0))
    #expect(moved != object)
    #expect(lane.allocate(1100, 0) == object)
  }

  @Test("Large objects are mapped one by one and go when they are freed")
  func largeObjects() throws {
    let pool = try SegregatedPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let before = pb_thread_mapped()
    let object = try obtained(lane.allocate(SizeClasses.largest + 1, 0))
    #expect(lane.usableSize(object, SizeClasses.largest + 1) < SizeClasses.largest + pb_page_size())
    #expect(pb_thread_mapped() - before == SizeClasses.largest + pb_page_size())
    let larger = try obtained(lane.resize(object, from: SizeClasses.largest + 1, to: 1 << 20, 0))
    #expect(pb_thread_mapped() - before == 1 << 20 + pb_page_size())
    lane.free(larger, 1 << 20)
    #expect(pb_thread_mapped() == before)
  }

  @Test("A zeroed object is zero though its memory was used before")
  func zeroesUsedMemory() throws {
    let pool = try SegregatedPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    let object = try obtained(lane.allocate(100, 0))
    object.initializeMemory(as: UInt8.self, repeating: 0xFF, count: 100)
    lane.free(object, 100)
    let again = try obtained(lane.allocateZeroed(100, 0))
    #expect(again == object)
    #expect(ConformanceModel.holds(again, 100, 0))
  }

  @Test("The class of what is freed or resized is found by its address, whatever size is told")
  func freesByAddress() throws {
    let pool = try SegregatedPool(PoolConfiguration(lanes: 2))
    for index in 0..<2 {
      var lane = pool.makeLane(index)
      for size in [1, 64, 1_000, 1_025, 70_000, SizeClasses.largest] {
        let object = try obtained(lane.allocate(size, 0))
        #expect(lane.usableSize(object, 0) == SizeClasses.blockSize(SizeClasses.index(of: size)))
        #expect(lane.resize(object, from: 0, to: size, 0) == object)
        lane.free(object, 0)
        #expect(lane.allocate(size, 0) == object)
      }
    }
    #expect(pool.liveCount() == 12)
  }

  @Test("A chunk's units have its class while it is mapped, and nothing else has one")
  func chunkClasses() throws {
    let classes = try #require(ChunkClasses())
    defer { classes.destroy() }
    var chunks = ChunkTable(classes: classes)
    defer { chunks.destroy() }
    let base = try obtained(chunks.map(150_000, sizeClass: 5))
    #expect(UInt(bitPattern: base) % UInt(ChunkClasses.unit) == 0)
    #expect(chunks[0].bytes == 3 * ChunkClasses.unit)
    for offset in [0, 65_536, 149_999, 196_607] { #expect(classes.entry(of: base + offset) == 6) }
    for offset in [-1, 196_608] { #expect(classes.entry(of: base + offset) == 0) }
    chunks.remove { _ in true }
    for offset in [0, 196_607] { #expect(classes.entry(of: base + offset) == 0) }
  }

  @Test("An over-aligned object is freed as any other and serves any request of its class")
  func overAlignedObjectsJoinTheirClass() throws {
    let pool = try SegregatedPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    for alignment in [32, 256, 4096, 65_536] {
      let object = try obtained(lane.allocateAligned(100, alignment, 0))
      #expect(UInt(bitPattern: object) % UInt(alignment) == 0)
      lane.free(object, 100)
      #expect(lane.allocate(112, 0) == object)
    }
    #expect(pool.liveCount() == 4)
  }

  @Test("Classes share no chunk, and a purge gives all of them back")
  func purgeGivesBack() throws {
    let pool = try SegregatedPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    var objects: [(UnsafeMutableRawPointer, Int)] = []
    for size in stride(from: 1, through: 50_000, by: 77) {
      objects.append((try obtained(lane.allocate(size, 0)), size))
    }
    #expect(pool.liveCount() == objects.count)
    for (object, size) in objects { lane.free(object, size) }
    pool.purge()
    #expect(pool.liveCount() == 0)
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    #expect(lane.allocate(64, 0) == nil)
  }

  @Test("The shared form counts and purges over all lanes and classes")
  func sharedPurge() throws {
    let pool = try SegregatedSharedPool(PoolConfiguration(lanes: 2))
    var (first, second) = (pool.makeLane(0), pool.makeLane(1))
    var objects: [(UnsafeMutableRawPointer, Int)] = []
    for size in stride(from: 1, through: 50_000, by: 77) {
      objects.append((try obtained(first.allocate(size, 0)), size))
    }
    #expect(pool.liveCount() == objects.count)
    for (object, size) in objects { second.free(object, size) }
    #expect(pool.liveCount() == 0)
    pool.purge()
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    #expect(first.allocate(64, 0) == nil)
    #expect(second.allocate(64, 0) == nil)
  }

  @Test("Blocks of 256 bytes begin a line later from each boundary of 64 KiB on, and none is lost count of")
  func staggers() throws {
    let pool = try SegregatedPool(PoolConfiguration())
    var lane = pool.makeLane(0)
    var objects: [UnsafeMutableRawPointer] = []
    for _ in 0..<4096 { objects.append(try obtained(lane.allocate(256, 0))) }
    let starts = Set(objects.map { UInt(bitPattern: $0) % 256 })
    #expect(starts == [0, 64, 128, 192])
    for (object, next) in zip(objects, objects.dropFirst())
    where UInt(bitPattern: object) >> 16 == UInt(bitPattern: next) >> 16 {
      #expect(next == object + 256)
    }
    let aligned = try obtained(lane.allocateAligned(256, 256, 0))
    #expect(UInt(bitPattern: aligned) % 256 == 0)
    #expect(pool.liveCount() == 4097)
    for object in objects + [aligned] { lane.free(object, 256) }
    #expect(pool.liveCount() == 0)
    let before = pb_thread_mapped()
    pool.purge()
    #expect(pb_thread_mapped() < before)
  }

  @Test("The lists' heads end before the rest of the classes begins")
  func headsHaveRoom() {
    #expect(MemoryLayout<FixedBlocks>.size == 64)
    #expect(256 + SizeClasses.count * MemoryLayout<UnsafeMutableRawPointer?>.size <= 1088)
  }
}
