import CPlatform

/// The lowest tier: hands out spans, splits and merges them, gets memory from the system. A handle of its state, whose
/// lock lies before it and guards all of it.
///
/// ```
/// state | lists of free spans, 1 … 128 pages | lists of returned ones, 1 … 128 pages
///   └► trees of longer spans, free and returned, by length and address
/// ```
/// The shortest span that is long enough is taken, at one length a free one before a returned one, and what is too long
/// of it goes back. A span that comes back is merged with free neighbours of its kind. Allocating is O(128 + log spans),
/// freeing O(log spans) beside the pages that are given back.
struct TierPagesRef<Profile: TierProfile> {
  let state: UnsafeMutablePointer<TierPagesState>

  func acquire() {
    if PrefixLock.acquire(before: state) { state.pointee.statistics.lockWaits &+= 1 }
  }
  func release() { PrefixLock.release(before: state) }

  // MARK: Allocation

  /// A span for objects of a class, none of them linked yet; nil when out of memory.
  func allocateSmall(_ sizeClass: Int, _ pageCount: Int) -> TierSpanRef? {
    acquire()
    defer { release() }
    guard let span = take(pageCount) else { return nil }
    span.pointee.state = .small
    span.pointee.sizeClass = UInt8(truncatingIfNeeded: sizeClass)
    span.pointee.freed = nil
    span.pointee.live = 0
    state.pointee.map.setAll(span)
    return span
  }

  /// A span for one object at a multiple of `alignment`, a power of two; nil when out of memory.
  ///
  /// - Precondition: both at most `Tiers.largestRequest` bytes.
  func allocateLarge(_ pageCount: Int, alignment: Int) -> TierSpanRef? {
    acquire()
    defer { release() }
    let slack = max(alignment &>> Page.shift, 1) &- 1
    if let limit = Profile.largestSpan, pageCount &+ slack > limit { return mapDirect(pageCount, alignment) }
    guard let span = take(pageCount &+ slack) else { return nil }
    let head = -span.pointee.firstPage & slack
    if head > 0, !cut(span, head, fromFront: true) || slack > head, !cut(span, slack &- head, fromFront: false) {
      put(span)
      return nil
    }
    span.pointee.state = .large
    span.pointee.sizeClass = 0
    return span
  }

  /// A span in use of exactly `pageCount` pages, its ends in the map.
  private func take(_ pageCount: Int) -> TierSpanRef? {
    guard let span = find(pageCount) ?? (grow(pageCount) ? find(pageCount) : nil) else { return nil }
    let excess = span.pointee.pageCount &- pageCount
    if excess > 0 {
      guard let rest = newSpan(span.pointee.firstPage &+ pageCount, excess, span.pointee.state) else { return nil }
      remove(span)
      span.pointee.pageCount = pageCount
      insert(rest)
      state.pointee.statistics.splits &+= 1
    } else {
      remove(span)
    }
    span.pointee.state = .large
    state.pointee.map.setEnds(span)
    return span
  }

  /// The shortest free or returned span of at least `pageCount` pages.
  private func find(_ pageCount: Int) -> TierSpanRef? {
    var length = pageCount
    while length <= Tiers.listedPages {
      if let span = list(length, .free).pointee.first ?? list(length, .returned).pointee.first { return span }
      length &+= 1
    }
    let free = state.pointee.free.bestFit(pageCount)
    guard let returned = state.pointee.returned.bestFit(pageCount) else { return free }
    guard let free, free.pointee.pageCount <= returned.pointee.pageCount else { return returned }
    return free
  }

  /// Frees `count` pages of a span in use. False, the span unchanged, when out of metadata.
  private func cut(_ span: TierSpanRef, _ count: Int, fromFront: Bool) -> Bool {
    let first = fromFront ? span.pointee.firstPage : span.pointee.endPage &- count
    guard let piece = newSpan(first, count, .large) else { return false }
    if fromFront { span.pointee.firstPage &+= count }
    span.pointee.pageCount &-= count
    state.pointee.map.setEnds(span)
    put(piece)
    return true
  }

  // MARK: Freeing

  /// Takes back spans of small objects that hold none any more, linked by `next`.
  func freeSmall(_ first: TierSpanRef) {
    acquire()
    var spans: TierSpanRef? = first
    while let span = spans {
      spans = span.pointee.next
      put(span)
    }
    release()
  }

  func freeLarge(_ span: TierSpanRef) {
    acquire()
    if span.pointee.state == .direct { unmapDirect(span) } else { put(span) }
    release()
  }

  /// Makes a span free, merged with its neighbours.
  private func put(_ span: TierSpanRef) {
    let pageCount = span.pointee.pageCount
    span.pointee.state = .free
    span.pointee.sizeClass = 0
    merge(span)
    if Profile.releasesSpans { releaseSlowly(pageCount) }
  }

