import CPlatform

typealias PageHeapRef = UnsafeMutablePointer<PageHeap>

/// The lowest tier: hands out spans, splits and merges them, gets memory from the system and gives it back.
///
/// Free spans are *dirty* (memory behind them) or *clean* (addresses only, read as zero). Dirty ones are used first, so
/// that resident memory is reused before new memory is touched; neighbours merge within their kind. When much is
/// dirty, spans are discarded: see `PageHeap+Discard.swift`. All state is guarded by the lock before it.
struct PageHeap {
  var arena = MetadataArena()
  let map: PageMap
  let dirty: UnsafeMutablePointer<FreeSpanBins>
  let clean: UnsafeMutablePointer<FreeSpanBins>
  var regions: UnsafeMutablePointer<Region>?
  var hugeSpans = SpanList()
  var policy = DiscardPolicy()
  var purgeThread = PurgeThread()
  /// What the purging thread sleeps on: memory of its own, outside of what the lock guards.
  let purgeWord: PurgeThread.Word
  /// Whether the system is asked for huge pages. Spans are cut from a region's start on, so that no more than one huge page
  /// is in use in part, until spans are freed.
  let hasHugePages: Bool
  var statistics = PageHeapStatistics()
  /// Bytes that may be mapped for users in all; a test's way to exhaustion.
  var mappedLimit = Int.max

  /// Address space got from the system, in the order of mapping.
  struct Region {
    var next: UnsafeMutablePointer<Region>?
    var address: UnsafeMutableRawPointer
    var byteCount: Int
  }

  /// Pages got at once: 64 MiB of addresses, resident only where touched. Fewer calls than the 1 MiB of gperftools
  /// (`kMinSystemAlloc`), and long runs of neighbours that can merge.
  static var regionPages: Int { (64 << 20) >> Page.shift }
  /// From here on an object has a mapping of its own, which can grow and move by mremap: the largest that glibc's
  /// threshold reaches (`DEFAULT_MMAP_THRESHOLD_MAX`).
  static var ownMappingPages: Int { (32 << 20) >> Page.shift }
  /// Of x86, and of ARM with pages of 4 KiB; elsewhere a multiple or a part of the system's, which then has its way.
  static var hugePageBytes: Int { 2 << 20 }
}

extension PageHeapRef {
  func acquire() {
    if PrefixLock.acquire(before: self) { pointee.statistics.lockWaits &+= 1 }
  }
  func release() { PrefixLock.release(before: self) }

  // MARK: Allocation

  /// A span cut into objects of the class, none handed out; nil when out of memory. O(1) but for the system's calls.
  func allocateSmall(_ sizeClass: Int, _ facts: SizeClassFacts) -> SpanRef? {
    acquire()
    guard let span = takeFree(Int(facts.spanPages)) else {
      release()
      return nil
    }
    guard let bits = pointee.arena.takeBits(Span.bitBytes(facts.capacity)) else {
      putFree(span, span.pointee.isZero ? .clean : .dirty)
      release()
      return nil
    }
    span.initializeSmall(sizeClass, facts, bits: bits)
    // Of larger objects whole pages may never be used.
    span.pointee.touched = span.pointee.isZero && Int(facts.objectSize) <= pb_page_size() ? 0 : .max
    pointee.map.setAll(span, sizeClass: sizeClass)
    releaseDiscardingExcess(atMost: DiscardPolicy.stepPages)
    return span
  }

  /// A span for one object at a multiple of `alignment`, a power of two; nil when out of memory.
  func allocateLarge(_ pageCount: Int, alignment: Int) -> SpanRef? {
    let alignmentPages = alignment &>> Page.shift
    if pageCount >= PageHeap.ownMappingPages || alignmentPages >= PageHeap.ownMappingPages {
      return allocateHuge(pageCount, alignment: alignment)
    }
    acquire()
    let slack = alignmentPages > 1 ? alignmentPages &- 1 : 0
    guard let span = takeFree(pageCount &+ slack) else {
      release()
      return nil
    }
    if slack > 0, !trim(span, to: pageCount, alignmentPages: alignmentPages) {
      putFree(span, span.pointee.isZero ? .clean : .dirty)
      release()
      return nil
    }
    span.pointee.state = .large
    releaseDiscardingExcess(atMost: DiscardPolicy.stepPages)
    return span
  }

  /// A span of exactly `pageCount` pages, out of the bins, counted in use, with its ends in the map; `isZero` says
  /// whether it was clean.
  func takeFree(_ pageCount: Int) -> SpanRef? {
    let fromDirty = pointee.dirty.find(pageCount)
    guard let span = fromDirty ?? pointee.clean.find(pageCount) ?? grow(pageCount) else { return nil }
    let isClean = fromDirty == nil
    let excess = span.pointee.pageCount &- pageCount
    if excess > 0 {
      guard let rest = pointee.arena.takeSpan() else { return nil }
      removeFree(span)
      rest.initialize(
        to: Span(firstPage: span.pointee.firstPage &+ pageCount, pageCount: excess, state: span.pointee.state))
      span.pointee.pageCount = pageCount
      pointee.map.setEnds(rest)
      insertFree(rest)
      pointee.statistics.splits &+= 1
    } else {
      removeFree(span)
    }
    pointee.map.setEnds(span)
    span.pointee.isZero = isClean
    span.pointee.state = .large
    pointee.policy.use(pageCount)
    return span
  }

