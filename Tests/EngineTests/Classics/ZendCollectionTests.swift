import CPlatform
import Testing

@testable import Engine

@Suite("Zend heap: collection, limit, shutdown")
struct ZendCollectionTests {
  @Test("A collection gives back each run whose slots are all free, of every bin", arguments: 0..<30)
  func collects(bin: Int) throws {
    try withZendHeap { heap in
      let slots = ZendBins.slots(bin)
      let objects = try (0..<3 * slots).map { _ in try obtained(heap.allocate(ZendBins.bytes(bin))) }
      let free = heap.state.pointee.main.freePages
      // All of the first and the last run; of the second all but one.
      for (index, object) in objects.enumerated() where index != slots { heap.free(object) }
      #expect(heap.collect() == 2 * ZendBins.pages(bin) * 4096)
      #expect(heap.state.pointee.main.freePages == free + 2 * ZendBins.pages(bin))
      // What is left on the list is of the second run, and a second collection finds nothing.
      #expect(heap.collect() == 0)
      var again: Set<UnsafeMutableRawPointer> = []
      for _ in 1..<slots { again.insert(try obtained(heap.allocate(ZendBins.bytes(bin)))) }
      #expect(again == Set(objects[(slots + 1)..<(2 * slots)]))
      heap.free(objects[slots])
      for object in again { heap.free(object) }
      #expect(heap.collect() == ZendBins.pages(bin) * 4096)
    }
  }

  @Test("9 bits cannot count the 512 slots of bin 0: only with 10 its pages come back")
  func counterBits() throws {
    try withZendHeap { heap in
      let objects = try (0..<512).map { _ in try obtained(heap.allocate(8)) }
      for object in objects { heap.free(object) }
      let others = try (0..<256).map { _ in try obtained(heap.allocate(16)) }
      for object in others { heap.free(object) }
      // The 256 slots of bin 1 fit.
      #expect(heap.collect(counterBits: 9) == 4096)
      #expect(heap.collect(counterBits: 9) == 0)
      #expect(heap.collect(counterBits: 10) == 4096)
    }
  }

  @Test("Chunks whose runs are all garbage leave with it")
  func releasesChunks() throws {
    try withZendHeap { heap in
      var objects: [UnsafeMutableRawPointer] = []
      while heap.state.pointee.chunks < 4 { objects.append(try obtained(heap.allocate(2048))) }
      for object in objects { heap.free(object) }
      #expect(heap.state.pointee.chunks == 4)
      let before = pb_thread_mapped()
      heap.purge()
      #expect(heap.state.pointee.chunks == 1 && heap.state.pointee.cachedCount == 0)
      #expect(before - pb_thread_mapped() == 3 * ZendChunk.bytes)
      #expect(heap.state.pointee.main.freePages == 511 && heap.state.pointee.size == 0)
    }
  }

  @Test("Over the limit a collection is tried, then there is no memory")
  func limit() throws {
    try withZendHeap { heap in
      #expect(heap.setLimit(2 << 20))
      var objects: [UnsafeMutableRawPointer] = []
      while let object = heap.allocate(2049) { objects.append(object) }
      // 102 runs of 5 pages.
      #expect(objects.count == 102 * 8)
      #expect(heap.state.pointee.chunks == 1)
      #expect(heap.allocate(4 << 20) == nil)
      let collections = heap.state.pointee.collections
      for object in objects { heap.free(object) }
      // Only a collection makes room for so much.
      #expect(heap.allocate(ZendHeap.largestLarge) != nil)
      #expect(heap.state.pointee.collections == collections + 1)
    }
  }

  @Test("A limit below what is mapped is refused, unless a collection helps")
  func lowersLimit() throws {
    try withZendHeap { heap in
      let object = try obtained(heap.allocate(5 << 20))
      #expect(!heap.setLimit(4 << 20))
      #expect(heap.allocate(5 << 20) != nil)
      heap.free(object)
    }
  }

  @Test("A shutdown ends everything and keeps the average of the chunks that requests needed")
  func shutdown() throws {
    try withZendHeap { heap in
      let empty = pb_thread_mapped() - ZendChunk.bytes
      let first = try obtained(heap.allocate(100))
      var expected = 1.0
      for chunks in [6, 6, 6, 1, 1, 1, 1, 1] {
        for _ in 0..<chunks { #expect(heap.allocate(ZendHeap.largestLarge - 4096) != nil) }
        #expect(heap.allocate(3 << 20) != nil)
        heap.shutdown()
        expected = (expected + Double(chunks)) / 2
        #expect(heap.state.pointee.averageChunks == expected)
        // The most that 0.9 more than them does not exceed.
        #expect(Double(heap.state.pointee.cachedCount) + 0.9 <= expected || heap.state.pointee.cachedCount == 0)
        #expect(heap.state.pointee.chunks == 1 && heap.state.pointee.size == 0 && heap.state.pointee.huge == nil)
        #expect(heap.state.pointee.main.freePages == 511)
        #expect(pb_thread_mapped() - empty == heap.state.pointee.realSize)
      }
      #expect(heap.state.pointee.cachedCount == 0)
      #expect(heap.allocate(100) == first)
    }
  }

  @Test("An empty chunk is kept when the same number is left for the fifth time in a row")
  func keepsAtBoundary() throws {
    try withZendHeap { heap in
      for _ in 0..<2 { #expect(heap.allocate(ZendHeap.largestLarge) != nil) }
      var cached: [Int] = []
      for _ in 0..<8 {
        let object = try obtained(heap.allocate(ZendHeap.largestLarge))
        heap.free(object)
        cached.append(heap.state.pointee.cachedCount)
      }
      // The first sets the boundary; four more count it.
      #expect(cached == [0, 0, 0, 0, 0, 1, 1, 1])
    }
  }
}
