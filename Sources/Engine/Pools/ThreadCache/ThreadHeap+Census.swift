/// Where a heap's memory is, in bytes; and whether its structures agree with each other.
///
/// While no other thread uses the heap. Walks everything: for tests and for statistics at the end of a run.
struct ThreadHeapCensus: Equatable {
  /// At users: blocks of small objects, and whole pages of large and huge ones.
  var small = 0
  var large = 0
  /// Free blocks in threads' stacks, and in the central lists' whole batches.
  var threads = 0
  var batches = 0
  /// In spans of small objects: free blocks, those of them never used that lie behind all others, ends too short for one.
  var freed = 0
  var uncarved = 0
  var tails = 0
  /// Free spans with memory behind them, and without.
  var dirty = 0
  var clean = 0
  /// The first disagreement found; nil when all is well.
  var fault: StaticString?

  static func == (a: Self, b: Self) -> Bool {
    a.small == b.small && a.large == b.large && a.threads == b.threads && a.batches == b.batches
      && a.freed == b.freed && a.uncarved == b.uncarved && a.tails == b.tails && a.dirty == b.dirty
      && a.clean == b.clean && (a.fault == nil) == (b.fault == nil)
  }

  /// Notes the first condition that doesn't hold.
  mutating func check(_ holds: Bool, _ fault: StaticString) {
    if !holds, self.fault == nil { self.fault = fault }
  }
}

extension ThreadHeapRef {
  func census() -> ThreadHeapCensus {
    var census = ThreadHeapCensus()
    forEachCache { countCache($0, &census) }
    for index in 1..<SizeClass.count { countBatches(index, &census) }
    countPages(&census)
    census.small -= census.threads + census.batches
    census.check(census.small >= 0, "more free objects than spans have handed out")
    return census
  }

  private func countCache(_ cache: ThreadCacheRef, _ census: inout ThreadHeapCensus) {
    census.check(cache.list(0).pointee.top == 0 && cache.list(0).pointee.end == 0, "class 0 is in use")
    var capacity = 0
    for index in 1..<SizeClass.count {
      let state = cache.classState(index).pointee
      let (size, batch) = (SizeClass(index: index).objectSize, SizeClass(index: index).batch)
      let slots = cache.slots(index)
      let count = cache.count(index)
      census.check(slots[-1] == nil, "there is no nil below a stack")
      census.check(count <= 2 * batch, "a stack has left its slots")
      census.check(Int(state.limit) <= batch, "a limit is above the batch")
      census.check(
        cache.list(index).pointee.end == state.base + UInt32(16 * state.limit), "a stack's end isn't its limit's")
      checkObjects(slots, count, index, &census)
      census.threads += count * size
      capacity += 2 * Int(state.limit) * size
    }
    census.check(capacity == cache.state.pointee.capacity, "a thread's capacity is not the sum of its limits")
  }

  private func countBatches(_ index: Int, _ census: inout ThreadHeapCensus) {
    let central = central(index)
    let batch = Int(central.pointee.facts.batch)
    let count = Int(central.pointee.batchCount) * batch
    checkObjects(central.pointee.batches, count, index, &census)
    census.batches += count * SizeClass(index: index).objectSize
    var next = central.pointee.spans.first
    var previous: SpanRef?
    while let span = next {
      census.check(span.pointee.previous == previous, "a span's links don't agree")
      census.check(span.pointee.state == .small, "a central list has a span that isn't small")
      census.check(Int(span.pointee.sizeClass) == index, "a span is in another class's list")
      census.check(!span.pointee.isExhausted, "a central list has a span with nothing to give")
      census.check(span.pointee.live > 0, "an empty span stayed in its central list")
      previous = span
      next = span.pointee.next
    }
  }

