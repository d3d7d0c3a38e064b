import CPlatform

/// A pool as nginx has one for each request and connection: small objects bumped from a chain of equal blocks, large
/// ones from malloc and kept in a list.
///
/// ```
/// first block, from malloc              further blocks, of the same size
///  0  last ──────────────┐               0  last
///  8  end ───────────────│──┐            8  end
/// 16  next ─► block ─►…  │  │           16  next ─► … ─► nil
/// 24  failed             │  │           24  failed
/// 32  max                │  │           32  objects   (after a reset from 80 on: the 48 bytes before are lost)
/// 40  current ─► block   │  │
/// 48  chain              │  │           large ─► {next, object} ─► … ─► nil     nodes of 16 bytes among the objects
/// 56  large              │  │                          └─► malloc's
/// 64  cleanup            │  │           cleanup ─► {run, data, next} ─► …       youngest first, among the objects
/// 72  counts (nginx: log)▼  ▼
/// 80  objects … objects  free
/// ```
/// *Small* are requests up to `max`, the lesser of what the first block holds and a page less a byte. They are bumped,
/// at multiples of 8, from the first block of the chain that has room, from `current` on. Where none has, a block is
/// appended, and each one walked but the last has *failed* once more; on its sixth failure a block is skipped for good.
/// So no walk sees more than seven blocks. *Large* objects take an empty node among the first five of the list, or a
/// new one. Only they can be freed on their own. Objects of 0 bytes are not unique.
///
/// Reset keeps the blocks, frees the large objects, and neither runs nor forgets the cleanups, as the original does.
///
/// Floor of an allocation: 4 loads (max, current, last, end), 1 store (last); an ideal bump has 2 and 1. A scope's pool
/// costs a malloc and a free for each block.
///
/// Source: nginx 3f6f782, `src/core/ngx_palloc.[ch]`: alignment 8, blocks at multiples of 16, least pool 112 bytes,
/// default 16 KiB; `ngx_http_core_module.c`: 4 KiB for a request, 512 bytes for a connection. What differs: `chain`
/// (a free list of the output filters) is never used, and where nginx has its log there is a pointer to counts of slow
/// paths. Not for several threads at once.
struct NginxPool: BitwiseCopyable {
  struct Block {
    var last: UnsafeMutableRawPointer
    let end: UnsafeMutableRawPointer
    var next: UnsafeMutablePointer<Block>?
    var failed: Int

    static let headerBytes = 32
  }

  struct Header {
    var block: Block
    let max: Int
    var current: UnsafeMutablePointer<Block>
    var chain: UnsafeMutableRawPointer?
    var large: UnsafeMutablePointer<Large>?
    var cleanup: UnsafeMutablePointer<Cleanup>?
    let counts: UnsafeMutablePointer<NginxCounts>

    static let bytes = 80
  }

  static let alignment = 8
  static let blockAlignment = 16
  /// Room for the header and two nodes of large objects.
  static let leastBytes = 112
  static let defaultBytes = 16 << 10
  /// Failures after which a block is skipped the next time it fails.
  static let failuresBorne = 4

  let header: UnsafeMutablePointer<Header>

  /// The first block.
  var first: UnsafeMutablePointer<Block> { UnsafeMutableRawPointer(header).assumingMemoryBound(to: Block.self) }

  /// Largest small request in a pool made with `bytes`.
  static func largestSmall(_ bytes: Int) -> Int {
    min(blockBytes(bytes) - Header.bytes, SystemMemory.pageSize - 1)
  }

  /// nginx's configuration refuses sizes below 112 and such that are no multiple of 16; here they are rounded up.
  static func blockBytes(_ bytes: Int) -> Int { SystemMemory.rounded(max(bytes, leastBytes), to: blockAlignment) }

