import CPlatform

/// A lane's page lists in front of the zone, Linux's `per_cpu_pages`: blocks of the small orders come and go without
/// the zone's lock, a batch at a time over it.
///
/// ```
///   0  list head, order 0 | 64  order 1 | 128  order 2 | 192  order 3        youngest first
/// 256  pages in the lists | 264  list to drain next | 272  refills | 280  drains | 288  direct takes
/// ```
/// Lists are doubly linked through the frames, so that the youngest are handed out and the oldest go back. A lane uses
/// its own alone; a block may have been allocated by any.
struct PageCache {
  let raw: UnsafeMutableRawPointer
  let zone: BuddyZone

  static var bytes: Int { 320 }
  /// `PAGE_ALLOC_COSTLY_ORDER`: larger blocks always go to the zone.
  static var largestOrder: Int { 3 }
  /// Pages over the lock at a time: `zone_batchsize` for any zone of some size.
  static var batch: Int { 63 }
  /// Pages from which on a batch goes back: six batches, as `pageset_set_batch` long had it; newer kernels tune it.
  static var high: Int { 6 * batch }

  /// Lays out zeroed memory.
  func initialize() { for order in 0...Self.largestOrder { list(order).becomeEmptyList() } }

  @inline(__always)
  private func list(_ order: Int) -> PageFrame { PageFrame(raw: raw + order &<< PageFrame.shift) }
  @inline(__always)
  private func word(_ offset: Int) -> UnsafeMutablePointer<Int> {
    (raw + offset).assumingMemoryBound(to: Int.self)
  }
  @inline(__always)
  private var pages: UnsafeMutablePointer<Int> { word(256) }
  private var drainCursor: UnsafeMutablePointer<Int> { word(264) }
  var refills: Int { word(272).pointee }
  var drains: Int { word(280).pointee }
  var directTakes: Int { word(288).pointee }

  /// A block of 2^order pages; nil when out of memory.
  @inline(__always)
  func take(_ order: Int) -> PageFrame? {
    guard order <= Self.largestOrder else { return takeDirectly(order) }
    let block = list(order).next
    if block.raw == raw + order &<< PageFrame.shift { return refill(order) }
    block.unlink()
    pages.pointee &-= 1 &<< order
    return block
  }

  /// Takes back a block whoever took it.
  @inline(__always)
  func put(_ block: PageFrame) {
    let order = block.order
    guard order <= Self.largestOrder else { return putDirectly(block, order) }
    block.insert(after: list(order))
    pages.pointee &+= 1 &<< order
    if pages.pointee >= Self.high { drain(Self.batch) }
  }

  @inline(never)
  private func takeDirectly(_ order: Int) -> PageFrame? {
    word(288).pointee &+= 1
    if let block = zone.locked({ zone.take(order) }) { return block }
    drain()
    return zone.locked { zone.take(order) }
  }

  @inline(never)
  private func putDirectly(_ block: PageFrame, _ order: Int) { zone.locked { zone.put(block, order) } }

  /// Fetches a batch, in order of address if it comes from one split, and hands out its first block.
  @inline(never)
  private func refill(_ order: Int) -> PageFrame? {
    word(272).pointee &+= 1
    if !fetch(order) {
      drain()
      if !fetch(order) { return nil }
    }
    let block = list(order).next
    block.unlink()
    pages.pointee &-= 1 &<< order
    return block
  }

  private func fetch(_ order: Int) -> Bool {
    let head = list(order)
    zone.locked {
      for _ in 0..<max(Self.batch >> order, 2) {
        guard let block = zone.take(order) else { break }
        block.insert(after: head.previous)
        pages.pointee &+= 1 &<< order
      }
    }
    return !head.isEmptyList
  }

  /// Gives at least `count` pages back, the oldest of each list in turn; all of them where nothing is said.
  @inline(never)
  func drain(_ count: Int = .max) {
    if pages.pointee == 0 { return }
    word(280).pointee &+= 1
    let kept = max(0, pages.pointee &- count)
    zone.locked {
      var order = drainCursor.pointee
      while pages.pointee > kept {
        order = (order &+ 1) & Self.largestOrder
        let head = list(order)
        if head.isEmptyList { continue }
        let block = head.previous
        block.unlink()
        pages.pointee &-= 1 &<< order
        zone.put(block, order)
      }
      drainCursor.pointee = order
    }
  }
}
