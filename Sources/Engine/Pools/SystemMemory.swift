import CPlatform

/// Where the pools of this folder take their memory: anonymous mappings, nothing else.
enum SystemMemory {
  /// Requests above it are refused before any rounding, so that sums of sizes cannot overflow.
  static let largestRequest = 1 << 47
  /// First chunk of a pool; each further one is twice as big, up to `largestChunk`. A chunk is touched only as far as
  /// blocks have been carved from it, so its size costs address space, not memory.
  static let firstChunk = 64 << 10
  static let largestChunk = 4 << 20

  static var pageSize: Int { pb_page_size() }

  /// - Precondition: `bytes` is at most `largestRequest` and a little.
  static func roundedToPages(_ bytes: Int) -> Int { rounded(bytes, to: pageSize) }

  /// `bytes` as the next multiple of `unit`, a power of two.
  @inline(__always)
  static func rounded(_ bytes: Int, to unit: Int) -> Int { (bytes &+ (unit &- 1)) & ~(unit &- 1) }

  /// Zeroed memory at a page boundary, or nil when the system refuses. Pages become resident when touched.
  static func map(_ bytes: Int) -> UnsafeMutableRawPointer? { pb_map(roundedToPages(bytes), false) }

  static func unmap(_ address: UnsafeMutableRawPointer, _ bytes: Int) { pb_unmap(address, roundedToPages(bytes)) }
}

/// A run of equal blocks in a mapping of their own.
///
/// ```
/// base                                      cursor of its class                     base + bytes
///  | block | block | lost | block | … | block | not carved yet, never touched | tail < block |
/// ```
struct Chunk {
  let base: UnsafeMutableRawPointer
  let bytes: Int
  let sizeClass: Int
  /// Bytes below the cursor that belong to no block: what an over-aligned block left free before it.
  var lost = 0
  /// Scratch of a purge: blocks of the chunk that no one uses.
  var idle = 0
  /// Scratch of a purge: all blocks are idle.
  var isReleasable = false

  /// Whole blocks in the first `length` bytes.
  func blocks(of blockSize: Int, below length: Int) -> Int { (length - lost) / blockSize }
}

/// All chunks of one owner, in order of address, in a mapping that doubles. Cold: asked when a chunk comes or goes,
/// in a purge, and at the end.
///
/// Insertion moves O(chunks) entries of 48 bytes, some microseconds where mapping and faulting in a chunk take
/// hundreds.
struct ChunkTable {
  private var entries: UnsafeMutablePointer<Chunk>?
  private(set) var count = 0
  private var capacity = 0
  private var mappedBytes = 0
  /// Where the chunks' classes are entered as well, if at all.
  private let classes: ChunkClasses?

  init(classes: ChunkClasses? = nil) { self.classes = classes }

  subscript(index: Int) -> Chunk {
    get { entries![index] }
    nonmutating set { entries![index] = newValue }
  }

  /// The length of a chunk for `bytes`.
  func length(for bytes: Int) -> Int {
    classes == nil ? SystemMemory.roundedToPages(bytes) : SystemMemory.rounded(bytes, to: ChunkClasses.unit)
  }

  /// Maps a chunk of `length(for:)` so many bytes and enters it; nil when the system refuses, everything then as before.
  mutating func map(_ bytes: Int, sizeClass: Int, alignment: Int = 1) -> UnsafeMutableRawPointer? {
    guard count < capacity || grow() else { return nil }
    let length = length(for: bytes)
    let alignment = classes == nil ? alignment : max(alignment, ChunkClasses.unit)
    let mapped =
      alignment <= SystemMemory.pageSize ? pb_map(length, false) : pb_reserve_aligned(length, alignment)
    guard let mapped, let entries else { return nil }
    classes?.enter(mapped, length, sizeClass: sizeClass)
    let index = firstIndex(above: mapped)
    (entries + (index + 1)).update(from: entries + index, count: count - index)
    entries[index] = Chunk(base: mapped, bytes: length, sizeClass: sizeClass)
    count += 1
    return mapped
  }

  /// Maps a chunk for a single block at a multiple of `alignment`.
  mutating func mapBlock(_ blockSize: Int, sizeClass: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    guard alignment <= SystemMemory.largestRequest else { return nil }
    guard let block = map(blockSize, sizeClass: sizeClass, alignment: alignment) else { return nil }
    lose(length(for: blockSize) - blockSize, at: block)
    return block
  }

  /// Notes that `bytes` at `address` belong to no block.
  func lose(_ bytes: Int, at address: UnsafeMutableRawPointer) { self[index(of: address)].lost += bytes }

  private mutating func grow() -> Bool {
    let bytes = max(SystemMemory.pageSize, mappedBytes * 2)
    guard let memory = SystemMemory.map(bytes) else { return false }
    let larger = memory.bindMemory(to: Chunk.self, capacity: bytes / MemoryLayout<Chunk>.stride)
    if let entries {
      larger.update(from: entries, count: count)
      SystemMemory.unmap(entries, mappedBytes)
    }
    entries = larger
    mappedBytes = bytes
    capacity = bytes / MemoryLayout<Chunk>.stride
    return true
  }

  private func firstIndex(above address: UnsafeMutableRawPointer) -> Int {
    guard let entries else { return 0 }
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].base <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The chunk that holds `address`, which must lie in one. O(log chunks).
  func index(of address: UnsafeMutableRawPointer) -> Int { firstIndex(above: address) - 1 }

  /// Unmaps the chunks for which `releases` says so.
  mutating func remove(where releases: (Chunk) -> Bool) {
    guard let entries else { return }
    var kept = 0
    for index in 0..<count {
      let chunk = entries[index]
      if releases(chunk) {
        classes?.leave(chunk.base, chunk.bytes)
        SystemMemory.unmap(chunk.base, chunk.bytes)
      } else {
        entries[kept] = chunk
        kept += 1
      }
    }
    count = kept
  }

  /// Unmaps everything, the table too.
  mutating func destroy() {
    remove { _ in true }
    if let entries { SystemMemory.unmap(entries, mappedBytes) }
    self = ChunkTable(classes: classes)
  }
}
