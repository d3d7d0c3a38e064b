import CPlatform
import Testing

@testable import Engine

/// How objects go back into their spans, and come out of them.
@Suite struct ThreadCacheSpillTests {
  private let sizeClass = SizeClass(fitting: 64)

  @Test func `a heap that drains puts a few objects into their spans at a time`() throws {
    try withThreadHeap { _, cache in
      let objects = try (0..<4000).map { _ in try #require(cache.allocate(64)) }
      // The first half, until no more chains are wanted.
      for object in objects[..<2000] { cache.free(object) }
      var most = 0
      for object in objects[2000...] {
        let before = cache.state.pointee.statistics.returnedObjects
        cache.free(object)
        most = max(most, cache.state.pointee.statistics.returnedObjects - before)
      }
      #expect(most == ThreadCacheRef.spillCount)
    }
  }

  @Test func `what is spilled is what was freed last`() throws {
    try withThreadHeap { heap, cache in
      let objects = try (0..<4000).map { _ in try #require(cache.allocate(64)) }
      for object in objects[..<3000] { cache.free(object) }
      let central = heap.central(sizeClass.index)
      var next = 3000
      while true {
        let before = central.pointee.statistics.objectsIn
        let head = cache.list(sizeClass.index).pointee.head
        cache.free(objects[next])
        next += 1
        guard central.pointee.statistics.objectsIn != before else { continue }
        let last = try #require(head)
        let owner = try #require(heap.pointee.map.span(at: Page.index(of: last)))
        var freed: [UnsafeMutableRawPointer] = []
        var object = owner.pointee.freed
        while let current = object {
          freed.append(current)
          object = current.link
        }
        #expect(freed.contains(last))
        break
      }
      for object in objects[next...] { cache.free(object) }
    }
  }

  @Test func `all free objects of a span come out at once if they are no more than asked for`() throws {
    try withThreadHeap { heap, _ in
      let central = heap.central(sizeClass.index)
      let run = central.fetch(64)
      let first = try #require(run.head)
      first.linkRun(count: 64, size: 64)
      var rest: UnsafeMutableRawPointer? = first
      central.take(&rest, 40)
      #expect(rest == first + 40 * 64)
      let few = central.fetch(30)
      #expect(few.count == 30 && chainLength(few.head) == 30)
      let left = central.fetch(30)
      #expect(left.count == 10 && chainLength(left.head) == 10)
      for var head in [few.head, left.head, rest] { central.take(&head, chainLength(head)) }
    }
  }

  @Test func `memory is populated ahead only where a class has much`() throws {
    try withThreadHeap { heap, cache in
      let central = heap.central(sizeClass.index)
      let spans = 3 << CentralList.aheadShift
      let perSpan = Int(central.pointee.facts.capacity)
      var objects: [UnsafeMutableRawPointer] = []
      for _ in 0..<spans * perSpan { objects.append(try #require(cache.allocate(64))) }
      // The next span's first object brings all of the span.
      while true {
        let object = try #require(cache.allocate(64))
        objects.append(object)
        let span = try #require(heap.pointee.map.span(at: Page.index(of: object)))
        if span.pointee.address == object {
          #expect(Int(span.pointee.touched) == span.pointee.byteCount)
          let resident = residentPages(span.pointee.address, span.pointee.byteCount)
          if try canPopulate() { #expect(resident * Int(pb_page_size()) == span.pointee.byteCount) }
          break
        }
      }
      // The first span of another class has little more than what was carved.
      let other = try #require(cache.allocate(512))
      let span = try #require(heap.pointee.map.span(at: Page.index(of: other)))
      #expect(Int(span.pointee.touched) <= 512 + span.pointee.byteCount >> CentralList.aheadShift)
      cache.free(other)
      for object in objects { cache.free(object) }
    }
  }

  @Test func `regions for huge pages begin at one`() throws {
    let heap = try #require(ThreadHeap.create(hasHugePages: true))
    defer { heap.destroy() }
    let cache = try #require(heap.attach())
    cache.free(try #require(cache.allocate(100)))
    let region = try #require(heap.pointee.pageHeap.pointee.regions)
    #expect(Int(bitPattern: region.pointee.address) % PageHeap.hugePageBytes == 0)
    expectSound(heap)
    heap.detach(cache)
  }

  /// Linux before 5.14 can't.
  private func canPopulate() throws -> Bool {
    let page = Int(pb_page_size())
    let memory = try #require(pb_reserve(page))
    defer { pb_unmap(memory, page) }
    pb_populate(memory, page)
    return residentPages(memory, page) == 1
  }

  private func chainLength(_ head: UnsafeMutableRawPointer?) -> Int {
    var length = 0
    var next = head
    while let object = next {
      length += 1
      next = object.link
    }
    return length
  }
}