  /// A pool with blocks of `bytes`, or nil when out of memory. A malloc.
  static func create(_ bytes: Int, counts: UnsafeMutablePointer<NginxCounts>) -> NginxPool? {
    let bytes = blockBytes(bytes)
    guard let memory = pb_heap_allocate(bytes) else { return nil }
    counts.pointee.creations &+= 1
    let header = memory.bindMemory(to: Header.self, capacity: 1)
    header.initialize(
      to: Header(
        block: Block(last: memory + Header.bytes, end: memory + bytes, next: nil, failed: 0),
        max: min(bytes - Header.bytes, SystemMemory.pageSize - 1),
        current: memory.assumingMemoryBound(to: Block.self), chain: nil, large: nil, cleanup: nil, counts: counts))
    return NginxPool(header: header)
  }

  /// Runs the cleanups, youngest first, then frees large objects and blocks. O(cleanups + large objects + blocks).
  func destroy() {
    if header.pointee.cleanup != nil { runCleanups() }
    if header.pointee.large != nil { freeLarge() }
    var block: UnsafeMutablePointer<Block>? = first
    while let visited = block {
      block = visited.pointee.next
      pb_heap_free(visited)
    }
  }

  /// Frees the large objects and rewinds every block to behind where the first one's header ends. Cleanups are left as
  /// they are, although the memory of their nodes is handed out again. O(large objects + blocks).
  func reset() {
    if header.pointee.large != nil { freeLarge() }
    var block: UnsafeMutablePointer<Block>? = first
    while let visited = block {
      visited.pointee.last = UnsafeMutableRawPointer(visited) + Header.bytes
      visited.pointee.failed = 0
      block = visited.pointee.next
    }
    header.pointee.current = first
    header.pointee.chain = nil
    header.pointee.large = nil
  }
}

// MARK: - Objects

extension NginxPool {
  /// `size` bytes at a multiple of 8, or nil when out of memory. O(1): seven blocks at most are looked at.
  @inline(__always)
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? { allocate(size, at: Self.alignment) }

  /// As `allocate`, at any address, for strings.
  @inline(__always)
  func allocateUnaligned(_ size: Int) -> UnsafeMutableRawPointer? { allocate(size, at: 1) }

  /// As `allocate`, all bytes zero.
  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    let object = allocate(size)
    object?.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  @inline(__always)
  private func allocate(_ size: Int, at alignment: Int) -> UnsafeMutableRawPointer? {
    guard _fastPath(UInt(bitPattern: size) <= UInt(bitPattern: header.pointee.max)) else {
      return allocateLarge(size)
    }
    let current = header.pointee.current
    if let object = current.take(size, at: alignment) { return object }
    header.pointee.counts.pointee.walks &+= 1
    var next = current.pointee.next
    while let block = next {
      if let object = block.take(size, at: alignment) { return object }
      next = block.pointee.next
    }
    return allocateInNewBlock(size)
  }

  /// Appends a block and counts a failure of each one from `current` on but the last.
  @inline(never)
  private func allocateInNewBlock(_ size: Int) -> UnsafeMutableRawPointer? {
    let bytes = header.pointee.block.end - UnsafeMutableRawPointer(header)
    guard let memory = pb_heap_allocate(bytes) else { return nil }
    header.pointee.counts.pointee.blocks &+= 1
    let object = memory + Block.headerBytes
    let block = memory.bindMemory(to: Block.self, capacity: 1)
    block.initialize(to: Block(last: object + size, end: memory + bytes, next: nil, failed: 0))
    var visited = header.pointee.current
    while let next = visited.pointee.next {
      if visited.pointee.failed > Self.failuresBorne { header.pointee.current = next }
      visited.pointee.failed += 1
      visited = next
    }
    visited.pointee.next = block
    return object
  }
}

extension UnsafeMutablePointer<NginxPool.Block> {
  /// Cuts an object off the block; nil when there is no room.
  @inline(__always)
  fileprivate func take(_ size: Int, at alignment: Int) -> UnsafeMutableRawPointer? {
    let object = pointee.last.alignedUp(toMultipleOf: alignment)
    guard _fastPath(size <= pointee.end - object) else { return nil }
    pointee.last = object + size
    return object
  }
}
