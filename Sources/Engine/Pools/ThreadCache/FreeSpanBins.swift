/// Free spans of one kind by their length, with a bitmap of the lengths at hand: finding one takes a bounded time.
///
/// ```
/// bin      1 … 127   one length each
///        128 … 359   eight a doubling: lengths 2^k·(1 + j/8) up to the next, k from 7
/// ```
/// gperftools keeps the long ones in an ordered set for an exact best fit; here the best of the first
/// ``searchLength`` is taken, so that no allocation walks the heap.
struct FreeSpanBins {
  /// One bit a bin, set while it holds a span.
  var occupied: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)

  static var exactCount: Int { 128 }
  static var count: Int { exactCount + 8 * (PageMap.pageBits - 6) }
  static var wordCount: Int { 6 }
  static var searchLength: Int { 16 }

  /// The bin of a length of 1 or more pages.
  static func bin(of pageCount: Int) -> Int {
    if pageCount < exactCount { return pageCount }
    let power = 63 &- pageCount.leadingZeroBitCount
    return exactCount &+ (power &- 7) &* 8 &+ (pageCount &>> (power &- 3)) & 7
  }
}

extension UnsafeMutablePointer<FreeSpanBins> {
  /// The lists follow the bitmap in memory.
  private var lists: UnsafeMutablePointer<SpanList> {
    UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: SpanList.self)
  }
  private var words: UnsafeMutablePointer<UInt64> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt64.self)
  }
  static var byteCount: Int {
    MemoryLayout<FreeSpanBins>.stride + FreeSpanBins.count * MemoryLayout<SpanList>.stride
  }

  func list(_ bin: Int) -> UnsafeMutablePointer<SpanList> { lists + bin }

  func insert(_ span: SpanRef) {
    let bin = FreeSpanBins.bin(of: span.pointee.pageCount)
    list(bin).pointee.insert(span)
    words[bin &>> 6] |= 1 &<< UInt64(bin & 63)
  }

  func remove(_ span: SpanRef) {
    let bin = FreeSpanBins.bin(of: span.pointee.pageCount)
    list(bin).pointee.remove(span)
    if list(bin).pointee.first == nil { words[bin &>> 6] &= ~(1 &<< UInt64(bin & 63)) }
  }

  /// A span of at least `pageCount` pages, as short as the bounded search finds; nil if there is none but perhaps in
  /// the request's own bin beyond the search.
  func find(_ pageCount: Int) -> SpanRef? {
    var bin = FreeSpanBins.bin(of: pageCount)
    while let next = nextOccupied(from: bin) {
      if let span = shortest(in: next, atLeast: pageCount) { return span }
      bin = next &+ 1
    }
    return nil
  }

  /// Some span of the longest bin; nil when all are empty.
  var longest: SpanRef? {
    for word in stride(from: FreeSpanBins.wordCount &- 1, through: 0, by: -1) where words[word] != 0 {
      return list(word &<< 6 &+ 63 &- words[word].leadingZeroBitCount).pointee.first
    }
    return nil
  }

  private func nextOccupied(from bin: Int) -> Int? {
    var word = bin &>> 6
    guard word < FreeSpanBins.wordCount else { return nil }
    var bits = words[word] & (~0 &<< UInt64(bin & 63))
    while bits == 0 {
      word &+= 1
      guard word < FreeSpanBins.wordCount else { return nil }
      bits = words[word]
    }
    return word &<< 6 &+ bits.trailingZeroBitCount
  }

  private func shortest(in bin: Int, atLeast pageCount: Int) -> SpanRef? {
    var candidate = list(bin).pointee.first
    guard bin >= FreeSpanBins.exactCount else { return candidate }
    var best: SpanRef?
    var steps = 0
    while let span = candidate, steps < FreeSpanBins.searchLength {
      let length = span.pointee.pageCount
      if length >= pageCount, best == nil || length < best.unsafelyUnwrapped.pointee.pageCount { best = span }
      candidate = span.pointee.next
      steps &+= 1
    }
    return best
  }
}
