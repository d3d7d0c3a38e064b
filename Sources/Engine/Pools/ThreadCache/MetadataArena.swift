import CPlatform

/// Memory for spans and threads' states: bumped from chunks of its own, never mixed with users' memory, reused but
/// given back only with the heap. Guarded by the page heap's lock.
struct MetadataArena {
  private var cursor: UnsafeMutableRawPointer?
  private var left = 0
  private var freeSpans: SpanRef?
  /// Bitmaps by their number of cache lines, linked through their first words: a place for each, or nil before the first.
  private var freeBits: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  private var chunks: UnsafeMutableRawPointer?

  /// Address space of one chunk; it becomes resident page by page.
  static var chunkBytes: Int { 1 << 20 }

  init() {}

  /// `bytes` at a multiple of 64, zero; nil when the system refuses.
  mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let size = (bytes &+ 63) & ~63
    if size > left {
      guard let chunk = pb_reserve(Self.chunkBytes) else { return nil }
      chunk.link = chunks
      chunks = chunk
      cursor = chunk + 64
      left = Self.chunkBytes &- 64
    }
    let block = cursor.unsafelyUnwrapped
    cursor = block + size
    left &-= size
    return block
  }

  mutating func takeSpan() -> SpanRef? {
    if let span = freeSpans {
      freeSpans = span.pointee.next
      return span
    }
    return take(MemoryLayout<Span>.stride)?.assumingMemoryBound(to: Span.self)
  }

  mutating func recycle(_ span: SpanRef) {
    span.pointee.next = freeSpans
    freeSpans = span
  }

  /// A bitmap of `bytes`, which may hold anything; nil when the system refuses.
  mutating func takeBits(_ bytes: Int) -> UnsafeMutablePointer<UInt64>? {
    if freeBits == nil {
      let places = Self.largestBits / Self.line + 1
      freeBits = take(places * MemoryLayout<UnsafeRawPointer>.size)?
        .bindMemory(to: UnsafeMutableRawPointer?.self, capacity: places)
    }
    guard let freeBits else { return nil }
    let lines = Self.lines(bytes)
    if let bits = freeBits[lines] {
      freeBits[lines] = bits.link
      return bits.assumingMemoryBound(to: UInt64.self)
    }
    return take(bytes)?.assumingMemoryBound(to: UInt64.self)
  }

  mutating func recycleBits(_ bits: UnsafeMutablePointer<UInt64>, _ bytes: Int) {
    let lines = Self.lines(bytes)
    let raw = UnsafeMutableRawPointer(bits)
    raw.link = freeBits.unsafelyUnwrapped[lines]
    freeBits.unsafelyUnwrapped[lines] = raw
  }

  private static var line: Int { 64 }
  private static func lines(_ bytes: Int) -> Int { (bytes &+ (line &- 1)) / line }
  /// Of a span of 8-byte objects.
  private static var largestBits: Int { Span.bitBytes(Int32(SizeClass(index: 1).spanPages * Page.size / 8)) }

  mutating func destroy() {
    while let chunk = chunks {
      chunks = chunk.link
      pb_unmap(chunk, Self.chunkBytes)
    }
  }
}
