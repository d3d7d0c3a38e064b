/// Where a heap's memory is, in bytes; and whether its structures agree with each other.
///
/// While no other thread uses the heap. Walks everything: for tests and for statistics at the end of a run.
struct ThreadHeapCensus: Equatable {
  /// At users: blocks of small objects, and whole pages of large and huge ones.
  var small = 0
  var large = 0
  /// Free blocks in threads' chains, their untouched runs, and the central lists' whole chains.
  var threads = 0
  var runs = 0
  var chains = 0
  /// In spans of small objects: free blocks, blocks never carved, ends too short for a block.
  var freed = 0
  var uncarved = 0
  var tails = 0
  /// Free spans with memory behind them, and without.
  var dirty = 0
  var clean = 0
  /// The first disagreement found; nil when all is well.
  var fault: StaticString?

  static func == (a: Self, b: Self) -> Bool {
    a.small == b.small && a.large == b.large && a.threads == b.threads && a.runs == b.runs && a.chains == b.chains
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
    for index in 1..<SizeClass.count { countChains(index, &census) }
    countPages(&census)
    census.small -= census.threads + census.runs + census.chains
    census.check(census.small >= 0, "more free objects than spans have handed out")
    return census
  }

  private func countCache(_ cache: ThreadCacheRef, _ census: inout ThreadHeapCensus) {
    census.check(cache.list(0).pointee.head == nil && cache.list(0).pointee.room == 0, "class 0 is in use")
    var capacity = 0
    for index in 1..<SizeClass.count {
      let list = cache.list(index).pointee
      let reserve = cache.reserve(index).pointee
      let size = SizeClass(index: index).objectSize
      let first = countChain(list.head, index, &census)
      let second = countChain(reserve.second, index, &census)
      census.check(first == list.count, "a list's room doesn't match its length")
      census.check(second == Int(reserve.secondCount), "a second chain's count is wrong")
      census.check(Int(list.limit) <= SizeClass(index: index).batch, "a limit is above the batch")
      census.threads += (first + second) * size
      census.runs += Int(reserve.runCount) * size
      capacity += 2 * Int(list.limit) * size
    }
    census.check(capacity == cache.state.pointee.capacity, "a thread's capacity is not the sum of its limits")
  }

  private func countChains(_ index: Int, _ census: inout ThreadHeapCensus) {
    let central = central(index)
    let batch = Int(central.pointee.facts.batch)
    for chain in 0..<Int(central.pointee.chainCount) {
      let length = countChain(central.pointee.chains[chain], index, &census)
      census.check(length == batch, "a central chain is not a batch")
      census.chains += length * SizeClass(index: index).objectSize
    }
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

  /// The length of a chain, whose objects must lie in spans of the class, at the right places.
  private func countChain(
    _ head: UnsafeMutableRawPointer?, _ index: Int, _ census: inout ThreadHeapCensus
  ) -> Int {
    var length = 0
    var next = head
    while let object = next {
      length += 1
      next = object.link
      guard let span = pointee.map.span(at: Page.index(of: object)), span.pointee.state == .small else {
        census.check(false, "a free object is in no span")
        return length
      }
      let offset = UnsafeRawPointer(object) - UnsafeRawPointer(span.pointee.address)
      let size = SizeClass(index: index).objectSize
      census.check(Int(span.pointee.sizeClass) == index, "a free object is of another class")
      census.check(offset % size == 0, "a free object isn't at an object's place")
      census.check(offset / size < Int(span.pointee.carved), "a free object was never carved")
    }
    return length
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
      var freed = 0
      var next = span.pointee.freed
      while let object = next {
        freed += 1
        next = object.link
      }
      let carved = Int(span.pointee.carved)
      census.check(sizeClass == Int(span.pointee.sizeClass), "a page's class is not its span's")
      census.check(carved == freed + Int(span.pointee.live), "a span's counts don't add up")
      census.small += Int(span.pointee.live) * size
      census.freed += freed * size
      census.uncarved += (Int(span.pointee.capacity) - carved) * size
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
