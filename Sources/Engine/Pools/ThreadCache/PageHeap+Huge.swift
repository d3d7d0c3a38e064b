import CPlatform

/// Objects that have a mapping of their own, and changes of length of those that have not.
extension PageHeapRef {
  func allocateHuge(_ pageCount: Int, alignment: Int) -> SpanRef? {
    let bytes = pageCount &<< Page.shift
    acquire()
    defer { release() }
    guard bytes <= pointee.mappedLimit &- pointee.statistics.mappedBytes, let span = pointee.arena.takeSpan() else {
      return nil
    }
    guard let address = pb_reserve_aligned(bytes, Swift.max(alignment, Page.size)) else {
      pointee.arena.recycle(span)
      return nil
    }
    guard pointee.map.prepareEnds(Page.index(of: address), pageCount) else {
      pb_unmap(address, bytes)
      pointee.arena.recycle(span)
      return nil
    }
    span.initialize(to: Span(firstPage: Page.index(of: address), pageCount: pageCount, state: .huge))
    span.pointee.isZero = true
    pointee.map.setEnds(span)
    pointee.hugeSpans.insert(span)
    pointee.statistics.mappedBytes &+= bytes
    pointee.statistics.hugeMappings &+= 1
    return span
  }

  func freeHuge(_ span: SpanRef) {
    acquire()
    pointee.map.clearEnds(span)
    pointee.hugeSpans.remove(span)
    pointee.statistics.mappedBytes &-= span.pointee.byteCount
    let address = span.pointee.address
    let bytes = span.pointee.byteCount
    span.pointee.state = .large
    pointee.arena.recycle(span)
    release()
    pb_unmap(address, bytes)
  }

  /// Changes a huge object's length by remapping, in place or onto a new mapping; its contents stay.
  ///
  /// - Returns: the object's address, nil (and nothing changed) when the system refuses.
  func resizeHuge(_ span: SpanRef, to pageCount: Int) -> UnsafeMutableRawPointer? {
    acquire()
    defer { release() }
    let oldBytes = span.pointee.byteCount
    let newBytes = pageCount &<< Page.shift
    guard newBytes &- oldBytes <= pointee.mappedLimit &- pointee.statistics.mappedBytes else { return nil }
    let old = span.pointee.address
    var address = old
    guard pointee.map.prepareEnds(span.pointee.firstPage, pageCount) else { return nil }
    if !pb_remap_in_place(old, oldBytes, newBytes) {
      // The kernel picks addresses at multiples of its own page; ours are larger, so the target is reserved first.
      guard let target = pb_reserve_aligned(newBytes, Page.size) else { return nil }
      guard pointee.map.prepareEnds(Page.index(of: target), pageCount), pb_remap_onto(old, oldBytes, newBytes, target)
      else {
        pb_unmap(target, newBytes)
        return nil
      }
      address = target
    }
    pointee.map.clearEnds(span)
    span.pointee.firstPage = Page.index(of: address)
    span.pointee.pageCount = pageCount
    pointee.map.setEnds(span)
    pointee.statistics.mappedBytes &+= newBytes &- oldBytes
    return address
  }

  /// Lengthens a large object's span into a free neighbour above. False when there is none that is long enough. O(1).
  func growInPlace(_ span: SpanRef, to pageCount: Int) -> Bool {
    acquire()
    let wanted = pageCount &- span.pointee.pageCount
    guard let after = pointee.map.span(at: span.pointee.endPage),
      after.pointee.state == .dirty || after.pointee.state == .clean, after.pointee.pageCount >= wanted
    else {
      release()
      return false
    }
    removeFree(after)
    span.pointee.pageCount = pageCount
    span.pointee.isZero = false
    pointee.map.setEnds(span)
    if after.pointee.pageCount > wanted {
      after.pointee.firstPage &+= wanted
      after.pointee.pageCount &-= wanted
      pointee.map.setEnds(after)
      insertFree(after)
    } else {
      pointee.arena.recycle(after)
    }
    pointee.policy.use(wanted)
    pointee.statistics.grownInPlace &+= 1
    releaseDiscardingExcess(atMost: DiscardPolicy.stepPages)
    return true
  }

  /// Frees a large object's pages from `pageCount` on. False, nothing changed, when out of metadata. O(1).
  func shrinkInPlace(_ span: SpanRef, to pageCount: Int) -> Bool {
    acquire()
    guard let rest = pointee.arena.takeSpan() else {
      release()
      return false
    }
    let excess = span.pointee.pageCount &- pageCount
    rest.initialize(to: Span(firstPage: span.pointee.firstPage &+ pageCount, pageCount: excess, state: .dirty))
    span.pointee.pageCount = pageCount
    pointee.map.setEnds(span)
    putFree(rest, .dirty)
    releaseDiscardingExcess(atMost: Swift.max(excess, DiscardPolicy.stepPages))
    return true
  }
}
