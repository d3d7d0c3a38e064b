import CPlatform

/// The heap of PHP 7 and later: small slots in bins, large objects in pages of chunks, huge ones mapped.
///
/// ```
/// heap (in page 0 of its first chunk)
///  ├ bins: 30 free lists ──► slot ─► slot ─► nil       threaded through runs of pages
///  ├ main chunk ⇄ chunk ⇄ chunk ⇄ (main)               2 MiB each; see ZendChunk
///  ├ cached chunks ─► chunk ─► nil                      kept for later
///  └ huge ─► node ─► node ─► nil                        each an address at a multiple of 2 MiB
/// ```
/// *Small* is up to 3072 bytes, *large* up to 2 MiB less a page, *huge* what is more. A *run* is 1 to 7 pages of slots
/// of one bin, threaded whole when it is made; the slots of a run that is free again return only through `collect`
/// (PHP's gc_mem_caches) or `shutdown`.
///
/// Allocate: loads bytes in use, their peak, the list's head and its link; stores bytes in use, the peak, the head (4
/// loads, 3 stores). Free: loads the chunk's heap, the map's word, the slot's bytes, bytes in use, the head; stores
/// bytes in use, the link, the head (5, 3).
///
/// Sources: php-src, `Zend/zend_alloc.c` and `zend_alloc_sizes.h`: 30 bins, 512 pages of 4 KiB, 8 pages and 2 steps in
/// the search, 0.1 and 0.9 about the average of chunks, 4 deletions at the same boundary. What differs: out of memory
/// and over the limit is nil in place of a fatal error, growing a huge object always copies; the run counter has
/// 10 bits, for 9 cannot count the 512 slots of bin 0. As there, freeing to another heap ends the process, and a second
/// free of a small object goes unnoticed. The shadow links of PHP 8.4 are left out.
struct ZendHeap: BitwiseCopyable {
  /// Of a huge object; a small object of the heap itself.
  struct Huge {
    let pointer: UnsafeMutableRawPointer
    var bytes: Int
    var next: UnsafeMutablePointer<Huge>?
  }

  struct State {
    /// Bytes in use, by bins and pages, and their peak.
    var size = 0
    var peak = 0
    /// Bytes mapped, and the most that may be.
    var realSize = ZendChunk.bytes
    var limit = Int.max
    let main: ZendChunk
    var cached: UnsafeMutableRawPointer?
    var huge: UnsafeMutablePointer<Huge>?
    var chunks = 1
    var peakChunks = 1
    var cachedCount = 0
    /// Of the chunks that requests needed at their peak.
    var averageChunks = 1.0
    /// Chunks left when one was last deleted, and how often in a row it was so many.
    var boundary = 0
    var boundaryCount = 0
    var nextNumber = 1
    var runs = 0
    var largeAllocations = 0
    var hugeAllocations = 0
    var searchSteps = 0
    var mappedChunks = 1
    var reusedChunks = 0
    var collections = 0
    var collectedPages = 0
    var shutdowns = 0
  }

  static let largestLarge = ZendChunk.bytes - ZendChunk.pageBytes
  private static let binsOffset = 512
  private static let bytesOffset = 512 + 8 * 32

  let raw: UnsafeMutableRawPointer

  @inline(__always)
  var state: UnsafeMutablePointer<State> { raw.assumingMemoryBound(to: State.self) }

  /// Head of a bin's free list.
  @inline(__always)
  var bins: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (raw + Self.binsOffset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }

  /// Bytes of a bin's slots, by a table.
  @inline(__always)
  private func bytes(_ bin: Int) -> Int {
    Int(raw.load(fromByteOffset: Self.bytesOffset &+ bin &* 4, as: UInt32.self))
  }

  static func create() -> ZendHeap? {
    guard let mapped = pb_reserve_aligned(ZendChunk.bytes, ZendChunk.bytes) else { return nil }
    let heap = ZendHeap(raw: mapped + ZendChunk.heapOffset)
    let chunk = ZendChunk(raw: mapped)
    chunk.initialize(heap: heap, number: 0)
    heap.state.initialize(to: State(main: chunk))
    heap.bins.initialize(repeating: nil, count: 32)
    for bin in 0..<ZendBins.count {
      heap.raw.storeBytes(
        of: UInt32(ZendBins.bytes(bin)), toByteOffset: Self.bytesOffset + bin * 4, as: UInt32.self)
    }
    return heap
  }

