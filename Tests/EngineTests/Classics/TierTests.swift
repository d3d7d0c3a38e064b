import Synchronization
import Testing

@testable import Engine

@Suite struct TierTests {
  // MARK: Classes

  @Test func `classes of gperftools lose at most an eighth at a span's end, and a fifth inside`() throws {
    try withTierHeap(GperfProfile.self) { heap, _ in
      let state = heap.state.pointee
      let facts = (1..<state.classCount).map { heap.central($0).state.pointee.facts }
      #expect(facts.first?.objectSize == 8 && facts.last?.objectSize == 256 << 10)
      #expect(facts.count == 85)
      // Sizes of an eighth of a power of two apart, less those whose spans would hold no more objects.
      let sizes = facts.map(\.objectSize)
      #expect(sizes.filter { $0 > 700 && $0 <= 2048 } == [704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048])
      for (smaller, larger) in zip(facts, facts.dropFirst()) {
        #expect(smaller.objectSize < larger.objectSize)
        #expect(larger.objectSize % 16 == 0)
      }
      for entry in facts {
        let bytes = Int(entry.pages) * Page.size
        #expect(bytes % Int(entry.objectSize) <= bytes / 8)
        #expect(entry.capacity >= Int(entry.batch) / 4)
        #expect(Int(entry.batch) == min(max((64 << 10) / Int(entry.objectSize), 2), 32))
      }
      for size in 0...Tiers.largestSmall {
        let sizeClass = GperfProfile.sizeClass(of: size, table: state.table)
        let block = Int(facts[sizeClass - 1].objectSize)
        let below = sizeClass == 1 ? -1 : Int(facts[sizeClass - 2].objectSize)
        if block < size || below >= size && size <= 1024 { Issue.record("\(size) bytes are in a block of \(block)") }
        if size >= 128, (block - size) * 5 > block { Issue.record("\(size) bytes lose a fifth of \(block)") }
      }
    }
  }

  @Test func `the tutorial has 208 classes, and computes the first that is large enough`() throws {
    try withTierHeap(TutorialProfile.self) { heap, _ in
      let state = heap.state.pointee
      #expect(state.classCount == 209)
      let sizes = (1..<state.classCount).map { Int(heap.central($0).state.pointee.facts.objectSize) }
      #expect(sizes.first == 8 && sizes.last == 256 << 10)
      for size in 1...Tiers.largestSmall {
        let sizeClass = TutorialProfile.sizeClass(of: size, table: state.table)
        if sizes[sizeClass - 1] < size || sizeClass > 1 && sizes[sizeClass - 2] >= size {
          Issue.record("\(size) bytes are in class \(sizeClass)")
        }
      }
      let facts = heap.central(TutorialProfile.sizeClass(of: 64, table: state.table)).state.pointee.facts
      #expect(facts.batch == 512 && facts.pages == 4)
      let largest = heap.central(208).state.pointee.facts
      #expect(largest.batch == 2 && largest.pages == 64)
    }
  }

  // MARK: Slow start

  @Test func `a list's length grows by one up to the batch, then by batches where lists give one back`() throws {
    try withTierHeap(GperfProfile.self) { _, cache in
      let list = tierList(cache, 64)
      var lengths: [Int32] = [1]
      for _ in 0..<2_000 {
        _ = try obtained(cache.allocate(64))
        if let last = lengths.last, last != list.pointee.maxLength { lengths.append(list.pointee.maxLength) }
      }
      #expect(Array(lengths.prefix(32)) == Array(1...32))
      #expect(lengths.count > 34 && lengths.dropFirst(32).allSatisfy { $0 % 32 == 0 })
      #expect(zip(lengths.dropFirst(31), lengths.dropFirst(32)).allSatisfy { $1 - $0 == 32 })
    }
  }

  @Test func `no list grows beyond 8192 objects`() throws {
    try withTierHeap(GperfProfile.self) { _, cache in
      for _ in 0..<20_000 { _ = try obtained(cache.allocate(8)) }
      #expect(tierList(cache, 8).pointee.maxLength == 8192)
    }
  }

  @Test func `the tutorial's list ends one above the batch`() throws {
    try withTierHeap(TutorialProfile.self) { _, cache in
      let list = tierList(cache, 8 << 10)
      #expect(list.pointee.batch == 32)
      var lengths: [Int32] = [1]
      for _ in 0..<1_500 {
        _ = try obtained(cache.allocate(8 << 10))
        if let last = lengths.last, last != list.pointee.maxLength { lengths.append(list.pointee.maxLength) }
      }
      #expect(lengths == Array(1...33))
    }
  }

  // MARK: Giving back

  @Test func `a list that is too long gives back one batch, and shrinks at the fourth time`() throws {
    try withTierHeap(GperfProfile.self) { heap, cache in
      let list = tierList(cache, 64)
      let held = try tierObjects(cache, 64, 1_000)
      list.pointee.maxLength = 64
      let before = cache.state.pointee.statistics
      var freed = held.makeIterator()
      while list.pointee.length < 64, let object = freed.next() { cache.free(object) }
      #expect(cache.state.pointee.statistics.returnedObjects == before.returnedObjects)
      cache.free(try obtained(freed.next()))
      #expect(list.pointee.length == 65 - 32)
      #expect(cache.state.pointee.statistics.returnedObjects == before.returnedObjects + 32)
      #expect(list.pointee.overages == 1 && list.pointee.maxLength == 64)
      for _ in 0..<3 * 32 { cache.free(try obtained(freed.next())) }
      #expect(list.pointee.overages == 0 && list.pointee.maxLength == 32)
      #expect(heap.statistics().central.slotsIn >= 4)
    }
  }

