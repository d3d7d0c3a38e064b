import CPlatform

typealias SlabCacheRef = UnsafeMutablePointer<SlabCache>

/// A cache: what all lanes share of the objects of one size. Lives behind its lock, see `PrefixLock`.
///
/// ```
/// slab, 2^order pages     | object | object | … | leftover |      the link of a free object in its middle
/// partial                 ◇ ⇄ ◇ ⇄ ◇      slabs with free objects that no lane has, through their first frames
/// full slabs              in no list: the next free finds them through the frame of its page
/// ```
/// **Frozen** is a slab that a lane has for itself; it is in no list of the cache.
struct SlabCache {
  /// Slabs in the list. Under the lock.
  var partialCount = 0
  let objectSize: Int
  let linkOffset: Int
  /// Pages of a slab; of one made when there is no block of that order.
  let order: Int
  let leastOrder: Int
  let leastPartial: Int
  let lanePartialSlabs: Int
  let frontOffset: Int
  /// Head of the list; its elements are under the lock.
  let partial: PageFrame
  /// Under the lock.
  var lockWaits = 0
  var made = 0
  var discarded = 0

  /// Bytes of a cache with its lock and the head of its list, in lines of its own.
  static var stride: Int { 256 }
  private static var headOffset: Int { 192 }

  /// Lays out the cache `index` in zeroed memory at `base`.
  static func create(at base: UnsafeMutableRawPointer, index: Int, lanes: Int) -> SlabCacheRef {
    let head = PageFrame(raw: base + headOffset)
    head.becomeEmptyList()
    let cache = (base + PrefixLock.byteCount).bindMemory(to: SlabCache.self, capacity: 1)
    let size = index == 0 ? 8 : SlabSizes.objectSize(index)
    let order = SlabSizes.order(objectSize: size, processors: lanes)
    cache.initialize(
      to: SlabCache(
        objectSize: size, linkOffset: SlabSizes.linkOffset(size), order: order, leastOrder: SlabSizes.least(size),
        leastPartial: SlabSizes.leastPartial(size),
        lanePartialSlabs: SlabSizes.lanePartialSlabs(size, objects: (FrameMap.pageSize << order) / size),
        frontOffset: index << SlabLaneRef.frontShift, partial: head))
    return cache
  }
}

extension SlabCacheRef {
  func locked<Result>(_ body: () -> Result) -> Result {
    if PrefixLock.acquire(before: self) { pointee.lockWaits &+= 1 }
    defer { PrefixLock.release(before: self) }
    return body()
  }

  /// Puts a slab into the list. Under the lock.
  func insertPartial(_ slab: PageFrame, atEnd: Bool) {
    slab.insert(after: atEnd ? pointee.partial.previous : pointee.partial)
    pointee.partialCount &+= 1
  }

  /// Takes a slab out of the list. Under the lock.
  func removePartial(_ slab: PageFrame) {
    slab.unlink()
    pointee.partialCount &-= 1
  }

  /// Whether a slab without an object in use is one too many. Under the lock.
  var keepsEnough: Bool { pointee.partialCount >= pointee.leastPartial }

  @inline(__always)
  func link(of object: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    object.load(fromByteOffset: pointee.linkOffset, as: UnsafeMutableRawPointer?.self)
  }
  @inline(__always)
  func setLink(of object: UnsafeMutableRawPointer, _ next: UnsafeMutableRawPointer?) {
    object.storeBytes(of: next, toByteOffset: pointee.linkOffset, as: UnsafeMutableRawPointer?.self)
  }

  // MARK: Slabs

  /// A new slab, all its objects linked in order of address; nil when out of memory. O(objects).
  func makeSlab(_ pages: PageCache) -> (slab: PageFrame, first: UnsafeMutableRawPointer, count: Int)? {
    var taken = pages.take(pointee.order)
    if taken == nil, pointee.leastOrder < pointee.order { taken = pages.take(pointee.leastOrder) }
    guard let slab = taken else { return nil }
    slab.frontOffset = pointee.frontOffset
    forEachPage(slab) { $0.slab = slab }
    let first = pages.zone.map.address(of: slab)
    let count = (FrameMap.pageSize &<< slab.order) / pointee.objectSize
    var object = first
    for _ in 1..<count {
      setLink(of: object, object + pointee.objectSize)
      object += pointee.objectSize
    }
    setLink(of: object, nil)
    locked { pointee.made &+= 1 }
    return (slab, first, count)
  }

  /// Gives a slab without an object in use, which is in no list, back to the page lists.
  func discard(_ slab: PageFrame, _ pages: PageCache) {
    locked { pointee.discarded &+= 1 }
    forEachPage(slab) { $0.slab = nil }
    pages.put(slab)
  }

  private func forEachPage(_ slab: PageFrame, _ body: (PageFrame) -> Void) {
    for page in 0..<(1 << slab.order) { body(PageFrame(raw: slab.raw + page &* PageFrame.bytes)) }
  }

  /// Discards the slabs of the list that hold no object. Nobody uses the cache meanwhile. (`kmem_cache_shrink`)
  func shrink(_ pages: PageCache) {
    var slab = pointee.partial.next
    while slab != pointee.partial {
      let next = slab.next
      if slab.counters.inUse == 0 {
        removePartial(slab)
        discard(slab, pages)
      }
      slab = next
    }
  }
}
