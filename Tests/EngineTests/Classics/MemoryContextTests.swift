import CPlatform
import Testing
import Workload

@testable import Engine

@Suite("Memory contexts: the tree, headers and calls of all kinds")
struct MemoryContextTests {
  @Test("A header holds a method, a value and an offset that shares a bit with it")
  func headerFields() {
    for (value, offset) in [(0, 0), (10, 40), (0x3FFF_FFFF, 0x3FFF_FFF8), (0x3FFF_FFFF, 0), (0, 0x3FFF_FFF8)] {
      for method in [ContextMethod.allocSet, .generation, .slab, .alignedRedirect, .bump] {
        let header = ChunkHeader(method, value: value, offset: offset)
        #expect(header.method == method && header.value == value && header.offset == offset)
        #expect(header.isOrdinary(method) && !header.isExternal)
      }
    }
    let external = ChunkHeader.external(.allocSet)
    #expect(external.isExternal && external.isSoundExternal && !external.isOrdinary(.allocSet))
    #expect(external.method == .allocSet)
    #expect(MemoryLayout<ChunkHeader>.size == 8)
  }

  @Test("Blocks have the headers of the originals")
  func blockHeaders() {
    #expect(MemoryLayout<AllocSet.Block>.size == 40 && AllocSet.Block.headerBytes == 40)
    #expect(MemoryLayout<GenerationContext.Block>.size == 56 && GenerationContext.Block.headerBytes == 56)
    #expect(MemoryLayout<SlabContext.Block>.size == 48 && SlabContext.Block.headerBytes == 48)
    #expect(MemoryLayout<BumpContext.Block>.size == 32 && BumpContext.Block.headerBytes == 32)
  }

  @Test("A delete ends all contexts below, leaves first, however deep they are")
  func deletesTree() throws {
    let before = pb_thread_heap_blocks()
    do {
      let fixture = BackendFixture()
      let diary = ContextDiary()
      let top = try fixture.create(AllocSet.self)
      try diary.register(0, in: top)
      var parent = top
      for depth in 1...5_000 {
        parent =
          depth % 2 == 0
          ? try fixture.create(GenerationContext.self, below: parent) : try fixture.create(AllocSet.self, below: parent)
        #expect(parent.parent != nil)
        if depth % 1_000 == 0 { try diary.register(depth, in: parent) }
      }
      top.delete()
      #expect(diary.entries == [5_000, 4_000, 3_000, 2_000, 1_000, 0])
    }
    #expect(pb_thread_heap_blocks() == before)
  }

  @Test("A reset deletes what is below and keeps the context; callbacks run last in first out, once")
  func resets() throws {
    let fixture = BackendFixture()
    let diary = ContextDiary()
    let top = try fixture.create(AllocSet.self)
    let empty = top.heapBytes
    let child = try fixture.create(BumpContext.self, below: top)
    try diary.register(9, in: child)
    for entry in 1...3 { try diary.register(entry, in: top) }
    #expect(!top.isReset)
    top.reset()
    #expect(diary.entries == [9, 3, 2, 1])
    #expect(top.isReset && top.heapBytes == empty && top.node.pointee.firstChild == nil)
    top.reset()
    #expect(diary.entries.count == 4)
    try diary.register(4, in: top)
    top.delete()
    #expect(diary.entries == [9, 3, 2, 1, 4])
  }

  @Test("A reset of a context in which nothing was made skips all but the contexts below")
  func resetIsSkipped() throws {
    let fixture = BackendFixture()
    let top = try fixture.create(GenerationContext.self)
    _ = try fixture.create(AllocSet.self, below: top)
    let releases = fixture.backend.pointee.counts.releases
    #expect(top.isReset)
    top.reset()
    #expect(top.node.pointee.firstChild == nil)
    #expect(fixture.backend.pointee.counts.releases == releases)
    top.delete()
  }

  @Test("A context that moves to another parent lives and ends with that one")
  func changesParent() throws {
    let fixture = BackendFixture()
    let first = try fixture.create(AllocSet.self)
    let second = try fixture.create(AllocSet.self)
    let children = try (0..<3).map { _ in try fixture.create(AllocSet.self, below: first) }
    let object = try obtained(children[1].allocate(100))
    object.initializeMemory(as: UInt8.self, repeating: 7, count: 100)
    children[1].setParent(second)
    #expect(children[1].parent == second && second.node.pointee.firstChild == children[1])
    #expect(children[2].node.pointee.nextChild == children[0])
    first.delete()
    #expect(ConformanceModel.holds(object, 100, 7))
    second.delete()
    #expect(fixture.backend.pointee.caches[0].count == 5)
  }

