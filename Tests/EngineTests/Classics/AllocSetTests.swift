import CPlatform
import Testing

@testable import Engine

@Suite("AllocSet")
struct AllocSetTests {
  private func chunk(_ object: UnsafeMutableRawPointer) -> Int { AllocSet.chunkSize(object) }

  @Test("Chunks above the limit stand apart: 8192 by default, 1024 for small contexts")
  func limits() throws {
    let fixture = BackendFixture()
    for (sizes, limit) in [(ContextSizes.standard, 8_192), (.small, 1_024)] {
      let context = try fixture.create(AllocSet.self, sizes)
      #expect(Int(context.cast(to: AllocSet.self).pointee.chunkLimit) == limit)
      let within = try obtained(context.allocate(limit))
      #expect(!ChunkHeader.of(within).isExternal && chunk(within) == limit)
      let beyond = try obtained(context.allocate(limit + 1))
      #expect(ChunkHeader.of(beyond).isExternal && chunk(beyond) == limit + 8)
      context.delete()
    }
  }

  @Test("Sizes are rounded up to a power of two from 8 bytes on")
  func rounds() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(AllocSet.self)
    for (size, expected) in [(0, 8), (1, 8), (8, 8), (9, 16), (16, 16), (17, 32), (513, 1_024), (8_192, 8_192)] {
      #expect(chunk(try obtained(context.allocate(size))) == expected)
    }
    context.delete()
  }

  @Test("The keeper lies with the context, and blocks double from the first size to the largest")
  func doubles() throws {
    let before = pb_thread_heap_blocks()
    do {
      let fixture = BackendFixture()
      let context = try fixture.create(AllocSet.self)
      #expect(context.heapBytes == 8 << 10 && pb_thread_heap_blocks() == before + 1)
      var total = 8 << 10
      for shift in 0...11 {
        let bytes = min(8192 << shift, 8 << 20)
        while context.heapBytes == total { #expect(context.allocate(8_000) != nil) }
        // A first block of 8 KiB is too small for the chunk, its header and the block's.
        total += shift == 0 ? 16 << 10 : bytes
        #expect(context.heapBytes == total)
      }
      context.reset()
      #expect(context.heapBytes == 8 << 10)
      #expect(context.allocate(8_000) != nil && context.heapBytes == 24 << 10)
      context.delete()
    }
    #expect(pb_thread_heap_blocks() == before)
  }

  @Test("The tail of a full block is carved into chunks for the lists, the largest first")
  func carves() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(AllocSet.self)
    let keeper = AllocSet.keeper(of: context.cast(to: AllocSet.self))
    let left = keeper.pointee.end - keeper.pointee.free
    // Room for one chunk of 4,104 bytes and not for a second one.
    #expect(context.allocate(4_096) != nil)
    #expect(context.allocate(4_096) != nil)
    var tail = left - 4_104
    var carved: [Int] = []
    while tail >= 16 {
      let size = 1 << (Int.bitWidth - 1 - (tail - 8).leadingZeroBitCount)
      carved.append(size)
      tail -= size + 8
    }
    #expect(fixture.backend.pointee.counts.carvedChunks == carved.count && carved.count > 2)
    #expect(context.statistics.freeChunks == carved.count)
    for size in carved {
      let object = try obtained(context.allocate(size))
      #expect(object > UnsafeMutableRawPointer(keeper) && object < keeper.pointee.end)
    }
    #expect(context.statistics.freeChunks == 0)
    context.delete()
  }

  @Test("Freed chunks come back last in first out, from the list of their size")
  func reuses() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(AllocSet.self)
    let first = try obtained(context.allocate(100))
    let second = try obtained(context.allocate(128))
    MemoryContext.free(first)
    MemoryContext.free(second)
    #expect(context.allocate(64) != first)
    #expect(context.allocate(65) == second)
    #expect(context.allocate(120) == first)
    context.delete()
  }

  @Test("A deleted context waits in a cache for the next one of its setup; the 101st frees all")
  func caches() throws {
    let before = pb_thread_heap_blocks()
    let fixture = BackendFixture()
    let contexts = try (0...100).map { _ in try fixture.create(AllocSet.self) }
    for context in contexts.prefix(100) {
      #expect(context.allocate(20_000) != nil)
      context.delete()
    }
    #expect(fixture.backend.pointee.caches[0].count == 100)
    #expect(pb_thread_heap_blocks() == before + 101)
    contexts[100].delete()
    #expect(fixture.backend.pointee.caches[0].count == 1)
    #expect(pb_thread_heap_blocks() == before + 1)
    let again = try fixture.create(AllocSet.self)
    #expect(again == contexts[100] && again.isReset && again.heapBytes == 8 << 10)
    let small = try fixture.create(AllocSet.self, .small)
    #expect(pb_thread_heap_blocks() == before + 2)
    small.delete()
    #expect(fixture.backend.pointee.caches[1].count == 1)
    #expect(try fixture.create(AllocSet.self, .small) == small)
    var other = ContextSizes.standard
    other.initial = 16 << 10
    let uncached = try fixture.create(AllocSet.self, other)
    uncached.delete()
    #expect(fixture.backend.pointee.caches[0].count == 0 && fixture.backend.pointee.caches[1].count == 0)
    again.delete()
    small.delete()
    fixture.backend.pointee.emptyCaches()
    #expect(pb_thread_heap_blocks() == before)
  }

  @Test("A large chunk goes back to malloc when freed, and stays one when it shrinks")
  func largeChunks() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(AllocSet.self)
    let empty = context.heapBytes
    let large = try obtained(context.allocate(100_000))
    large.initializeMemory(as: UInt8.self, repeating: 3, count: 100_000)
    #expect(context.heapBytes == empty + 100_000 + 48)
    let other = try obtained(context.allocate(50_000))
    let grown = try obtained(MemoryContext.resize(large, to: 300_000))
    #expect(ConformanceModel.holds(grown, 100_000, 3))
    let shrunk = try obtained(MemoryContext.resize(grown, to: 10))
    #expect(ConformanceModel.holds(shrunk, 10, 3))
    #expect(ChunkHeader.of(shrunk).isExternal && AllocSet.chunkSize(shrunk) == 8_192)
    MemoryContext.free(shrunk)
    MemoryContext.free(other)
    #expect(context.heapBytes == empty)
    context.delete()
  }

  @Test("Of a block above 1 MiB that malloc refuses half is asked for, and half of that")
  func halves() throws {
    let fixture = BackendFixture()
    let context = try fixture.create(AllocSet.self)
    while context.cast(to: AllocSet.self).pointee.nextBlock < 4 << 20 { #expect(context.allocate(8_000) != nil) }
    let blocks = fixture.backend.pointee.counts.blocks
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    while context.allocate(8_000) != nil {}
    // 4 MiB, then 2 and 1.
    #expect(fixture.backend.pointee.counts.halvings == 2)
    #expect(fixture.backend.pointee.counts.blocks == blocks)
    // The lists still serve what was carved.
    #expect(context.allocate(8) != nil)
    pb_limit_maps(-1)
    #expect(context.allocate(8_000) != nil)
    context.delete()
  }
}
