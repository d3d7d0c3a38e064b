import CPlatform

/// A heap of an arena: address space of which a growing part is used. A handle of its header.
///
/// ```
/// a multiple of 64 MiB
///   0  arena | 8 heap before | 16 bytes used      the owner of any object in it: the address's upper bits lead here
///  64  the arena's state, 2304 bytes              in a created arena's first heap
///   …  chunk | chunk | … | top | not used yet, never touched                                           + 64 MiB
/// ```
/// A heap that is full ends in two headers without a chunk, 16 bytes each, that count as in use, so that no merge leaves
/// it: **fenceposts**.
struct ArenaHeap: Equatable {
  let raw: UnsafeMutableRawPointer

  /// `HEAP_MAX_SIZE` on 64-bit machines.
  static var largest: Int { 64 << 20 }
  /// `HEAP_MIN_SIZE`
  static var least: Int { 32 << 10 }
  static var headerBytes: Int { 64 }

  init(raw: UnsafeMutableRawPointer) { self.raw = raw }

  /// The heap that an object lies in.
  @inline(__always)
  init(of object: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: object) & ~UInt(Self.largest &- 1)
    raw = UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
  }

  @inline(__always)
  var arena: Arena {
    get { Arena(raw: raw.load(as: UnsafeMutableRawPointer.self)) }
    nonmutating set { raw.storeBytes(of: newValue.raw, as: UnsafeMutableRawPointer.self) }
  }
  var before: ArenaHeap? {
    get { raw.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self).map(ArenaHeap.init(raw:)) }
    nonmutating set { raw.storeBytes(of: newValue?.raw, toByteOffset: 8, as: UnsafeMutableRawPointer?.self) }
  }
  var size: Int {
    get { raw.load(fromByteOffset: 16, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
  }

  /// A heap with room for `bytes`, and `padding` if that fits; nil when the system refuses. (`new_heap`)
  static func create(_ bytes: Int, padding: Int) -> ArenaHeap? {
    guard bytes <= largest else { return nil }
    let size = min(SystemMemory.roundedToPages(max(bytes + padding, least)), largest)
    guard let raw = pb_reserve_aligned(largest, largest) else { return nil }
    let heap = ArenaHeap(raw: raw)
    heap.size = size
    return heap
  }

  /// Uses `bytes` more, as whole pages; false at the heap's end or when the system refuses. glibc asks for each growth
  /// by mprotect; here the pages are writable from the start, so it costs no call. (`grow_heap`)
  func grow(_ bytes: Int) -> Bool {
    let size = self.size &+ SystemMemory.roundedToPages(bytes)
    guard size <= Self.largest, pb_may_map() else { return false }
    self.size = size
    return true
  }

  func unmap() { pb_unmap(raw, Self.largest) }
}

extension Arena {
  /// Makes top large enough to cut `bytes` off it: by the newest heap's growth, else in a new heap. False when the
  /// system refuses. (`sysmalloc`)
  func extend(_ bytes: Int, _ register: ArenaRegister) -> Bool {
    let missing = bytes &+ ArenaChunk.leastBytes &- top.size
    if let heap, heap.grow(missing) {
      let size = heap.raw + heap.size - top.raw
      statistics.pointee.grownPages &+= (size &- top.size) / SystemMemory.pageSize
      top.field = size | ArenaChunk.beforeInUse
      return true
    }
    let needed = bytes + ArenaChunk.leastBytes + ArenaHeap.headerBytes
    guard let added = ArenaHeap.create(needed, padding: register.topPadding) else { return false }
    let (old, oldTop) = (heap, top)
    add(added, headerBytes: ArenaHeap.headerBytes)
    if old != nil { fence(oldTop) }
    return true
  }

  /// Makes a new heap the newest; top is all of it behind the header.
  func add(_ added: ArenaHeap, headerBytes: Int) {
    added.arena = self
    added.before = heap
    heap = added
    statistics.pointee.heaps &+= 1
    top = ArenaChunk(raw: added.raw + headerBytes)
    top.field = (added.size - headerBytes) | ArenaChunk.beforeInUse
  }

  /// Ends a heap that has been top's: fenceposts, and before them what is left as a free chunk.
  private func fence(_ chunk: ArenaChunk) {
    let kept = (chunk.size - ArenaChunk.leastBytes) & ~15
    chunk.advanced(kept + 16).field = ArenaChunk.beforeInUse
    if kept >= ArenaChunk.leastBytes {
      let first = chunk.advanced(kept)
      first.field = 16 | ArenaChunk.beforeInUse
      chunk.advanced(kept + 16).sizeBefore = 16
      chunk.resize(kept)
      join(chunk, kept)
    } else {
      chunk.resize(kept + 16)
      chunk.advanced(kept + 16).sizeBefore = kept + 16
    }
  }

  /// Deletes newest heaps that are nothing but top, and gives the end of a large top back. (`heap_trim`)
  func trim(_ register: ArenaRegister) {
    while let newest = heap, let before = newest.before, top.raw == newest.raw + ArenaHeap.headerBytes {
      // The last fencepost of the heap before, and the one before it.
      var chunk = ArenaChunk(raw: before.raw + (before.size - 16)).before
      var size = chunk.size + 16
      if !chunk.isBeforeInUse { size += chunk.sizeBefore }
      // A heap that would soon have to be made again stays.
      if size + ArenaHeap.largest - before.size < register.topPadding + ArenaHeap.least + SystemMemory.pageSize {
        break
      }
      statistics.pointee.heapsDeleted &+= 1
      heap = before
      newest.unmap()
      if !chunk.isBeforeInUse {
        chunk = chunk.before
        unlink(chunk)
      }
      chunk.field = size | ArenaChunk.beforeInUse
      top = chunk
    }
    if top.size >= register.trimThreshold { shrinkTop(keeping: register.topPadding) }
  }

  /// Gives the pages at top's end back, all but `padding` bytes and a least chunk.
  func shrinkTop(keeping padding: Int) {
    guard let heap else { return }
    let surplus = (top.size - ArenaChunk.leastBytes - 1 - padding) & ~(SystemMemory.pageSize - 1)
    if surplus <= 0 { return }
    statistics.pointee.trims &+= 1
    heap.size -= surplus
    pb_discard(heap.raw + heap.size, surplus)
    top.field = (top.size - surplus) | ArenaChunk.beforeInUse
  }

  /// Gives back all whole pages inside free chunks, and top's end. (`mtrim`, `malloc_trim(0)`)
  func discardFree() {
    let page = SystemMemory.pageSize
    for index in ArenaBins.unsorted..<ArenaBins.count {
      let head = bin(index)
      var chunk = head.forward
      while chunk != head {
        // The header with the links of a large chunk, and the size at the end, stay.
        let start = SystemMemory.rounded(Int(bitPattern: chunk.raw) + 48, to: page)
        let end = Int(bitPattern: chunk.raw + chunk.size) & ~(page - 1)
        if end > start, let address = UnsafeMutableRawPointer(bitPattern: start) { pb_discard(address, end - start) }
        chunk = chunk.forward
      }
    }
    shrinkTop(keeping: 0)
  }
}