  @Test("Freeing and resizing need no context: the header tells the kind")
  func findsContexts() throws {
    let fixture = BackendFixture()
    let contexts = [
      try fixture.create(AllocSet.self), try fixture.create(GenerationContext.self), try fixture.createSlab(of: 100),
    ]
    for (index, context) in contexts.enumerated() {
      let object = try obtained(context.allocate(100))
      object.initializeMemory(as: UInt8.self, repeating: 0x5A, count: 100)
      #expect(MemoryContext.context(of: object) == context)
      #expect(MemoryContext.resize(object, to: 90) == object)
      if index < 2 {
        let grown = try obtained(MemoryContext.resize(object, to: 5_000))
        #expect(ConformanceModel.holds(grown, 100, 0x5A))
        #expect(MemoryContext.context(of: grown) == context)
        MemoryContext.free(grown)
        let aligned = try obtained(context.allocateAligned(300, 4096))
        #expect(UInt(bitPattern: aligned) % 4096 == 0)
        #expect(MemoryContext.context(of: aligned) == context)
        MemoryContext.free(aligned)
      } else {
        #expect(MemoryContext.resize(object, to: 101) == nil)
        MemoryContext.free(object)
      }
      context.delete()
    }
  }

  @Test("Objects of 0 bytes are unique, and 1 GiB is too much")
  func extremes() throws {
    let fixture = BackendFixture()
    for context in [try fixture.create(AllocSet.self), try fixture.create(GenerationContext.self)] {
      let first = try obtained(context.allocate(0))
      #expect(context.allocate(0) != first)
      for size in [1 << 30, Int.max, -1] { #expect(context.allocate(size) == nil) }
      #expect(context.allocateAligned(8, 128 << 20) == nil)
      let zeroed = try obtained(context.allocateZeroed(777))
      #expect(ConformanceModel.holds(zeroed, 777, 0))
      context.delete()
    }
  }

  @Test("What is no chunk is not freed")
  func refusesForeign() async {
    await #expect(processExitsWith: .failure) {
      var words = [UInt64](repeating: 0, count: 4)
      words.withUnsafeMutableBytes { MemoryContext.free($0.baseAddress! + 16) }
    }
    await #expect(processExitsWith: .failure) {
      let fixture = BackendFixture()
      let large = try fixture.create(AllocSet.self).allocate(100_000)!
      // Over the header, not over the bits that say what kind it is.
      (large - 4).storeBytes(of: 0, as: UInt32.self)
      MemoryContext.free(large)
    }
  }

  @Test(
    "A scope's end deletes its context or keeps it, and takes those of inner scopes along",
    arguments: [
      ("delete", 0), ("reset", 1),
    ])
  func scopes(end: String, kept: Int) throws {
    var traits = ConformanceTraits()
    traits.subject = Subject(.aset, options: [.init(.end, end), .init(.cache, "off")])
    traits.scopeOfVariant = [0, 1, -1]
    traits.scopes = 2
    traits.parentOfScope = [-1, 0]
    try traits.withConfiguration(lanes: 1) { configuration in
      let pool = try AllocSetPool(configuration)
      var lane = pool.makeLane(0)
      let none = pb_thread_heap_blocks()
      let unscoped = try obtained(lane.allocate(64, 2))
      #expect(pb_thread_heap_blocks() == none + 1)
      lane.beginScope(0)
      for _ in 0..<3 {
        lane.beginScope(1)
        let inner = try obtained(lane.allocate(64, 1))
        #expect(MemoryContext.context(of: inner).parent == MemoryContext.context(of: try obtained(lane.allocate(1, 0))))
        lane.endScope(1)
        #expect(pb_thread_heap_blocks() == none + 2 + kept)
      }
      lane.endScope(0)
      #expect(pb_thread_heap_blocks() == none + 1 + kept)
      lane.free(unscoped, 0)
    }
  }
}
