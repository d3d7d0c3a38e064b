import CPlatform
import Glibc
import Testing
import Workload

@testable import Engine

@Suite("APR's pool")
struct AprPoolTests {
  private typealias Allocator = UnsafeMutablePointer<AprAllocator>

  /// Runs `body` on a root pool that owns its allocator, and destroys it: nothing may be left.
  private func withRoot(maxFree: Int = 0, _ body: (AprPool, UnsafeMutablePointer<AprAllocator>) throws -> Void) throws {
    let before = pb_thread_heap_blocks()
    let allocator = try obtained(AprAllocator.create())
    AprAllocator.setMaxFree(maxFree, of: allocator)
    let root = try obtained(AprPool.create(below: nil, allocator: allocator))
    allocator.pointee.owner = root
    try body(root, allocator)
    root.destroy()
    #expect(pb_thread_heap_blocks() == before)
  }

  /// Lengths of the allocator's lists that have nodes.
  private func lists(_ allocator: Allocator) -> [Int: Int] {
    var lengths: [Int: Int] = [:]
    for index in 0...AprAllocator.oversize {
      var node = AprAllocator.lists(of: allocator)[index]
      while let visited = node {
        lengths[index, default: 0] += 1
        node = visited.pointee.next
      }
    }
    return lengths
  }

  /// Free bytes of the pool's nodes, the active one first.
  private func ring(_ pool: AprPool) -> [(free: Int, index: Int)] {
    var nodes: [(free: Int, index: Int)] = []
    var node = pool.body.pointee.active
    repeat {
      nodes.append((node.pointee.freeBytes, Int(node.pointee.freeIndex)))
      guard let next = node.pointee.next else { return nodes }
      #expect(next.pointee.reference == AprPool.link(node))
      node = next
    } while node != pool.body.pointee.active
    return nodes
  }

  @Test func `a pool is of 120 bytes in a node with a header of 40`() {
    #expect(MemoryLayout<AprPool.Body>.size == AprPool.Body.bytes)
    #expect(MemoryLayout<AprAllocator.Node>.size == AprAllocator.Node.headerBytes)
    #expect(MemoryLayout<AprPool.Body>.offset(of: \.child) == 8)
    #expect(MemoryLayout<AprPool.Body>.offset(of: \.sibling) == 16)
  }

  @Test func `the first node yields 8032 bytes`() throws {
    try withRoot { root, allocator in
      #expect(root.body.pointee.active.pointee.freeBytes == 8032)
      #expect(root.allocate(8032) != nil)
      #expect(allocator.pointee.counts.requests == 1)
      #expect(root.allocate(1) != nil)
      #expect(allocator.pointee.counts.requests == 2)
    }
    try withRoot { root, allocator in
      #expect(root.allocate(8033) != nil)
      #expect(allocator.pointee.counts.requests == 2)
      // A new node has no pool in it.
      #expect(root.body.pointee.active.pointee.freeBytes == 8152 - 8040)
    }
  }

  @Test func `objects follow each other at multiples of 8`() throws {
    try withRoot { root, _ in
      let first = try obtained(root.allocate(1))
      #expect(first == root.body.pointee.selfFirst)
      #expect(root.allocate(9) == first + 8)
      #expect(root.allocate(0) == first + 24)
      #expect(root.allocate(8) == first + 24)
      let aligned = try obtained(root.allocateAligned(10, 256))
      #expect(UInt(bitPattern: aligned) % 256 == 0)
      let zeroed = try obtained(root.allocateZeroed(100))
      #expect(ConformanceModel.holds(zeroed, 100, 0))
    }
  }