  // MARK: - Small objects

  @inline(__always)
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(bitPattern: ZendBins.largest) else { return allocateBig(size) }
    return allocateSmall(ZendBins.index(of: size))
  }

  @inline(__always)
  private func allocateSmall(_ bin: Int) -> UnsafeMutableRawPointer? {
    guard let slot = bins[bin] else { return allocateRun(bin) }
    let inUse = state.pointee.size &+ ZendBins.bytes(bin)
    state.pointee.peak = max(state.pointee.peak, inUse)
    state.pointee.size = inUse
    bins[bin] = slot.load(as: UnsafeMutableRawPointer?.self)
    return slot
  }

  /// Threads a new run and hands out its first slot.
  @inline(never)
  func allocateRun(_ bin: Int) -> UnsafeMutableRawPointer? {
    let pages = ZendBins.pages(bin)
    guard let run = allocatePages(pages) else { return nil }
    // Finding the pages may have collected garbage, but a run that is left is in use: the list is empty still.
    let chunk = ZendChunk.of(run)
    let page = ZendChunk.offset(run) / ZendChunk.pageBytes
    chunk[page] = ZendChunk.small | UInt32(bin)
    for offset in 1..<max(pages, 1) {
      chunk[page + offset] = ZendChunk.small | ZendChunk.large | UInt32(bin) | UInt32(offset) << ZendChunk.counterShift
    }
    let bytes = ZendBins.bytes(bin)
    let last = run + (ZendBins.slots(bin) - 1) * bytes
    var slot = run + bytes
    bins[bin] = slot
    while slot < last {
      slot.storeBytes(of: slot + bytes, as: UnsafeMutableRawPointer?.self)
      slot += bytes
    }
    last.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
    state.pointee.runs &+= 1
    count(bytes)
    return run
  }

  /// Adds to the bytes in use.
  func count(_ bytes: Int) {
    state.pointee.size &+= bytes
    state.pointee.peak = max(state.pointee.peak, state.pointee.size)
  }

  @inline(__always)
  func free(_ pointer: UnsafeMutableRawPointer) {
    let offset = ZendChunk.offset(pointer)
    guard offset != 0 else { return freeHuge(pointer) }
    let chunk = ZendChunk.of(pointer)
    let owner = chunk.heap
    precondition(owner.raw == raw, "an object was freed to another heap")
    let word = chunk[offset &>> 12]
    guard word & ZendChunk.small != 0 else { return freeLarge(pointer) }
    let bin = Int(truncatingIfNeeded: word & 31)
    state.pointee.size &-= bytes(bin)
    pointer.storeBytes(of: bins[bin], as: UnsafeMutableRawPointer?.self)
    bins[bin] = pointer
  }

  /// A slot's bytes are a multiple of every power of two that its size is rounded to, pages are of 4096, and huge
  /// objects of 2 MiB: alignments up to 4096 only choose the size.
  static var largestAlignment: Int { ZendChunk.pageBytes }
  static var firstBytes: Int { ZendChunk.bytes }

  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    if alignment <= 8 || UInt(bitPattern: size) > UInt(bitPattern: ZendBins.largest) { return allocate(size) }
    guard alignment <= Self.largestAlignment else { return nil }
    let needed = max(size, alignment)
    let rounded = 1 << (Int.bitWidth - (needed - 1).leadingZeroBitCount)
    return rounded <= 2048 ? allocate(rounded) : allocateLarge(ZendChunk.pageBytes)
  }

  /// O(1), for huge objects O(huge objects).
  func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int {
    let offset = ZendChunk.offset(pointer)
    if offset == 0 { return huge(pointer)?.pointee.bytes ?? 0 }
    let word = ZendChunk.of(pointer)[offset / ZendChunk.pageBytes]
    if word & ZendChunk.small != 0 { return ZendBins.bytes(Int(word & 31)) }
    return Int(word & 1023) * ZendChunk.pageBytes
  }
}
