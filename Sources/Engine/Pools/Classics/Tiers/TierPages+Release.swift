import CPlatform

/// Giving free spans' memory back, as `page_heap.cc` of gperftools does: the addresses stay, as *returned* spans.
extension TierPagesRef {
  /// Pages that have to be freed before the next release: while nothing could be released, and at most
  /// (`kDefaultReleaseDelay`, `kMaxReleaseDelay`).
  private static var idleDelay: Int { 1 << 18 }
  private static var longestDelay: Int { 1 << 20 }
  /// And for each page released, at the release rate of 1.
  private static var delayPerPage: Int { 1000 }

  /// Counts freed pages, and from time to time releases a span.
  func releaseSlowly(_ freedPages: Int) {
    state.pointee.releaseDelay &-= freedPages
    if state.pointee.releaseDelay >= 0 { return }
    let released = releaseNext()
    state.pointee.releaseDelay =
      released == 0 ? Self.idleDelay : min(released &* Self.delayPerPage, Self.longestDelay)
  }

  /// Releases one span, of the next length in turn that has one; pages released, 0 if none is free.
  private func releaseNext() -> Int {
    for _ in 0...Tiers.listedPages {
      state.pointee.releaseLength = state.pointee.releaseLength % (Tiers.listedPages &+ 1) &+ 1
      let length = state.pointee.releaseLength
      let isLong = length > Tiers.listedPages
      if let span = isLong ? state.pointee.free.bestFit(0) : list(length, .free).pointee.last { return give(span) }
    }
    return 0
  }

  /// Releases all free spans.
  func releaseAll() {
    acquire()
    while releaseNext() > 0 {}
    release()
  }

  private func give(_ span: TierSpanRef) -> Int {
    let pages = span.pointee.pageCount
    remove(span)
    pb_discard(span.pointee.address, span.pointee.byteCount)
    span.pointee.state = .returned
    merge(span)
    state.pointee.statistics.releases &+= 1
    state.pointee.statistics.releasedPages &+= pages
    return pages
  }
}

/// What the page heap keeps; see `TierPagesRef`.
struct TierPagesState {
  /// Not its first field, where the thread sanitizer books changes of the whole: see `PrefixLock`.
  private var padding = 0
  let map: TierPageMap
  /// For 0 … 128 pages, twice.
  let lists: UnsafeMutablePointer<TierSpanList>
  var free = TierSpanTree()
  var returned = TierSpanTree()
  var spares: TierSpanRef?
  var arena = MetadataArena()
  var releaseDelay = 0
  var releaseLength = 0
  var statistics = TierStatistics.Pages()
  private var regions: UnsafeMutablePointer<Region>?
  private var spareRegions: UnsafeMutablePointer<Region>?

  /// A mapping, so that it can be unmapped.
  struct Region {
    var next: UnsafeMutablePointer<Region>?
    var address: UnsafeMutableRawPointer?
    var bytes = 0
  }

  init(map: TierPageMap, lists: UnsafeMutablePointer<TierSpanList>) {
    self.map = map
    self.lists = lists
  }

  static var listCount: Int { 2 * (Tiers.listedPages + 1) }

  mutating func takeRegion() -> UnsafeMutablePointer<Region>? {
    if let spare = spareRegions {
      spareRegions = spare.pointee.next
      return spare
    }
    return arena.take(MemoryLayout<Region>.stride)?.bindMemory(to: Region.self, capacity: 1)
  }

  mutating func recycle(_ region: UnsafeMutablePointer<Region>) {
    region.initialize(to: Region(next: spareRegions))
    spareRegions = region
  }

  mutating func enter(_ region: UnsafeMutablePointer<Region>, _ address: UnsafeMutableRawPointer, _ bytes: Int) {
    region.initialize(to: Region(next: regions, address: address, bytes: bytes))
    regions = region
  }

  /// Forgets the mapping at `address`. O(regions), where a system call follows anyway.
  mutating func leave(_ address: UnsafeMutableRawPointer) {
    var before: UnsafeMutablePointer<Region>?
    var region = regions
    while let current = region, current.pointee.address != address {
      before = current
      region = current.pointee.next
    }
    guard let region else { return }
    if let before { before.pointee.next = region.pointee.next } else { regions = region.pointee.next }
    recycle(region)
  }

  mutating func destroy() {
    while let region = regions {
      regions = region.pointee.next
      if let address = region.pointee.address { pb_unmap(address, region.pointee.bytes) }
    }
    arena.destroy()
    map.destroy()
  }
}
