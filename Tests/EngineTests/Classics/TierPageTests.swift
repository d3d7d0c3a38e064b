import CPlatform
import Testing
import Workload

@testable import Engine

@Suite struct TierPageTests {
  private func freePages<Profile: TierProfile>(_ heap: TierHeapRef<Profile>) -> [Int: Int] {
    var lengths: [Int: Int] = [:]
    for length in 1...Tiers.listedPages {
      for kind in [TierSpan.State.free, .returned] {
        var span = heap.pages.list(length, kind).pointee.first
        while let current = span {
          lengths[length, default: 0] += 1
          span = current.pointee.next
        }
      }
    }
    return lengths
  }

  @Test func `the tutorial merges spans to 128 pages and no further`() throws {
    try withTierHeap(TutorialProfile.self) { heap, cache in
      let spans = try (0..<32).map { _ in try #require(heap.pages.allocateLarge(40, alignment: 1)) }
      for span in spans { heap.pages.freeLarge(span) }
      // Mappings of 128 pages each lie side by side or not; pieces of one never merge with those of another one.
      let lengths = freePages(heap)
      #expect(lengths.keys.allSatisfy { $0 <= 128 })
      #expect(lengths.reduce(0) { $0 + $1.key * $1.value } == heap.statistics().pages.growths * 128)
      #expect(lengths[128, default: 0] > 0)
      #expect(heap.state.pointee.pages.pointee.free.isEmpty)
      _ = cache
    }
  }

  @Test func `the tutorial maps what is longer than 128 pages, and unmaps it`() throws {
    try withTierHeap(TutorialProfile.self) { _, cache in
      let before = pb_thread_mapped()
      let object = try obtained(cache.allocate(129 << Page.shift))
      #expect(pb_thread_mapped() - before >= 129 << Page.shift)
      let mapped = pb_thread_mapped()
      cache.free(object)
      #expect(mapped - pb_thread_mapped() == 129 << Page.shift)
    }
  }

  @Test func `gperftools merges without limit, and finds the shortest span that is long enough`() throws {
    try withTierHeap(GperfProfile.self) { heap, _ in
      let whole = try #require(heap.pages.allocateLarge(1_000, alignment: 1))
      let start = whole.pointee.firstPage
      heap.pages.freeLarge(whole)
      let pieces = try (0..<10).map { _ in try #require(heap.pages.allocateLarge(100, alignment: 1)) }
      #expect(pieces.allSatisfy { $0.pointee.firstPage >= start && $0.pointee.firstPage < start + 1_000 })
      // Holes of 100, 300 and 200 pages, held apart by the pieces in between.
      for index in [0, 2, 3, 4, 6, 7] { heap.pages.freeLarge(pieces[index]) }
      let fitting = try #require(heap.pages.allocateLarge(150, alignment: 1))
      #expect(fitting.pointee.firstPage == start + 600)
      let exact = try #require(heap.pages.allocateLarge(90, alignment: 1))
      #expect(exact.pointee.firstPage == start)
      heap.pages.freeLarge(fitting)
      heap.pages.freeLarge(exact)
      for index in [1, 5, 8, 9] { heap.pages.freeLarge(pieces[index]) }
      let again = try #require(heap.pages.allocateLarge(1_000, alignment: 1))
      #expect(again.pointee.firstPage == start)
      heap.pages.freeLarge(again)
    }
  }

  @Test func `released spans are kept apart, read as zero and are used again`() throws {
    try withTierHeap(GperfProfile.self) { heap, cache in
      let object = try obtained(cache.allocate(1 << 20))
      object.initializeMemory(as: UInt8.self, repeating: 1, count: 1 << 20)
      cache.free(object)
      heap.pages.releaseAll()
      #expect(heap.statistics().pages.releasedPages >= 128)
      #expect(heap.state.pointee.pages.pointee.free.isEmpty)
      #expect(residentPages(object, 1 << 20) == 0)
      let again = try obtained(cache.allocate(1 << 20))
      #expect(again == object && again.load(as: UInt8.self) == 0)
      cache.free(again)
    }
  }

  @Test func `freed pages are released little by little`() throws {
    try withTierHeap(GperfProfile.self) { heap, cache in
      for _ in 0..<4 { cache.free(try obtained(cache.allocate(8 << 20))) }
      let first = heap.statistics().pages.releases
      #expect(first >= 1)
      // A release of 1024 pages is followed by none for 1000 pages each, at most 2²⁰ pages.
      for _ in 0..<200 { cache.free(try obtained(cache.allocate(8 << 20))) }
      #expect(heap.statistics().pages.releases == first)
    }
  }

  // MARK: Spans in order

  @Test func `a tree of spans finds the best fit, as a sorted list does`() {
    var random = SplitMix64(state: 4)
    var tree = TierSpanTree()
    let spans = (0..<300).map { index in
      let span = TierSpanRef.allocate(capacity: 1)
      span.initialize(
        to: TierSpan(firstPage: 1_000 * (index + 1), pageCount: 129 + Int(random.next() % 50), state: .free))
      return span
    }
    defer { for span in spans { span.deallocate() } }
    var held: [TierSpanRef] = []
    for step in 0..<3_000 {
      let span = spans[Int(random.next() % 300)]
      if let index = held.firstIndex(of: span) {
        tree.remove(span)
        held.remove(at: index)
      } else {
        tree.insert(span)
        held.append(span)
      }
      if step % 10 == 0 {
        let wanted = 125 + Int(random.next() % 60)
        let expected = held.filter { $0.pointee.pageCount >= wanted }.min {
          ($0.pointee.pageCount, $0.pointee.firstPage) < ($1.pointee.pageCount, $1.pointee.firstPage)
        }
        #expect(tree.bestFit(wanted) == expected)
      }
    }
    for span in held { tree.remove(span) }
    #expect(tree.isEmpty)
  }

  @Test func `misuse of large objects ends the process`() async {
    await #expect(processExitsWith: .failure) {
      let heap = try #require(TierHeapRef<GperfProfile>.create(lanes: 1))
      let cache = heap.attach(0)
      let object = try #require(cache.allocate(1 << 20))
      cache.free(object)
      cache.free(object)
    }
  }
}