  /// Merges a span, which is in no list, with neighbours of its state, and enters it.
  func merge(_ span: TierSpanRef) {
    let kind = span.pointee.state
    while let before = state.pointee.map.span(at: span.pointee.firstPage &- 1), canMerge(before, span, kind) {
      absorb(before, into: span)
      span.pointee.firstPage = before.pointee.firstPage
    }
    while let after = state.pointee.map.span(at: span.pointee.endPage), canMerge(after, span, kind) {
      absorb(after, into: span)
    }
    insert(span)
  }

  private func canMerge(_ neighbour: TierSpanRef, _ span: TierSpanRef, _ kind: TierSpan.State) -> Bool {
    guard neighbour.pointee.state == kind else { return false }
    guard let limit = Profile.largestSpan else { return true }
    return neighbour.pointee.pageCount &+ span.pointee.pageCount <= limit
  }

  private func absorb(_ neighbour: TierSpanRef, into span: TierSpanRef) {
    remove(neighbour)
    span.pointee.pageCount &+= neighbour.pointee.pageCount
    // A stale entry must never lead to a span that looks free.
    neighbour.pointee.state = .large
    recycle(neighbour)
    state.pointee.statistics.merges &+= 1
  }

  // MARK: Lists

  func list(_ pageCount: Int, _ kind: TierSpan.State) -> UnsafeMutablePointer<TierSpanList> {
    state.pointee.lists + (kind == .returned ? Tiers.listedPages &+ 1 : 0) + pageCount
  }

  /// Enters a free or returned span, its ends into the map too.
  private func insert(_ span: TierSpanRef) {
    state.pointee.map.setEnds(span)
    if span.pointee.pageCount <= Tiers.listedPages {
      list(span.pointee.pageCount, span.pointee.state).pointee.insert(span)
    } else if span.pointee.state == .free {
      state.pointee.free.insert(span)
    } else {
      state.pointee.returned.insert(span)
    }
  }

  func remove(_ span: TierSpanRef) {
    if span.pointee.pageCount <= Tiers.listedPages {
      list(span.pointee.pageCount, span.pointee.state).pointee.remove(span)
    } else if span.pointee.state == .free {
      state.pointee.free.remove(span)
    } else {
      state.pointee.returned.remove(span)
    }
  }

  // MARK: Records

  private func newSpan(_ firstPage: Int, _ pageCount: Int, _ kind: TierSpan.State) -> TierSpanRef? {
    let span: TierSpanRef
    if let spare = state.pointee.spares {
      state.pointee.spares = spare.pointee.next
      span = spare
    } else {
      guard let memory = state.pointee.arena.take(MemoryLayout<TierSpan>.stride) else { return nil }
      span = memory.bindMemory(to: TierSpan.self, capacity: 1)
    }
    span.initialize(to: TierSpan(firstPage: firstPage, pageCount: pageCount, state: kind))
    return span
  }

  private func recycle(_ span: TierSpanRef) {
    span.pointee.next = state.pointee.spares
    state.pointee.spares = span
  }

  // MARK: The system

  /// Maps 1 MiB or what is wanted if it is more, and enters it as free. False when the system refuses.
  private func grow(_ pageCount: Int) -> Bool {
    let usual = max(pageCount, Tiers.listedPages)
    for pages in [usual, pageCount] where pages == usual || pages < usual {
      if let span = map(pages, alignment: Page.size, .free) {
        merge(span)
        return true
      }
    }
    return false
  }

  private func map(_ pageCount: Int, alignment: Int, _ kind: TierSpan.State) -> TierSpanRef? {
    let bytes = pageCount &<< Page.shift
    guard let record = state.pointee.takeRegion() else { return nil }
    guard let address = pb_reserve_aligned(bytes, max(alignment, Page.size)) else {
      state.pointee.recycle(record)
      return nil
    }
    let first = Page.index(of: address)
    guard state.pointee.map.prepare(first, pageCount), let span = newSpan(first, pageCount, kind) else {
      pb_unmap(address, bytes)
      state.pointee.recycle(record)
      return nil
    }
    state.pointee.enter(record, address, bytes)
    state.pointee.statistics.growths &+= 1
    return span
  }

  /// A span that is longer than spans may be, for one object.
  private func mapDirect(_ pageCount: Int, _ alignment: Int) -> TierSpanRef? {
    guard let span = map(pageCount, alignment: alignment, .direct) else { return nil }
    state.pointee.map.setEnds(span)
    return span
  }

  private func unmapDirect(_ span: TierSpanRef) {
    state.pointee.map.clearEnds(span)
    state.pointee.leave(span.pointee.address)
    pb_unmap(span.pointee.address, span.pointee.byteCount)
    recycle(span)
  }
}
