import CPlatform
import Testing

@testable import Engine

@Suite("Zend heap")
struct ZendHeapTests {
  private func page(_ object: UnsafeMutableRawPointer) -> Int { ZendChunk.offset(object) / ZendChunk.pageBytes }

  @Test("The 30 bins have PHP's sizes, pages and slots")
  func bins() {
    let sizes = [
      8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024,
      1280, 1536, 1792, 2048, 2560, 3072,
    ]
    let slots = [
      512, 256, 170, 128, 102, 85, 73, 64, 51, 42, 36, 32, 25, 21, 18, 16, 64, 32, 9, 8, 32, 16, 9, 8, 16, 8, 16, 8, 8,
      4,
    ]
    let pages = [
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 3, 1, 1, 5, 3, 2, 2, 5, 3, 7, 4, 5, 3,
    ]
    #expect((0..<30).map(ZendBins.bytes) == sizes)
    #expect((0..<30).map(ZendBins.slots) == slots)
    #expect((0..<30).map(ZendBins.pages) == pages)
    #expect(ZendBins.index(of: 0) == 0)
    for size in 1...3072 { #expect(ZendBins.index(of: size) == sizes.firstIndex { $0 >= size }) }
  }

  @Test("Runs are threaded whole, in order of address")
  func threadsRuns() throws {
    try withZendHeap { heap in
      let first = try obtained(heap.allocate(3072))
      #expect(page(first) == 1)
      for slot in 1..<4 { #expect(heap.allocate(2561) == first + slot * 3072) }
      let next = try obtained(heap.allocate(3072))
      #expect(page(next) == 4)
      #expect(heap.usableSize(next) == 3072)
    }
  }

  @Test("3072 bytes are the largest small object, 2 MiB less a page the largest in a chunk")
  func limits() throws {
    try withZendHeap { heap in
      #expect(heap.usableSize(try obtained(heap.allocate(3073))) == 4096)
      let large = try obtained(heap.allocate(ZendHeap.largestLarge))
      #expect(page(large) == 1 && heap.state.pointee.chunks == 2)
      let huge = try obtained(heap.allocate(ZendHeap.largestLarge + 1))
      #expect(ZendChunk.offset(huge) == 0 && heap.usableSize(huge) == 2 << 20)
      heap.free(huge)
      #expect(heap.state.pointee.huge == nil)
      heap.free(large)
      #expect(heap.state.pointee.chunks == 1)
    }
  }

  @Test("Pages come from the shortest run that fits, the tail last")
  func bestFit() throws {
    try withZendHeap { heap in
      let sizes = [3, 1, 6, 1, 2, 1, 4, 1]
      let objects = try sizes.map { try obtained(heap.allocate($0 * 4096)) }
      for index in [0, 2, 4, 6] { heap.free(objects[index]) }
      #expect(heap.allocate(2 * 4096) == objects[4])
      // Four pages: exactly those, though six and three come first.
      #expect(heap.allocate(4 * 4096) == objects[6])
      #expect(heap.allocate(5 * 4096) == objects[2])
      #expect(heap.allocate(3 * 4096) == objects[0])
      #expect(heap.allocate(2 * 4096).map(page) == 20)
    }
  }

  @Test("A chunk found after more than two others moves up behind the first, for fewer than 8 pages")
  func movesUp() throws {
    for (pages, isMoved) in [(7, true), (8, false)] {
      try withZendHeap { heap in
        let objects = try (0..<5).map { _ in try obtained(heap.allocate(ZendHeap.largestLarge)) }
        let last = ZendChunk.of(objects[4])
        heap.state.pointee.averageChunks = 5
        // Cuts the last one's pages, so that only there is room.
        #expect(heap.resize(objects[4], to: 400 * 4096) == objects[4])
        let main = heap.state.pointee.main
        #expect(main.previous == last)
        let found = try obtained(heap.allocate(pages * 4096))
        #expect(ZendChunk.of(found) == last)
        #expect((main.next == last) == isMoved)
      }
    }
  }

  @Test("A large object is cut and extended in place, and moves when its neighbour is in use")
  func resizesLarge() throws {
    try withZendHeap { heap in
      let object = try obtained(heap.allocate(4 * 4096))
      object.storeBytes(of: 7, as: UInt8.self)
      #expect(heap.resize(object, to: 9 * 4096) == object && heap.usableSize(object) == 9 * 4096)
      #expect(heap.resize(object, to: 2 * 4096) == object && heap.usableSize(object) == 2 * 4096)
      let behind = try obtained(heap.allocate(4096))
      #expect(page(behind) == 3)
      let moved = try obtained(heap.resize(object, to: 3 * 4096))
      #expect(moved != object && moved.load(as: UInt8.self) == 7)
      #expect(heap.state.pointee.size == 4 * 4096)
    }
  }

  @Test("A huge object shrinks in place")
  func resizesHuge() throws {
    try withZendHeap { heap in
      let object = try obtained(heap.allocate(8 << 20))
      let mapped = pb_thread_mapped()
      #expect(heap.resize(object, to: 3 << 20) == object)
      #expect(mapped - pb_thread_mapped() == 5 << 20 && heap.usableSize(object) == 3 << 20)
      let grown = try obtained(heap.resize(object, to: 4 << 20))
      #expect(heap.usableSize(grown) == 4 << 20)
      let small = try obtained(heap.resize(grown, to: 100))
      #expect(heap.state.pointee.huge == nil && heap.usableSize(small) == 112)
    }
  }

  @Test("Freeing to another heap ends the process")
  func foreign() async {
    await #expect(processExitsWith: .failure) {
      let (one, other) = (try obtained(ZendHeap.create()), try obtained(ZendHeap.create()))
      other.free(try obtained(one.allocate(16)))
    }
  }
}
