import CPlatform
import Testing

@testable import Engine

@Suite struct ThreadCachePageHeapTests {
  @Test func `bins rise with the length, exactly for short spans`() {
    for pages in 1..<FreeSpanBins.exactCount { #expect(FreeSpanBins.bin(of: pages) == pages) }
    var previous = 0
    for shift in 0..<(PageMap.pageBits - 1) {
      for part in 8..<16 {
        let bin = FreeSpanBins.bin(of: (part << shift) / 8 + 1)
        #expect(bin >= previous && bin < FreeSpanBins.count)
        previous = bin
      }
    }
    #expect(FreeSpanBins.count <= 64 * FreeSpanBins.wordCount)
  }

  @Test func `a span is split off, and merges with both neighbours when it is freed`() throws {
    try withThreadHeap { heap, _ in
      let pageHeap = heap.pointee.pageHeap
      let first = try #require(pageHeap.allocateLarge(30, alignment: 1))
      let second = try #require(pageHeap.allocateLarge(40, alignment: 1))
      let third = try #require(pageHeap.allocateLarge(50, alignment: 1))
      #expect(second.pointee.firstPage == first.pointee.endPage)
      #expect(third.pointee.firstPage == second.pointee.endPage)
      let start = first.pointee.firstPage
      let merges = pageHeap.pointee.statistics.merges
      pageHeap.freeLarge(first)
      pageHeap.freeLarge(third)
      #expect(pageHeap.pointee.statistics.merges == merges)
      pageHeap.freeLarge(second)
      #expect(pageHeap.pointee.statistics.merges == merges + 2)
      let whole = try #require(pageHeap.pointee.dirty.longest)
      #expect(whole.pointee.firstPage == start && whole.pointee.pageCount == 120)
    }
  }

  @Test func `dirty spans are reused before clean ones`() throws {
    try withThreadHeap { heap, _ in
      let pageHeap = heap.pointee.pageHeap
      let first = try #require(pageHeap.allocateLarge(40, alignment: 1))
      let guardian = try #require(pageHeap.allocateLarge(1, alignment: 1))
      #expect(first.pointee.isZero)
      let page = first.pointee.firstPage
      pageHeap.freeLarge(first)
      let again = try #require(pageHeap.allocateLarge(33, alignment: 1))
      #expect(again.pointee.firstPage == page && !again.pointee.isZero)
      pageHeap.freeLarge(again)
      pageHeap.freeLarge(guardian)
    }
  }

  @Test func `random spans of pages neither overlap nor get lost`() throws {
    try withThreadHeap { heap, _ in
      let pageHeap = heap.pointee.pageHeap
      var numbers = TestNumbers(seed: 7)
      var live: [SpanRef] = []
      for step in 0..<4000 {
        if live.count > 60 || (!live.isEmpty && numbers.below(2) == 0) {
          let span = live.remove(at: numbers.below(live.count))
          #expect(span.pointee.address.load(as: Int.self) == span.pointee.pageCount)
          pageHeap.freeLarge(span)
        } else {
          let pages = 1 << numbers.below(10) + numbers.below(9)
          let alignment = Page.size << numbers.below(6)
          let span = try #require(pageHeap.allocateLarge(pages, alignment: alignment))
          #expect(span.pointee.pageCount == pages)
          #expect(Int(bitPattern: span.pointee.address) % alignment == 0)
          if span.pointee.isZero { #expect(span.pointee.address.load(as: Int.self) == 0) }
          span.pointee.address.storeBytes(of: pages, as: Int.self)
          live.append(span)
        }
        if step % 500 == 0 { expectSound(heap) }
      }
      let pages = live.map { $0.pointee.firstPage..<$0.pointee.endPage }.sorted { $0.lowerBound < $1.lowerBound }
      for (lower, upper) in zip(pages, pages.dropFirst()) { #expect(lower.upperBound <= upper.lowerBound) }
      for span in live { pageHeap.freeLarge(span) }
      #expect(pageHeap.pointee.policy.usedPages == 0)
    }
  }

  @Test func `the map knows every page of small spans, and forgets their class`() throws {
    try withThreadHeap { heap, _ in
      let sizeClass = SizeClass(fitting: 3000)
      let span = try #require(
        heap.pointee.pageHeap.allocateSmall(sizeClass.index, SizeClassFacts(sizeClass)))
      for page in span.pointee.firstPage..<span.pointee.endPage {
        #expect(heap.pointee.map.span(at: page) == span)
        #expect(Int(heap.pointee.map.classes[page]) == sizeClass.index)
      }
      let page = span.pointee.firstPage
      heap.pointee.pageHeap.freeSmall(span)
      #expect(heap.pointee.map.classes[page] == 0)
      #expect(heap.pointee.map.span(at: 0) == nil)
      #expect(heap.pointee.map.span(at: (1 << PageMap.pageBits) + 1) == nil)
    }
  }

  @Test func `a heap that drains keeps at most a mebibyte or a sixteenth`() throws {
    try withThreadHeap { heap, _ in
      let pageHeap = heap.pointee.pageHeap
      let spans = try (0..<200).map { _ in try #require(pageHeap.allocateLarge(64, alignment: 1)) }
      for span in spans { pageHeap.freeLarge(span) }
      #expect(pageHeap.pointee.policy.dirtyPages <= DiscardPolicy.leastPages)
      #expect(pageHeap.pointee.statistics.discardedPages > 0)
      heap.purge()
      #expect(pageHeap.pointee.policy.dirtyPages == 0)
    }
  }

  @Test func `a heap that breathes keeps its memory, and one that idles gives it back at a window's end`() throws {
    try withThreadHeap { heap, _ in
      let pageHeap = heap.pointee.pageHeap
      pageHeap.pointee.policy.hasWindows = true
      let base = try (0..<300).map { _ in try #require(pageHeap.allocateLarge(64, alignment: 1)) }
      let breathes = {
        let breath = try (0..<60).map { _ in try #require(pageHeap.allocateLarge(64, alignment: 1)) }
        for span in breath { pageHeap.freeLarge(span) }
      }
      try breathes()
      pageHeap.purgeIdle()
      for _ in 0..<5 {
        try breathes()
        pageHeap.purgeIdle()
      }
      #expect(pageHeap.pointee.statistics.discardedPages == 0)
      for span in base { pageHeap.freeLarge(span) }
      #expect(pageHeap.pointee.statistics.discardedPages == 0)
      // The window in which it drained had the heap in use; the next one is idle throughout.
      pageHeap.purgeIdle()
      pageHeap.purgeIdle()
      #expect(pageHeap.pointee.policy.dirtyPages == DiscardPolicy.leastPages)
      #expect(pageHeap.pointee.statistics.idlePages == 360 * 64 - DiscardPolicy.leastPages)
    }
  }

  @Test func `a window gives back what was never needed in it, but for what always stays`() {
    var policy = DiscardPolicy()
    let least = DiscardPolicy.leastPages
    policy.addDirty(10 * least)
    #expect(policy.endWindow() == 0)
    policy.removeDirty(4 * least)
    policy.use(4 * least)
    policy.addDirty(4 * least)
    // Six were never needed, but four were, and as many may be again.
    #expect(policy.endWindow() == 2 * least)
    // Taken out to be split, and put back: nobody used it.
    policy.removeDirty(10 * least)
    policy.addDirty(10 * least)
    #expect(policy.endWindow() == 9 * least)
    policy.removeDirty(9 * least)
    policy.use(9 * least)
    #expect(policy.endWindow() == 0)
    #expect(!policy.wantsWindow)
  }

  @Test func `free memory beyond the peak goes back at once, below it only without windows`() {
    for hasWindows in [false, true] {
      var policy = DiscardPolicy()
      policy.hasWindows = hasWindows
      policy.use(10_000)
      policy.unuse(4000)
      #expect(policy.limit == (hasWindows ? 4000 : 6000 / 32))
      policy.restartPeak()
      #expect(policy.limit == 6000 / 32)
    }
  }

  @Test func `a quarter of what is in use may stay while nothing moves`() {
    let least = DiscardPolicy.leastPages
    var policy = DiscardPolicy()
    policy.hasWindows = true
    policy.use(100 * least)
    policy.unuse(40 * least)
    policy.addDirty(40 * least)
    // Needed by nobody, but the program has only just begun to wait.
    #expect(policy.endWindow() == 0 && policy.wantsWindow)
    #expect(policy.endWindow() == 40 * least - 60 * least / 4)
    policy.removeDirty(25 * least)
    #expect(policy.endWindow() == 0 && !policy.wantsWindow)
    // It goes on: what it still does not need goes back.
    policy.unuse(least)
    policy.addDirty(least)
    #expect(policy.wantsWindow)
    #expect(policy.endWindow() == 15 * least)
  }

  @Test(.timeLimit(.minutes(1))) func `a pool that drains gives its memory back of itself`() throws {
    let pool = try ThreadCachePool(PoolConfiguration())
    let pageHeap = pool.heap.pointee.pageHeap
    let spans = try (0..<200).map { _ in try #require(pageHeap.allocateLarge(64, alignment: 1)) }
    for span in spans { pageHeap.freeLarge(span) }
    while true {
      pageHeap.acquire()
      let isDone = !pageHeap.pointee.policy.wantsWindow && !pageHeap.pointee.purgeThread.isAwake
      pageHeap.release()
      if isDone { break }
      pb_sleep_ns(10_000_000)
    }
    #expect(pageHeap.pointee.statistics.idlePages >= 200 * 64 - DiscardPolicy.leastPages)
    #expect(pageHeap.pointee.policy.dirtyPages <= DiscardPolicy.leastPages)
  }

  @Test func `huge objects have their own mappings, which grow, move and go`() throws {
    try withThreadHeap { heap, _ in
      let pageHeap = heap.pointee.pageHeap
      let before = pageHeap.pointee.statistics.mappedBytes
      let span = try #require(pageHeap.allocateLarge(PageHeap.ownMappingPages, alignment: 1))
      #expect(span.pointee.state == .huge && span.pointee.isZero)
      span.pointee.address.storeBytes(of: 42, as: Int.self)
      for pages in [3, 2, 5, 1] {
        let address = try #require(pageHeap.resizeHuge(span, to: pages * PageHeap.ownMappingPages))
        #expect(address == span.pointee.address && address.load(as: Int.self) == 42)
        #expect(heap.pointee.map.span(at: Page.index(of: address)) == span)
        (address + span.pointee.byteCount - 8).storeBytes(of: 1, as: Int.self)
      }
      pageHeap.freeLarge(span)
      #expect(pageHeap.pointee.statistics.mappedBytes == before)
    }
  }

  @Test func `memory beyond the limit is refused, and what was there goes on`() throws {
    try withThreadHeap { heap, cache in
      let pageHeap = heap.pointee.pageHeap
      pageHeap.pointee.mappedLimit = 8 << 20
      var objects: [UnsafeMutableRawPointer] = []
      while let object = cache.allocate(10_000) { objects.append(object) }
      #expect(objects.count > 700 && objects.count <= (8 << 20) / 10_000)
      #expect(cache.allocate(1 << 20) == nil)
      #expect(cache.allocate(64 << 20) == nil)
      #expect(cache.allocateAligned(100, 1 << 26) == nil)
      #expect(cache.resize(objects[0], to: 4 << 20, exact: false) == nil)
      for object in objects { cache.free(object) }
      // Free objects that stacks still hold are no reason to fail.
      let large = try #require(cache.allocate(4 << 20))
      cache.free(large)
    }
  }
}