  /// Objects that are nobody's must lie in spans of the class, at the right places, each once.
  private func checkObjects(
    _ slots: ThreadCacheRef.Slots, _ count: Int, _ index: Int, _ census: inout ThreadHeapCensus
  ) {
    let size = SizeClass(index: index).objectSize
    for slot in 0..<max(count, 0) {
      guard let object = slots[slot], let span = pointee.map.span(at: Page.index(of: object)),
        span.pointee.state == .small
      else { return census.check(false, "a free object is in no span") }
      let offset = UnsafeRawPointer(object) - UnsafeRawPointer(span.pointee.address)
      census.check(Int(span.pointee.sizeClass) == index, "a free object is of another class")
      census.check(offset % size == 0, "a free object isn't at an object's place")
      census.check(offset / size < Int(span.pointee.carved), "a free object was never carved")
      census.check(!span.isFree(offset / size), "a free object is in its span as well")
    }
  }

  /// Walks all regions span by span.
  private func countPages(_ census: inout ThreadHeapCensus) {
    let pageHeap = pointee.pageHeap
    var usedPages = 0
    var region = pageHeap.pointee.regions
    while let current = region {
      region = current.pointee.next
      var page = Page.index(of: current.pointee.address)
      let end = page + current.pointee.byteCount >> Page.shift
      // A free span may have begun in the region below and reach into this one; it is counted there.
      if let reaching = pointee.map.span(at: page), reaching.pointee.firstPage < page {
        page = reaching.pointee.endPage
      }
      while page < end {
        guard let span = pointee.map.span(at: page), span.pointee.firstPage == page else {
          census.check(false, "a page belongs to no span")
          break
        }
        countSpan(span, &usedPages, &census)
        page = span.pointee.endPage
      }
    }
    var huge = pageHeap.pointee.hugeSpans.first
    while let span = huge {
      census.large += span.pointee.byteCount
      huge = span.pointee.next
    }
    census.check(usedPages == pageHeap.pointee.policy.usedPages, "the count of used pages is wrong")
    census.check(
      census.dirty == pageHeap.pointee.policy.dirtyPages << Page.shift, "the count of dirty pages is wrong")
  }

  private func countSpan(_ span: SpanRef, _ usedPages: inout Int, _ census: inout ThreadHeapCensus) {
    let map = pointee.map
    census.check(map.span(at: span.pointee.endPage - 1) == span, "a span's last page leads elsewhere")
    let sizeClass = Int(map.classes[span.pointee.firstPage])
    switch span.pointee.state {
    case .small:
      usedPages += span.pointee.pageCount
      let size = SizeClass(index: Int(span.pointee.sizeClass)).objectSize
      var (freed, uncarved) = (0, 0)
      for index in 0..<Int(span.pointee.capacity) where span.isFree(index) {
        if index < Int(span.pointee.carved) { freed += 1 } else { uncarved += 1 }
        census.check(index >> 6 >= Int(span.pointee.firstWord), "a span has a free object before its first word")
      }
      let carved = Int(span.pointee.carved)
      census.check(sizeClass == Int(span.pointee.sizeClass), "a page's class is not its span's")
      census.check(
        carved == freed + Int(span.pointee.live) && carved + uncarved == Int(span.pointee.capacity),
        "a span's counts don't add up")
      census.small += Int(span.pointee.live) * size
      census.freed += freed * size
      census.uncarved += uncarved * size
      census.tails += span.pointee.byteCount - Int(span.pointee.capacity) * size
    case .large:
      usedPages += span.pointee.pageCount
      census.large += span.pointee.byteCount
      census.check(sizeClass == 0, "a large object's page has a class")
    case .dirty, .clean:
      let after = map.span(at: span.pointee.endPage)
      census.check(after?.pointee.state != span.pointee.state, "neighbours of a kind are not merged")
      census.check(sizeClass == 0, "a free page has a class")
      if span.pointee.state == .dirty {
        census.dirty += span.pointee.byteCount
      } else {
        census.clean += span.pointee.byteCount
      }
    case .discarding, .huge:
      census.check(false, "a span in a region is in passing or huge")
    }
  }
}
