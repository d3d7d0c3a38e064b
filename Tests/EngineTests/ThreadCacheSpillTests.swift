import CPlatform
import Glibc
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
        let last = try #require(cache.slots(sizeClass.index)[cache.count(sizeClass.index) - 1])
        cache.free(objects[next])
        next += 1
        guard central.pointee.statistics.objectsIn != before else { continue }
        #expect(try isInSpan(last, heap))
        // What was freed before it still is the thread's.
        let kept = try #require(cache.slots(sizeClass.index)[0])
        #expect(try !isInSpan(kept, heap))
        break
      }
      for object in objects[next...] { cache.free(object) }
    }
  }

  @Test func `a span gives the objects of its lowest addresses, and whoever takes them from behind gets them rising`()
    throws
  {
    try withThreadHeap { heap, _ in
      let central = heap.central(sizeClass.index)
      try withSlots(200) { slots in
        #expect(central.fetch(into: slots, 200) == 200)
        let first = try #require(slots[199])
        for index in 0..<200 { #expect(slots[199 - index] == first + index * 64) }
        // Some come back, in no order.
        let places = [150, 3, 77, 64, 63, 5]
        for (place, slot) in zip(places, slots...) { slot.pointee = first + place * 64 }
        central.take(slots, places.count)
        #expect(central.fetch(into: slots, 4) == 4)
        #expect((0..<4).map { slots[3 - $0] } == [3, 5, 63, 64].map { first + $0 * 64 })
        // Then the two that are left, and what was never used.
        #expect(central.fetch(into: slots, 3) == 3)
        #expect((0..<3).map { slots[2 - $0] } == [77, 150, 200].map { first + $0 * 64 })
        for (place, slot) in zip(0...200, slots...) { slot.pointee = first + place * 64 }
        central.take(slots, 201)
      }
      #expect(heap.pointee.pageHeap.pointee.policy.usedPages == 0)
    }
  }

  @Test func `every class's objects are found in their span`() throws {
    try withThreadHeap { heap, _ in
      try withSlots(1) { slots in
        for index in 1..<SizeClass.count {
          let central = heap.central(index)
          let facts = central.pointee.facts
          #expect(central.fetch(into: slots, 1) == 1)
          let first = try #require(slots[0])
          let span = try #require(heap.pointee.map.span(at: Page.index(of: first)))
          // All objects out, then back one by one.
          withSlots(Int(facts.capacity)) { all in
            #expect(span.take(into: all, atMost: .max, facts) == Int(facts.capacity) - 1)
            #expect(span.pointee.isExhausted)
            all[Int(facts.capacity) - 1] = first
            central.pointee.spans.remove(span)
            central.take(all, Int(facts.capacity))
          }
          #expect(span.pointee.state != .small)
        }
      }
    }
  }

  @Test func `objects freed twice or never allocated are found out when they reach their span`() async throws {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try withThreadHeap { heap, cache in
        let object = try #require(cache.allocate(64))
        let other = try #require(cache.allocate(64))
        cache.free(object)
        cache.free(other)
        cache.free(object)
        cache.flush(keepsBatches: false)
      }
    }
    await #expect(processExitsWith: .signal(SIGABRT)) {
      try withThreadHeap { heap, cache in
        let object = try #require(cache.allocate(64))
        cache.free(object + 8)
        cache.flush(keepsBatches: false)
      }
    }
  }

  @Test func `memory is populated ahead only where a class has much`() throws {
    try withThreadHeap { heap, cache in
      let central = heap.central(sizeClass.index)
      let bytes = Int(central.pointee.facts.spanPages) * Page.size
      let spans = (2 * CentralList.mostAhead << CentralList.aheadShift) / bytes
      let perSpan = Int(central.pointee.facts.capacity)
      var objects: [UnsafeMutableRawPointer] = []
      for _ in 0..<spans * perSpan { objects.append(try #require(cache.allocate(64))) }
      // The next span's first object brings as much as may be.
      while true {
        let object = try #require(cache.allocate(64))
        objects.append(object)
        let span = try #require(heap.pointee.map.span(at: Page.index(of: object)))
        if span.pointee.address == object {
          #expect(Int(span.pointee.touched) == CentralList.mostAhead)
          let resident = residentPages(span.pointee.address, span.pointee.byteCount)
          if try canPopulate() { #expect(resident * Int(pb_page_size()) == CentralList.mostAhead) }
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

  private func isInSpan(_ object: UnsafeMutableRawPointer, _ heap: ThreadHeapRef) throws -> Bool {
    let span = try #require(heap.pointee.map.span(at: Page.index(of: object)))
    let offset = UnsafeRawPointer(object) - UnsafeRawPointer(span.pointee.address)
    return span.isFree(offset / SizeClass(index: Int(span.pointee.sizeClass)).objectSize)
  }

  private func withSlots(_ count: Int, _ body: (ThreadCacheRef.Slots) throws -> Void) rethrows {
    let slots = ThreadCacheRef.Slots.allocate(capacity: count + 8)
    slots.initialize(repeating: nil, count: count + 8)
    defer { slots.deallocate() }
    try body(slots)
  }
}
