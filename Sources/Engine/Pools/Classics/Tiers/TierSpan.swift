typealias TierSpanRef = UnsafeMutablePointer<TierSpan>

/// A run of pages with one use.
///
/// `freed` objects form a chain through their first words. Place, length and state are guarded by the page heap's lock,
/// `freed` and `live` by that of the class's central list; both links are of whichever holds the span.
struct TierSpan {
  enum State: UInt8 {
    /// Free, with memory behind it.
    case free
    /// Free, its memory given back to the system.
    case returned
    /// Objects of `sizeClass`.
    case small
    /// One object.
    case large
    /// One object in a mapping of its own, longer than any span may be.
    case direct
  }

  /// In a list; in a tree the children, `previous` the one before in order.
  var next: TierSpanRef?
  var previous: TierSpanRef?
  var firstPage: Int
  var pageCount: Int
  var freed: UnsafeMutableRawPointer?
  /// Objects that are not in `freed`.
  var live: Int32 = 0
  /// 0 where it is not cut into objects.
  var sizeClass: UInt8 = 0
  var state: State

  init(firstPage: Int, pageCount: Int, state: State) {
    self.firstPage = firstPage
    self.pageCount = pageCount
    self.state = state
  }

  var address: UnsafeMutableRawPointer { Page.address(of: firstPage) }
  var byteCount: Int { pageCount &<< Page.shift }
  var endPage: Int { firstPage &+ pageCount }
}

/// Spans linked through themselves; all operations are O(1).
struct TierSpanList {
  private(set) var first: TierSpanRef?
  private(set) var last: TierSpanRef?

  mutating func insert(_ span: TierSpanRef) {
    span.pointee.next = first
    span.pointee.previous = nil
    if let first { first.pointee.previous = span } else { last = span }
    first = span
  }

  mutating func remove(_ span: TierSpanRef) {
    let next = span.pointee.next
    let previous = span.pointee.previous
    if let next { next.pointee.previous = previous } else { last = previous }
    if let previous { previous.pointee.next = next } else { first = next }
    span.pointee.next = nil
    span.pointee.previous = nil
  }
}

/// Free spans in order of length, then of address: a treap, whose priorities are hashes of the addresses.
///
/// Operations are O(log spans) as expected of random priorities (Aragon and Seidel, "Randomized Search Trees", 1989).
struct TierSpanTree {
  private var root: TierSpanRef?

  var isEmpty: Bool { root == nil }

  /// The shortest span of at least `pageCount` pages, of those the lowest.
  func bestFit(_ pageCount: Int) -> TierSpanRef? {
    var best: TierSpanRef?
    var node = root
    while let span = node {
      if span.pointee.pageCount >= pageCount {
        best = span
        node = span.pointee.previous
      } else {
        node = span.pointee.next
      }
    }
    return best
  }

  mutating func insert(_ span: TierSpanRef) {
    span.pointee.next = nil
    span.pointee.previous = nil
    root = Self.inserted(span, root)
  }

  /// - Precondition: it is in the tree, and as long as when it was inserted.
  mutating func remove(_ span: TierSpanRef) {
    root = Self.removed(span, root)
    span.pointee.next = nil
    span.pointee.previous = nil
  }

  private static func precedes(_ a: TierSpanRef, _ b: TierSpanRef) -> Bool {
    a.pointee.pageCount != b.pointee.pageCount
      ? a.pointee.pageCount < b.pointee.pageCount : a.pointee.firstPage < b.pointee.firstPage
  }

  /// Fibonacci hashing: Knuth, TAOCP 3, 6.4.
  private static func priority(_ span: TierSpanRef) -> UInt64 {
    UInt64(bitPattern: Int64(span.pointee.firstPage)) &* 0x9E37_79B9_7F4A_7C15
  }

  private static func inserted(_ span: TierSpanRef, _ node: TierSpanRef?) -> TierSpanRef {
    guard let node else { return span }
    if priority(span) > priority(node) {
      (span.pointee.previous, span.pointee.next) = split(node, at: span)
      return span
    }
    if precedes(span, node) {
      node.pointee.previous = inserted(span, node.pointee.previous)
    } else {
      node.pointee.next = inserted(span, node.pointee.next)
    }
    return node
  }

  private static func split(_ node: TierSpanRef?, at key: TierSpanRef) -> (TierSpanRef?, TierSpanRef?) {
    guard let node else { return (nil, nil) }
    if precedes(node, key) {
      let (low, high) = split(node.pointee.next, at: key)
      node.pointee.next = low
      return (node, high)
    }
    let (low, high) = split(node.pointee.previous, at: key)
    node.pointee.previous = high
    return (low, node)
  }

  private static func removed(_ span: TierSpanRef, _ node: TierSpanRef?) -> TierSpanRef? {
    guard let node else { return nil }
    if node == span { return joined(node.pointee.previous, node.pointee.next) }
    if precedes(span, node) {
      node.pointee.previous = removed(span, node.pointee.previous)
    } else {
      node.pointee.next = removed(span, node.pointee.next)
    }
    return node
  }

  private static func joined(_ low: TierSpanRef?, _ high: TierSpanRef?) -> TierSpanRef? {
    guard let low else { return high }
    guard let high else { return low }
    if priority(low) > priority(high) {
      low.pointee.next = joined(low.pointee.next, high)
      return low
    }
    high.pointee.previous = joined(low, high.pointee.previous)
    return high
  }
}