  @Test func `only the active node and the one after it are tried`() throws {
    try withRoot { root, allocator in
      // Free: 8032 − 4000, 8152 − 5000, 8152 − 6000; no whole page in any, so the youngest stands first.
      for size in [4000, 5000, 6000] { #expect(root.allocate(size) != nil) }
      #expect(ring(root).map(\.free) == [2152, 3152, 4032])
      let requests = allocator.pointee.counts.requests
      #expect(root.allocate(4000) != nil)
      #expect(allocator.pointee.counts.requests == requests + 1)
      #expect(ring(root).map(\.free) == [4152, 2152, 3152, 4032])
      #expect(root.allocate(3000) != nil)
      // Now 1152 are left in the active node, and the one behind it serves and takes its place.
      #expect(root.allocate(2000) != nil)
      #expect(ring(root).map(\.free) == [152, 1152, 3152, 4032])
      #expect(allocator.pointee.counts.requests == requests + 1)
    }
  }

  @Test func `the ring behind the active node falls in free pages`() throws {
    try withRoot { root, _ in
      var random = SplitMix64(state: 11)
      for _ in 0..<400 {
        #expect(root.allocate(Int(random.next() % 20_000)) != nil)
        let indices = ring(root).dropFirst().map(\.index)
        #expect(indices == indices.sorted(by: >))
      }
    }
  }

  @Test(arguments: [(1, 8), (8152, 8), (8153, 12), (12_248, 12), (12_249, 16), (100_000, 100)])
  func `a node is of whole pages, two at least`(size: Int, kibibytes: Int) throws {
    let allocator = try obtained(AprAllocator.create())
    let node = try obtained(AprAllocator.allocate(size, from: allocator))
    #expect(node.pointee.end - UnsafeMutableRawPointer(node) == kibibytes << 10)
    #expect(Int(node.pointee.index) == kibibytes / 4 - 1)
    AprAllocator.free(node, to: allocator)
    #expect(lists(allocator) == [min(kibibytes / 4 - 1, 20): 1])
    AprAllocator.destroy(allocator)
  }

  @Test func `a request takes a node of up to twice its index`() throws {
    let allocator = try obtained(AprAllocator.create())
    func node(_ pages: Int) throws -> UnsafeMutablePointer<AprAllocator.Node> {
      try obtained(AprAllocator.allocate(pages * 4096 - 40, from: allocator))
    }
    // Index 7 is beyond twice index 3, and twice index 4 is not.
    let eight = try node(8)
    AprAllocator.free(eight, to: allocator)
    let four = try node(4)
    #expect(four != eight && allocator.pointee.counts.misses == 2)
    #expect(try node(5) == eight)
    #expect(lists(allocator).isEmpty)
    AprAllocator.free(eight, to: allocator)
    AprAllocator.free(four, to: allocator)
    #expect(try node(4) == four)
    #expect(try node(8) == eight)
    // Beyond 80 KiB the first that is big enough.
    let (large, larger) = (try node(30), try node(50))
    AprAllocator.free(large, to: allocator)
    AprAllocator.free(larger, to: allocator)
    #expect(try node(21) == larger)
    #expect(try node(22) == large)
    #expect(allocator.pointee.counts.misses == 4)
    for node in [four, eight, large, larger] { AprAllocator.free(node, to: allocator) }
    #expect(lists(allocator) == [3: 1, 7: 1, 20: 2])
    AprAllocator.destroy(allocator)
  }

  @Test func `what exceeds maxFree goes back to malloc, without a limit nothing does`() throws {
    for (maxFree, kept) in [(0, 10), (16 << 10, 2), (8193, 1), (4096, 0)] {
      try withRoot(maxFree: maxFree) { root, allocator in
        let pools = try (0..<10).map { _ in try obtained(AprPool.create(below: root)) }
        let before = pb_thread_heap_blocks()
        for pool in pools { pool.destroy() }
        #expect(lists(allocator)[1, default: 0] == kept)
        #expect(pb_thread_heap_blocks() == before - 10 + kept)
        #expect(allocator.pointee.counts.released == 10 - kept)
        // A node that is taken makes room for another.
        for _ in 0..<3 {
          let pool = try obtained(AprPool.create(below: root))
          pool.destroy()
        }
        #expect(lists(allocator)[1, default: 0] == kept)
      }
    }
  }

  @Test func `a subpool comes from the warm allocator without malloc`() throws {
    try withRoot { root, _ in
      try obtained(AprPool.create(below: root)).destroy()
      pb_limit_maps(0)
      defer { pb_limit_maps(-1) }
      for _ in 0..<10 {
        let pool = try obtained(AprPool.create(below: root))
        #expect(pool.allocate(8032) != nil)
        pool.destroy()
      }
    }
  }

  @Test func `clear keeps the pool's own node and gives back the others`() throws {
    try withRoot { root, allocator in
      let pool = try obtained(AprPool.create(below: root))
      let first = pool.allocate(100)
      for _ in 0..<3 { #expect(pool.allocate(8000) != nil) }
      pool.clear()
      #expect(lists(allocator) == [1: 3])
      #expect(ring(pool).map(\.free) == [8032])
      #expect(pool.allocate(100) == first)
    }
  }

  @Test func `a pool without an owner leaves its allocator`() throws {
    let before = pb_thread_heap_blocks()
    let allocator = try obtained(AprAllocator.create())
    let pool = try obtained(AprPool.create(below: nil, allocator: allocator))
    pool.destroy()
    #expect(lists(allocator) == [1: 1])
    AprAllocator.destroy(allocator)
    #expect(pb_thread_heap_blocks() == before)
    #expect(AprPool.create(below: nil) == nil)
  }

  @Test func `the abort hook is told before nil is returned`() throws {
    let allocator = try obtained(AprAllocator.create())
    let hook: AprPool.Abort = { code in
      pb_limit_maps(code == ENOMEM ? 77 : 78)
      return 0
    }
    let root = try obtained(AprPool.create(below: nil, allocator: allocator, abort: hook))
    allocator.pointee.owner = root
    let child = try obtained(AprPool.create(below: root))
    defer { pb_limit_maps(-1) }
    pb_limit_maps(0)
    #expect(child.allocate(9000) == nil)
    // The hook has lifted the limit, so it was told, and the same request is served now.
    #expect(child.allocate(9000) != nil)
    pb_limit_maps(0)
    #expect(root.allocate(.max) == nil)
    #expect(root.allocate(9000) != nil)
    root.destroy()
  }
}

extension AprPool: Equatable {
  static func == (one: AprPool, other: AprPool) -> Bool { one.body == other.body }
}