  /// Cuts an aligned piece out of a span in use and frees both ends. False, span unchanged, when out of metadata.
  private func trim(_ span: SpanRef, to pageCount: Int, alignmentPages: Int) -> Bool {
    let head = -span.pointee.firstPage & (alignmentPages &- 1)
    let tail = span.pointee.pageCount &- head &- pageCount
    guard let first = pointee.arena.takeSpan() else { return false }
    guard let last = pointee.arena.takeSpan() else {
      pointee.arena.recycle(first)
      return false
    }
    span.pointee.firstPage &+= head
    span.pointee.pageCount = pageCount
    pointee.map.setEnds(span)
    putPiece(first, span.pointee.firstPage &- head, head, like: span)
    putPiece(last, span.pointee.endPage, tail, like: span)
    return true
  }

  /// Frees `pageCount` ≥ 0 pages cut off a span that was taken whole, in the state that it was taken in.
  private func putPiece(_ piece: SpanRef, _ firstPage: Int, _ pageCount: Int, like span: SpanRef) {
    guard pageCount > 0 else { return pointee.arena.recycle(piece) }
    let state: Span.State = span.pointee.isZero ? .clean : .dirty
    piece.initialize(to: Span(firstPage: firstPage, pageCount: pageCount, state: state))
    putFree(piece, state)
  }

  // MARK: Freeing

  /// Takes back spans of small objects that hold none any more, linked by `next`.
  func freeSmall(_ first: SpanRef) {
    acquire()
    var pageCount = 0
    var spans: SpanRef? = first
    while let span = spans {
      spans = span.pointee.next
      pageCount &+= span.pointee.pageCount
      pointee.map.clearClasses(span)
      if let bits = span.pointee.bits { pointee.arena.recycleBits(bits, Span.bitBytes(span.pointee.capacity)) }
      span.pointee.bits = nil
      putFree(span, .dirty)
    }
    releaseDiscardingExcess(atMost: max(pageCount, DiscardPolicy.stepPages))
  }

  func freeLarge(_ span: SpanRef) {
    if span.pointee.state == .huge { return freeHuge(span) }
    acquire()
    let pageCount = span.pointee.pageCount
    putFree(span, .dirty)
    releaseDiscardingExcess(atMost: max(pageCount, DiscardPolicy.stepPages))
  }

  /// Counts a span out of use and makes it free, merged with neighbours of the same kind.
  func putFree(_ span: SpanRef, _ state: Span.State) {
    pointee.policy.unuse(span.pointee.pageCount)
    span.pointee.state = state
    mergeAndInsert(span)
  }

  /// Merges a span of a free state with free neighbours of that state and puts it into its bin. O(1).
  func mergeAndInsert(_ span: SpanRef) {
    let state = span.pointee.state
    if let before = pointee.map.span(at: span.pointee.firstPage &- 1), before.pointee.state == state {
      absorb(before, into: span)
      span.pointee.firstPage = before.pointee.firstPage
    }
    if let after = pointee.map.span(at: span.pointee.endPage), after.pointee.state == state {
      absorb(after, into: span)
    }
    pointee.map.setEnds(span)
    insertFree(span)
  }

  private func absorb(_ neighbour: SpanRef, into span: SpanRef) {
    removeFree(neighbour)
    span.pointee.pageCount &+= neighbour.pointee.pageCount
    // A stale entry must never lead to a span that looks free.
    neighbour.pointee.state = .large
    pointee.arena.recycle(neighbour)
    pointee.statistics.merges &+= 1
  }

  func insertFree(_ span: SpanRef) {
    if span.pointee.state == .dirty {
      pointee.dirty.insert(span)
      pointee.policy.addDirty(span.pointee.pageCount)
    } else {
      pointee.clean.insert(span)
    }
  }

  func removeFree(_ span: SpanRef) {
    if span.pointee.state == .dirty {
      pointee.dirty.remove(span)
      pointee.policy.removeDirty(span.pointee.pageCount)
    } else {
      pointee.clean.remove(span)
    }
  }

  // MARK: Growth

  /// A new clean span of at least `pageCount` pages, in its bin; merged with a free neighbour if the region touches
  /// one. Near the end of memory regions are halved until the request itself is refused.
  private func grow(_ pageCount: Int) -> SpanRef? {
    var pages = Swift.max(pageCount, PageHeap.regionPages)
    while true {
      if pages &<< Page.shift <= pointee.mappedLimit &- pointee.statistics.mappedBytes, let span = map(pages) {
        return span
      }
      if pages == pageCount { return nil }
      pages = Swift.max(pages &>> 1, pageCount)
    }
  }

  private func map(_ pageCount: Int) -> SpanRef? {
    let bytes = pageCount &<< Page.shift
    guard let span = pointee.arena.takeSpan() else { return nil }
    guard let record = pointee.arena.take(MemoryLayout<PageHeap.Region>.stride) else {
      pointee.arena.recycle(span)
      return nil
    }
    let isHuge = pointee.hasHugePages && bytes >= PageHeap.hugePageBytes
    guard let address = pb_reserve_aligned(bytes, isHuge ? PageHeap.hugePageBytes : Page.size) else {
      pointee.arena.recycle(span)
      return nil
    }
    if isHuge { pb_advise_huge(address, bytes) }
    guard pointee.map.prepare(Page.index(of: address), pageCount) else {
      pb_unmap(address, bytes)
      pointee.arena.recycle(span)
      return nil
    }
    let region = record.assumingMemoryBound(to: PageHeap.Region.self)
    region.initialize(to: PageHeap.Region(next: pointee.regions, address: address, byteCount: bytes))
    pointee.regions = region
    pointee.statistics.regions &+= 1
    pointee.statistics.mappedBytes &+= bytes
    span.initialize(to: Span(firstPage: Page.index(of: address), pageCount: pageCount, state: .clean))
    mergeAndInsert(span)
    return span
  }
}