  @Test func `below the batch a list that is too long may be longer next time`() throws {
    try withTierHeap(GperfProfile.self) { _, cache in
      let held = try tierObjects(cache, 64, 3)
      let list = tierList(cache, 64)
      list.pointee.maxLength = 1
      let length = list.pointee.length
      for object in held { cache.free(object) }
      #expect(length + 3 > list.pointee.length)
      #expect(list.pointee.maxLength > 1)
    }
  }

  @Test func `the tutorial's list gives back all that it has`() throws {
    try withTierHeap(TutorialProfile.self) { heap, cache in
      let list = tierList(cache, 64)
      let held = try tierObjects(cache, 64, 600)
      cache.flush()
      let before = cache.state.pointee.statistics
      let limit = Int(list.pointee.maxLength)
      for object in held.prefix(limit - 1) { cache.free(object) }
      #expect(cache.state.pointee.statistics.returnedObjects == before.returnedObjects)
      #expect(Int(list.pointee.length) == limit - 1)
      cache.free(held[limit - 1])
      #expect(list.pointee.length == 0 && list.pointee.head == nil)
      #expect(cache.state.pointee.statistics.returnedObjects == before.returnedObjects + limit)
      #expect(heap.statistics().central.slotsIn == 0)
    }
  }

  @Test func `a thread that caches more than its budget drops half of what it did not need, and claims 64 KiB`() throws
  {
    try withTierHeap(GperfProfile.self) { heap, cache in
      let budget = cache.budget.pointee.load(ordering: .relaxed)
      #expect(budget == 64 << 10)
      #expect(heap.state.pointee.unclaimed == (32 << 20) - (64 << 10))
      let idle = tierList(cache, 1024)
      let held = try tierObjects(cache, 1024, 40)
      idle.pointee.maxLength = 8192
      for object in held { cache.free(object) }
      idle.pointee.lowWater = idle.pointee.length
      let idleLength = idle.pointee.length
      let other = try tierObjects(cache, 2048, 64)
      tierList(cache, 2048).pointee.maxLength = 8192
      for object in other { cache.free(object) }
      #expect(cache.state.pointee.statistics.scavenges > 0)
      #expect(cache.state.pointee.statistics.claims > 0)
      #expect(idle.pointee.length <= idleLength - idleLength / 2)
      #expect(cache.budget.pointee.load(ordering: .relaxed) >= budget + 64 << 10)
      var cached = 0
      for index in 1..<heap.state.pointee.classCount {
        cached += Int(cache.list(index).pointee.length) * Int(cache.list(index).pointee.objectSize)
      }
      #expect(cache.cachedBytes.pointee == cached)
    }
  }

  @Test func `when no budget is left a thread takes it from one that has enough`() throws {
    try withTierHeap(GperfProfile.self, lanes: 3) { heap, cache in
      heap.state.pointee.unclaimed = 0
      let other = heap.attach(1)
      // Nothing to claim and nobody to take from: the least that every thread has.
      #expect(other.budget.pointee.load(ordering: .relaxed) == 512 << 10)
      #expect(heap.state.pointee.unclaimed == -512 << 10)
      #expect(heap.raiseBudget(of: cache) == .stolen)
      #expect(cache.budget.pointee.load(ordering: .relaxed) == 128 << 10)
      #expect(other.budget.pointee.load(ordering: .relaxed) == 448 << 10)
      #expect(heap.raiseBudget(of: cache) == .refused)
      heap.detach(other)
      #expect(other.budget.pointee.load(ordering: .relaxed) == 0)
    }
  }

  // MARK: Central lists

  @Test func `a class takes slots from others up to its limit`() throws {
    try withTierHeap(GperfProfile.self) { heap, cache in
      let sizeClass = GperfProfile.sizeClass(of: 64, table: heap.state.pointee.table)
      let central = heap.central(sizeClass)
      #expect(central.state.pointee.limit == 16 && central.state.pointee.largestLimit == 64)
      var batches: [Chain] = []
      for _ in 0..<100 { batches.append(central.fetch(32)) }
      for batch in batches where batch.count == 32 { central.take(batch) }
      #expect(central.state.pointee.used == 64 && central.state.pointee.limit == 64)
      #expect(heap.statistics().central.slotsStolen == 48)
      let limits = (1..<heap.state.pointee.classCount).reduce(0) {
        $0 + Int(heap.central($1).state.pointee.limit)
      }
      let first = (1..<heap.state.pointee.classCount).reduce(0) {
        $0 + Int(min(heap.central($1).state.pointee.largestLimit, 16))
      }
      #expect(limits == first)
      // A megabyte in the slots of a class at most.
      let large = heap.central(GperfProfile.sizeClass(of: 256 << 10, table: heap.state.pointee.table))
      #expect(large.state.pointee.largestLimit == 2)
    }
  }

  @Test func `what lies in slots serves whole batches alone, not a list that begins slowly`() throws {
    try withTierHeap(GperfProfile.self) { heap, cache in
      let sizeClass = GperfProfile.sizeClass(of: 64, table: heap.state.pointee.table)
      let central = heap.central(sizeClass)
      let batch = central.fetch(32)
      central.take(batch)
      #expect(central.state.pointee.used == 1)
      let few = central.fetch(31)
      #expect(few.count == 31 && few.head != batch.head && central.state.pointee.used == 1)
      #expect(central.fetch(32).head == batch.head && central.state.pointee.used == 0)
      central.take(few)
    }
  }

  @Test func `a span whose objects are all back goes to the page heap`() throws {
    try withTierHeap(TutorialProfile.self) { heap, cache in
      for object in try tierObjects(cache, 1024, 3_000) { cache.free(object) }
      cache.flush()
      let central = heap.statistics().central
      #expect(central.spansTaken > 10 && central.spansReturned == central.spansTaken)
    }
  }
}
