import CPlatform

/// From an address to what holds it, read without a lock.
///
/// Two maps for two readers. `classes` is one flat byte a page over the whole address space, reserved and touched only
/// where the heap has pages: one load tells every `free` the size class (0: not a small object). Spans are wanted on
/// slow paths alone and stand in a radix tree of two levels, as in gperftools (`TCMalloc_PageMap2`, 17 + 18 bits).
///
/// An entry is written before an object of its page is handed out and stays while one lives, so whoever holds an
/// object reads it without a race. Free spans have entries of their first and last page only; others may be stale.
/// One page of `classes` covers 32 MiB of heap, one of a leaf 4 MiB.
struct PageMap {
  let classes: UnsafeMutablePointer<UInt8>
  let root: UnsafeMutablePointer<UnsafeMutablePointer<SpanRef?>?>

  static var leafBits: Int { 18 }
  static var leafCount: Int { 1 << leafBits }
  static var pageBits: Int { Page.addressBits - Page.shift }
  static var rootCount: Int { 1 << (pageBits - leafBits) }
  static var classBytes: Int { 1 << pageBits }
  static var rootBytes: Int { rootCount * MemoryLayout<UnsafeRawPointer>.stride }
  static var leafBytes: Int { leafCount * MemoryLayout<SpanRef?>.stride }

  /// Reserves address space; nil when the system refuses.
  init?() {
    guard let classes = pb_reserve(Self.classBytes) else { return nil }
    guard let root = pb_reserve(Self.rootBytes) else {
      pb_unmap(classes, Self.classBytes)
      return nil
    }
    self.classes = classes.assumingMemoryBound(to: UInt8.self)
    self.root = root.assumingMemoryBound(to: UnsafeMutablePointer<SpanRef?>?.self)
  }

  func destroy() {
    for index in 0..<Self.rootCount {
      if let leaf = root[index] { pb_unmap(leaf, Self.leafBytes) }
    }
    pb_unmap(root, Self.rootBytes)
    pb_unmap(classes, Self.classBytes)
  }

  /// Makes entries for the pages writable. False when the system has no memory for them.
  func prepare(_ firstPage: Int, _ pageCount: Int) -> Bool {
    for index in firstPage &>> Self.leafBits...(firstPage &+ pageCount &- 1) &>> Self.leafBits where root[index] == nil
    {
      guard let leaf = pb_reserve(Self.leafBytes) else { return false }
      root[index] = leaf.assumingMemoryBound(to: SpanRef?.self)
    }
    return true
  }

  /// As `prepare`, for a span whose ends alone have entries.
  func prepareEnds(_ firstPage: Int, _ pageCount: Int) -> Bool {
    prepare(firstPage, 1) && prepare(firstPage &+ pageCount &- 1, 1)
  }

  /// The entry of a page, nil where there is none. May be stale for the inside of free spans.
  func span(at page: Int) -> SpanRef? {
    guard page >= 0, page &>> Self.leafBits < Self.rootCount, let leaf = root[page &>> Self.leafBits] else {
      return nil
    }
    return leaf[page & (Self.leafCount &- 1)]
  }

  private func set(_ page: Int, _ span: SpanRef?) {
    root[page &>> Self.leafBits].unsafelyUnwrapped[page & (Self.leafCount &- 1)] = span
  }

  /// Writes the entries of the span's first and last page.
  func setEnds(_ span: SpanRef) {
    set(span.pointee.firstPage, span)
    set(span.pointee.endPage &- 1, span)
  }

  func clearEnds(_ span: SpanRef) {
    set(span.pointee.firstPage, nil)
    set(span.pointee.endPage &- 1, nil)
  }

  /// Writes all entries of a span of small objects, and the pages' class.
  func setAll(_ span: SpanRef, sizeClass: Int) {
    for page in span.pointee.firstPage..<span.pointee.endPage {
      set(page, span)
      classes[page] = UInt8(truncatingIfNeeded: sizeClass)
    }
  }

  func clearClasses(_ span: SpanRef) {
    for page in span.pointee.firstPage..<span.pointee.endPage { classes[page] = 0 }
  }

  @inline(__always)
  func sizeClass(of pointer: UnsafeRawPointer) -> Int { Int(classes[Page.index(of: pointer)]) }
}
