import CPlatform

/// From a page to its span, read without a lock: a radix tree of two levels over 48-bit addresses (`TCMalloc_PageMap2`).
///
/// ```
/// page number, 35 bits    | 17 bits: root, 1 MiB | 18 bits: leaf, 2 MiB, of 2 GiB of addresses |
/// ```
/// Entries are written under the page heap's lock before an object of the page is handed out, and stay while one
/// lives, so whoever holds an object reads them without a race. Free spans and large objects have entries of their
/// first and last page alone; others may be stale.
struct TierPageMap {
  typealias Leaf = UnsafeMutablePointer<TierSpanRef?>
  let root: UnsafeMutablePointer<Leaf?>

  static var leafBits: Int { 18 }
  static var leafBytes: Int { MemoryLayout<TierSpanRef?>.stride << leafBits }
  static var rootCount: Int { 1 << (Page.addressBits - Page.shift - leafBits) }
  static var rootBytes: Int { rootCount * MemoryLayout<Leaf?>.stride }

  /// Reserves the root; nil when the system refuses.
  init?() {
    guard let root = pb_reserve(Self.rootBytes) else { return nil }
    self.root = root.assumingMemoryBound(to: Leaf?.self)
  }

  func destroy() {
    for index in 0..<Self.rootCount { if let leaf = root[index] { pb_unmap(leaf, Self.leafBytes) } }
    pb_unmap(root, Self.rootBytes)
  }

  /// Makes entries for the pages writable. False when the system has no memory for them.
  func prepare(_ firstPage: Int, _ pageCount: Int) -> Bool {
    for index in firstPage &>> Self.leafBits...(firstPage &+ pageCount &- 1) &>> Self.leafBits
    where root[index] == nil {
      guard let leaf = pb_reserve(Self.leafBytes) else { return false }
      root[index] = leaf.assumingMemoryBound(to: TierSpanRef?.self)
    }
    return true
  }

  /// The entry of any page, nil where there is none.
  func span(at page: Int) -> TierSpanRef? {
    guard page >= 0, page &>> Self.leafBits < Self.rootCount, let leaf = root[page &>> Self.leafBits] else {
      return nil
    }
    return leaf[page & (1 &<< Self.leafBits &- 1)]
  }

  /// The span of an object's page: two dependent loads.
  @inline(__always)
  static func span(of object: UnsafeRawPointer, root: UnsafeMutablePointer<Leaf?>) -> TierSpanRef? {
    let page = Page.index(of: object)
    return root[page &>> leafBits].unsafelyUnwrapped[page & (1 &<< leafBits &- 1)]
  }

  private func set(_ page: Int, _ span: TierSpanRef?) {
    root[page &>> Self.leafBits].unsafelyUnwrapped[page & (1 &<< Self.leafBits &- 1)] = span
  }

  func setEnds(_ span: TierSpanRef) {
    set(span.pointee.firstPage, span)
    set(span.pointee.endPage &- 1, span)
  }

  func clearEnds(_ span: TierSpanRef) {
    set(span.pointee.firstPage, nil)
    set(span.pointee.endPage &- 1, nil)
  }

  func setAll(_ span: TierSpanRef) {
    for page in span.pointee.firstPage..<span.pointee.endPage { set(page, span) }
  }
}
