import CPlatform
import Testing

@testable import Engine

@Suite("Generation, Slab and Bump contexts")
struct FlowContextTests {
  // MARK: Generation

  @Test("Chunks follow each other, rounded up to 8 with a header each")
  func generationCuts() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(GenerationContext.self)
    let first = try obtained(context.allocate(20))
    #expect(context.allocate(1) == first + 24 + 8)
    #expect(context.allocate(8) == first + 48)
    #expect(GenerationContext.chunkSize(first) == 24)
    context.delete()
  }

  @Test("An eighth of the largest block is the limit")
  func generationLimits() throws {
    let fixture = BackendFixture()
    for (sizes, limit) in [(ContextSizes.standard, 512 << 10), (.small, 512)] {
      let context = try fixture.create(GenerationContext.self, sizes)
      #expect(Int(context.cast(to: GenerationContext.self).pointee.chunkLimit) == limit)
      #expect(!ChunkHeader.of(try obtained(context.allocate(limit))).isExternal)
      let beyond = try obtained(context.allocate(limit + 1))
      #expect(ChunkHeader.of(beyond).isExternal)
      MemoryContext.free(beyond)
      context.delete()
    }
  }

  @Test("A queue keeps few blocks: an emptied one is spare, the next ones go")
  func generationServesQueues() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(GenerationContext.self)
    var queue: [UnsafeMutableRawPointer] = []
    for _ in 0..<100 { queue.append(try obtained(context.allocate(1_000))) }
    let blocks = fixture.backend.pointee.counts.blocks
    for index in 0..<20_000 {
      MemoryContext.free(queue[index % 100])
      queue[index % 100] = try obtained(context.allocate(1_000))
    }
    #expect(fixture.backend.pointee.counts.blocks <= blocks + 2)
    #expect(fixture.backend.pointee.counts.reusedBlocks > 20)
    context.delete()
  }

  @Test("With one spare block, further empty ones go back; a purge takes the spare too")
  func generationSpares() throws {
    let before = pb_thread_heap_blocks()
    let fixture = BackendFixture()
    var sizes = ContextSizes.standard
    sizes.largest = 8 << 10
    let context = try fixture.create(GenerationContext.self, sizes)
    var objects: [UnsafeMutableRawPointer] = []
    while pb_thread_heap_blocks() < before + 5 { objects.append(try obtained(context.allocate(512))) }
    for object in objects { MemoryContext.free(object) }
    // The keeper and the spare, which is the first of the others that became empty.
    #expect(pb_thread_heap_blocks() == before + 2)
    let generation = context.cast(to: GenerationContext.self)
    #expect(generation.pointee.spare != nil && generation.pointee.current == nil)
    GenerationContext.purge(generation)
    #expect(pb_thread_heap_blocks() == before + 1)
    #expect(context.allocate(512) != nil)
    #expect(pb_thread_heap_blocks() == before + 1)
    context.delete()
    #expect(pb_thread_heap_blocks() == before)
  }

  @Test("With the wrong lifetimes one old object holds its whole block")
  func generationIsHeld() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(GenerationContext.self)
    var held: [UnsafeMutableRawPointer] = []
    for index in 0..<20_000 {
      let object = try obtained(context.allocate(100))
      if index % 50 == 0 { held.append(object) } else { MemoryContext.free(object) }
    }
    let full = context.heapBytes
    #expect(full > 20 * held.count * 100)
    // A block whose first chunks are freed before one is held begins anew each time.
    let freed = 20_000 - held.count
    #expect(context.statistics.freeChunks <= freed && context.statistics.freeChunks > freed * 9 / 10)
    for object in held { MemoryContext.free(object) }
    #expect(context.heapBytes < full)
    context.delete()
  }

  // MARK: Slab

  @Test("A block of 8 KiB is for as many chunks as fit behind its header")
  func slabChunks() throws {
    let fixture = BackendFixture()
    for (size, chunks) in [(1, 509), (8, 509), (100, 72), (8_136, 1)] {
      let context = try fixture.createSlab(of: size)
      let slab = context.cast(to: SlabContext.self)
      #expect(Int(slab.pointee.chunksPerBlock) == chunks)
      let objects = try (0..<chunks).map { _ in try obtained(context.allocate(size)) }
      #expect(fixture.backend.pointee.counts.blocks == 1)
      #expect(slab.pointee.currentList == 0)
      #expect(context.allocate(size) != nil)
      #expect(fixture.backend.pointee.counts.blocks == 2)
      #expect(objects.allSatisfy { MemoryContext.context(of: $0) == context })
      #expect(context.allocate(size + 1) == nil)
      context.delete()
      fixture.backend.pointee.counts = ContextCounts()
    }
  }

  @Test("The fullest block is used first, so that others become empty")
  func slabPrefersFull() throws {
    let fixture = BackendFixture()
    let context = try fixture.createSlab(of: 100)
    let slab = context.cast(to: SlabContext.self)
    // 72 chunks a block, of which up to 64 are free on the fuller list.
    let objects = try (0..<3 * 72).map { _ in try obtained(context.allocate(100)) }
    #expect(fixture.backend.pointee.counts.blocks == 3)
    for object in objects[72..<74] { MemoryContext.free(object) }
    for object in objects[0..<70] { MemoryContext.free(object) }
    #expect(slab.pointee.currentList == 1 && !slab.pointee.blockLists[2].isEmpty)
    // The emptier block was touched last; the fuller one's two chunks still come first.
    for _ in 0..<2 { #expect(objects[72..<74].contains(try obtained(context.allocate(100)))) }
    #expect(slab.pointee.currentList == 2)
    for _ in 0..<70 { #expect(objects[0..<70].contains(try obtained(context.allocate(100)))) }
    #expect(slab.pointee.currentList == 0)
    context.delete()
  }

  @Test("Ten empty blocks are kept, further ones go; a purge takes all")
  func slabKeepsTen() throws {
    let before = pb_thread_heap_blocks()
    let fixture = BackendFixture()
    let context = try fixture.createSlab(of: 1_000)
    let objects = try (0..<160).map { _ in try obtained(context.allocate(1_000)) }
    #expect(pb_thread_heap_blocks() == before + 1 + 20)
    for object in objects { MemoryContext.free(object) }
    let slab = context.cast(to: SlabContext.self)
    #expect(slab.pointee.emptyCount == 10 && slab.pointee.currentList == 0)
    #expect(pb_thread_heap_blocks() == before + 1 + 10)
    #expect(context.allocate(1_000) != nil)
    #expect(slab.pointee.emptyCount == 9)
    SlabContext.purge(slab)
    #expect(pb_thread_heap_blocks() == before + 2)
    context.reset()
    #expect(pb_thread_heap_blocks() == before + 1)
    context.delete()
    #expect(pb_thread_heap_blocks() == before)
  }

  // MARK: Bump

  @Test("Objects have no header and end together")
  func bumps() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(BumpContext.self)
    let first = try obtained(context.allocate(20))
    #expect(context.allocate(1) == first + 24)
    #expect(context.allocate(8) == first + 32)
    #expect(context.allocate(600_000) != nil)
    // A large one does not become the current block.
    #expect(context.allocate(8) == first + 40)
    context.reset()
    #expect(context.allocate(20) == first && context.heapBytes == 8 << 10)
    context.delete()
  }

  @Test("A bump context frees nothing")
  func bumpFreesNothing() async {
    await #expect(processExitsWith: .failure) {
      let fixture = BackendFixture()
      let context = try fixture.create(BumpContext.self)
      BumpContext.free(context.allocate(20)!)
    }
  }
}
