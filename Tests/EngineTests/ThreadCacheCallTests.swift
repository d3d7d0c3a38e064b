import CPlatform
import Glibc
import Testing

@testable import Engine

@Suite struct ThreadCacheCallTests {
  @Test func `objects of every class keep apart, and are aligned`() throws {
    try withThreadHeap { _, cache in
      var objects: [(UnsafeMutableRawPointer, Int)] = []
      for index in 1..<SizeClass.count {
        let size = SizeClass(index: index).objectSize
        for _ in 0..<5 {
          let object = try #require(cache.allocate(size))
          let alignment = size < 16 ? 8 : min(size & -size, Page.size)
          #expect(Int(bitPattern: object) % alignment == 0)
          #expect(cache.heap.usableSize(object) == size)
          object.stamp(size, UInt64(objects.count))
          objects.append((object, size))
        }
      }
      for (number, (object, size)) in objects.enumerated() {
        #expect(object.hasStamp(size, UInt64(number)))
        cache.free(object)
      }
    }
  }

  @Test(arguments: [0, 1, 262_144, 262_145, 1 << 20, (32 << 20) - 1, 32 << 20, 100 << 20])
  func `any size is served exactly`(size: Int) throws {
    try withThreadHeap { heap, cache in
      let object = try #require(cache.allocate(size))
      #expect(heap.usableSize(object) >= size)
      object.stamp(size, 9)
      #expect(object.hasStamp(size, 9))
      cache.free(object)
    }
  }

  @Test(arguments: [Int.max, Int.max - 1, Int.max - 8191, 1 << 62, (1 << 40) + 1])
  func `what no system has is refused`(size: Int) throws {
    try withThreadHeap { _, cache in
      #expect(cache.allocate(size) == nil)
      #expect(cache.allocateZeroed(size) == nil)
      #expect(cache.allocateAligned(size, 4096) == nil)
      let object = try #require(cache.allocate(10))
      object.stamp(10, 1)
      #expect(cache.resize(object, to: size, exact: false) == nil)
      #expect(object.hasStamp(10, 1))
      cache.free(object)
    }
  }

  @Test(arguments: 0...30) func `alignments to a gibibyte hold`(power: Int) throws {
    try withThreadHeap { heap, cache in
      let alignment = 1 << power
      for size in [1, 100, 5000, 300_000] {
        let object = try #require(cache.allocateAligned(size, alignment))
        #expect(Int(bitPattern: object) % alignment == 0)
        #expect(heap.usableSize(object) >= size)
        object.stamp(size, 3)
        cache.free(object)
      }
    }
  }

  @Test func `zeroed memory is zero where it was used before`() throws {
    try withThreadHeap { _, cache in
      for size in [1, 64, 1000, 100_000, 300_000, 5 << 20] {
        for _ in 0..<4 {
          let object = try #require(cache.allocateZeroed(size))
          let bytes = UnsafeRawBufferPointer(start: object, count: size)
          #expect(bytes.allSatisfy { $0 == 0 })
          memset(object, 0xFF, size)
          cache.free(object)
        }
      }
    }
  }

  @Test func `a resize keeps the contents, and the place where the block allows`() throws {
    try withThreadHeap { heap, cache in
      let sizes = [1, 8, 9, 100, 90, 60, 1500, 1400, 40_000, 300_000, 280_000, 900_000, 400_000, 10, 50 << 20, 33]
      for exact in [false, true] {
        var object = try #require(cache.allocate(20))
        var size = 20
        for next in sizes {
          object.stamp(size, 5)
          // The stamp's last words depend on the size alone; compare what both sizes share.
          let kept = min(size, next, 32)
          let usable = heap.usableSize(object)
          let moved = try #require(cache.resize(object, to: next, exact: exact))
          if !exact, next <= usable, next >= usable / 2 { #expect(moved == object) }
          if exact, next <= SizeClass.largestSize {
            #expect(heap.usableSize(moved) == SizeClass(fitting: next).objectSize)
          }
          #expect(heap.usableSize(moved) >= next)
          #expect(moved.hasStamp(kept, 5))
          object = moved
          size = next
        }
        cache.free(object)
      }
    }
  }

  @Test func `a small object on pages of its own, for its alignment, moves when it outgrows them`() throws {
    try withThreadHeap { heap, cache in
      let object = try #require(cache.allocateAligned(100, 2 * Page.size))
      object.stamp(100, 6)
      let grown = try #require(cache.resize(object, to: 100_000, exact: false))
      #expect(heap.usableSize(grown) >= 100_000)
      #expect(grown.hasStamp(32, 6))
      cache.free(grown)
    }
  }

  @Test func `a large object grows into the free pages behind it`() throws {
    try withThreadHeap { heap, cache in
      let object = try #require(cache.allocate(300_000))
      object.stamp(300_000, 8)
      let grown = try #require(cache.resize(object, to: 3_000_000, exact: false))
      #expect(grown == object)
      #expect(heap.statistics().pageHeap.grownInPlace == 1)
      #expect(grown.hasStamp(32, 8))
      let shrunk = try #require(cache.resize(grown, to: 280_000, exact: false))
      #expect(shrunk == object)
      #expect(heap.usableSize(shrunk) < 300_000)
      cache.free(shrunk)
    }
  }

  @Test func `sized frees find the class of aligned objects all the same`() throws {
    try withThreadHeap { heap, cache in
      let other = try #require(heap.attach())
      for size in [1, 24, 100, 1000, 5000, 300_000] {
        let object = try #require(cache.allocateAligned(size, 4096))
        other.free(object, size: size)
        expectSound(heap)
        let plain = try #require(other.allocate(size))
        cache.free(plain, size: size)
      }
      heap.detach(other)
    }
  }

  @Test func `freeing what is not of the heap ends the process`() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try withThreadHeap { _, cache in
        let foreign = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
        cache.free(foreign)
      }
    }
  }

  @Test(arguments: [24, 5000])
  func `freeing a small object twice in a row ends the process, freeing two in turn does not`(size: Int) async {
    await #expect(processExitsWith: .signal(SIGABRT)) { [size] in
      try withThreadHeap { _, cache in
        let objects = try (0..<3).map { _ in try #require(cache.allocate(size)) }
        for object in objects { cache.free(object) }
        cache.free(objects[2])
      }
    }
    await #expect(processExitsWith: .success) { [size] in
      try withThreadHeap { _, cache in
        for _ in 0..<100 {
          let objects = try (0..<2).map { _ in try #require(cache.allocate(size)) }
          for object in objects { cache.free(object) }
        }
      }
    }
  }

  @Test func `freeing a large object twice, or its inside, ends the process`() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try withThreadHeap { _, cache in
        let object = try #require(cache.allocate(1 << 20))
        cache.free(object)
        cache.free(object)
      }
    }
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try withThreadHeap { _, cache in
        let object = try #require(cache.allocate(1 << 20))
        cache.free(object + 8192)
      }
    }
  }
}
