import CPlatform
import Testing
import Workload

@testable import Engine

@Suite("Zend heap of PHP 5")
struct Zend5HeapTests {
  private func withHeap(_ body: (Zend5Heap) throws -> Void) throws {
    let before = pb_thread_mapped()
    let heap = try obtained(Zend5Heap.create())
    try body(heap)
    heap.destroy()
    #expect(pb_thread_mapped() == before)
  }

  private func block(_ object: UnsafeMutableRawPointer) -> Zend5Block {
    Zend5Block(raw: object - Zend5Block.header)
  }

  /// Sizes of all large free blocks by their addresses, from a walk through the segments.
  private func largeFree(_ heap: Zend5Heap) -> [UnsafeMutableRawPointer: Int] {
    var free: [UnsafeMutableRawPointer: Int] = [:]
    var segment = heap.state.pointee.segments
    while let visited = segment {
      var block = Zend5Block(raw: UnsafeMutableRawPointer(visited) + Zend5Heap.segmentHeader)
      while block.state != .guarded {
        if block.state == .free, block.size >= Zend5Heap.smallLimit { free[block.raw] = block.size }
        block = block.next
      }
      segment = visited.pointee.next
    }
    return free
  }

  @Test("A block is 16 bytes more than its object, a multiple of 8, at least 32")
  func blockSizes() {
    let sizes = [(0, 32), (1, 32), (16, 32), (17, 40), (24, 40), (25, 48), (520, 536), (521, 544)]
    for (size, expected) in sizes { #expect(Zend5Heap.blockSize(size) == expected) }
  }

  @Test("Small buckets go from 32 to 536 bytes, large ones by the highest bit")
  func bucketIndices() {
    #expect([32, 40, 536].map(Zend5Heap.smallIndex) == [0, 1, 63])
    #expect(Zend5Heap.smallLimit == 544)
    #expect([544, 1023, 1024, 2047, 2048].map(Zend5Heap.largeIndex) == [9, 9, 10, 10, 11])
  }

  @Test("Requests around the largest small block are served in full, whatever the cache and the buckets hold")
  func smallEdge() throws {
    try withHeap { heap in
      // Leaves a block of 32 bytes in the first bucket, which stands in memory right behind the cache's last stack.
      let objects = try (0..<3).map { _ in try obtained(heap.allocate(1000)) }
      #expect(heap.resize(objects[0], to: 968) == objects[0])
      #expect(heap.smallBuckets[0] != nil)
      for size in 515...530 { #expect(heap.usableSize(try obtained(heap.allocate(size))) >= size) }
    }
  }

  @Test("The cache hands out the block freed last, and its blocks are not merged")
  func cacheBypassesMerging() throws {
    try withHeap { heap in
      let objects = try (0..<3).map { _ in try obtained(heap.allocate(100)) }
      for object in objects { heap.free(object) }
      #expect(heap.state.pointee.merges == 0 && heap.state.pointee.cachedBytes == 3 * 120)
      #expect(objects.allSatisfy { block($0).state == .used })
      for object in objects.reversed() { #expect(heap.allocate(100) == object) }
      for object in objects { heap.free(object) }
      // All of it is one segment, which goes.
      heap.flushCache()
      #expect(heap.state.pointee.segments == nil && heap.state.pointee.cachedBytes == 0)
    }
  }

  @Test("The cache takes 256 KiB; what is freed beyond is merged")
  func cacheIsFull() throws {
    try withHeap { heap in
      let objects = try (0..<2000).map { _ in try obtained(heap.allocate(496)) }
      for object in objects.prefix(512) { heap.free(object) }
      #expect(heap.state.pointee.cachedBytes == 256 << 10 && heap.state.pointee.merges == 0)
      for object in objects.dropFirst(512) { heap.free(object) }
      #expect(heap.state.pointee.cachedBytes == 256 << 10 && heap.state.pointee.merges > 0)
    }
  }

  @Test("A freed block merges with both neighbours")
  func mergesBothSides() throws {
    try withHeap { heap in
      let objects = try (0..<5).map { _ in try obtained(heap.allocate(1000)) }
      let size = block(objects[0]).size
      heap.free(objects[1])
      heap.free(objects[3])
      #expect(heap.state.pointee.merges == 0)
      heap.free(objects[2])
      #expect(heap.state.pointee.merges == 2)
      #expect(block(objects[1]).size == 3 * size && block(objects[1]).state == .free)
      #expect(heap.allocate(3 * size - 16) == objects[1])
    }
  }

  @Test("An empty segment is unmapped at once")
  func releasesSegments() throws {
    try withHeap { heap in
      let before = pb_thread_mapped()
      let object = try obtained(heap.allocate(1 << 20))
      #expect(pb_thread_mapped() - before == (1 << 20) + (256 << 10))
      heap.free(object)
      #expect(pb_thread_mapped() == before && heap.state.pointee.segments == nil)
      #expect(heap.state.pointee.realSize == 0)
    }
  }

  @Test("The tries give the smallest block that is big enough, as a search of all would")
  func bestFit() throws {
    try withHeap { heap in
      var random = SplitMix64(state: 11)
      // Blocks of many sizes, apart, so that none merge.
      var freed: [UnsafeMutableRawPointer] = []
      for _ in 0..<600 {
        freed.append(try obtained(heap.allocate(530 + Int(random.next() % 700) * 8)))
        #expect(heap.allocate(600) != nil)
      }
      for object in freed { heap.free(object) }
      var free = largeFree(heap)
      let count = free.count
      #expect(count > 400)
      for _ in 0..<500 {
        let wanted = 544 + Int(random.next() % 700) * 8
        let expected = free.values.filter { $0 >= wanted }.min()
        let found = heap.searchLarge(wanted)
        #expect(found?.size == expected)
        guard let found else { continue }
        heap.remove(found)
        found.set(found.size, .used)
        #expect(free.removeValue(forKey: found.raw) == found.size)
      }
      #expect(free.count < count)
      #expect(free == largeFree(heap))
    }
  }

  @Test("What a big block's segment has left is kept apart, 16 of them at most, and used near the limit")
  func rest() throws {
    try withHeap { heap in
      for _ in 0..<16 { #expect(heap.allocate(300 << 10) != nil) }
      #expect(heap.state.pointee.restCount == 16 && heap.state.pointee.large == 0)
      #expect(heap.allocate(300 << 10) != nil)
      #expect(heap.state.pointee.restCount == 16 && heap.state.pointee.large != 0)
      // Takes the one that has left the rest, then, at the limit, one of the rest.
      #expect(heap.allocate(200 << 10) != nil)
      #expect(heap.setLimit(heap.state.pointee.realSize))
      #expect(heap.state.pointee.restHits == 0)
      #expect(heap.allocate(200 << 10) != nil)
      #expect(heap.state.pointee.restHits == 1 && heap.state.pointee.restCount == 15)
      #expect(heap.allocate(1 << 20) == nil)
    }
  }

  @Test("A resize takes the free block behind, or cuts what is too much")
  func resizesInPlace() throws {
    try withHeap { heap in
      let objects = try (0..<3).map { _ in try obtained(heap.allocate(1000)) }
      heap.free(objects[1])
      #expect(heap.resize(objects[0], to: 1500) == objects[0])
      #expect(heap.resize(objects[0], to: 600) == objects[0])
      // The rest of both is one block again.
      #expect(heap.allocate(2 * 1016 - 616 - 16) == objects[0] + 616)
      let moved = try obtained(heap.resize(objects[0], to: 5000))
      #expect(moved != objects[0])
    }
  }

  @Test("A shutdown keeps one segment, and begins anew in it")
  func shutdown() throws {
    try withHeap { heap in
      let before = pb_thread_mapped()
      let first = try obtained(heap.allocate(100))
      for _ in 0..<1000 { #expect(heap.allocate(1000) != nil) }
      #expect(heap.allocate(1 << 20) != nil)
      heap.shutdown()
      #expect(pb_thread_mapped() - before == Zend5Heap.segmentBytes)
      #expect(heap.state.pointee.size == 0 && heap.state.pointee.restCount == 0)
      let again = try obtained(heap.allocate(100))
      #expect(heap.state.pointee.mappedSegments > 1 && ZendChunk.offset(again) % 4096 == ZendChunk.offset(first) % 4096)
      heap.free(again)
      heap.purge()
      #expect(pb_thread_mapped() == before)
    }
  }
}
