/// Memory for the blocks of a pool that gives none back before it ends: cut from chunks one after the other.
///
/// ```
/// chunks, 64 KiB, 128 KiB, … 4 MiB      | block | block | block ◄ cursor   not touched yet | end
/// ```
/// The pools of the textbooks take each block from `new` or `malloc`. Here all pools stand on the system's pages, and a
/// mapping for each block of a few objects would be a system call and a page for each.
///
/// Take: O(1) but for the chunk that it may need.
struct BlockMemory {
  private var chunks = ChunkTable()
  private var cursor: UInt = 0
  private var end: UInt = 0
  private var nextChunkBytes = SystemMemory.firstChunk

  /// Bytes mapped so far.
  private(set) var mappedBytes = 0

  /// Blocks begin at multiples of it.
  static var alignment: Int { 16 }

  /// Zeroed memory for a block, or nil when the system refuses. - Precondition: at most `SystemMemory.largestRequest`
  /// bytes and a little.
  mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let length = UInt(SystemMemory.rounded(bytes, to: Self.alignment))
    if end - cursor < length {
      let chunkBytes = SystemMemory.roundedToPages(max(nextChunkBytes, Int(length)))
      guard let base = chunks.map(chunkBytes, sizeClass: 0) else { return nil }
      nextChunkBytes = min(nextChunkBytes * 2, SystemMemory.largestChunk)
      mappedBytes += chunkBytes
      cursor = UInt(bitPattern: base)
      end = cursor + UInt(chunkBytes)
    }
    defer { cursor += length }
    return UnsafeMutableRawPointer(bitPattern: cursor)
  }

  /// Unmaps all blocks.
  mutating func destroy() {
    chunks.destroy()
    self = BlockMemory()
  }
}
