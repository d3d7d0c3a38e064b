import CPlatform

/// Memory for spans and threads' states: bumped from chunks of its own, never mixed with users' memory, reused but
/// given back only with the heap. Guarded by the page heap's lock.
struct MetadataArena {
  private var cursor: UnsafeMutableRawPointer?
  private var left = 0
  private var freeSpans: SpanRef?
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

  mutating func destroy() {
    while let chunk = chunks {
      chunks = chunk.link
      pb_unmap(chunk, Self.chunkBytes)
    }
  }
}
