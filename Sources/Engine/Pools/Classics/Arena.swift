import CPlatform

/// An arena: a heap of its own under one lock, ptmalloc's unit of concurrency (W. Gloger; glibc's `malloc.c` and
/// `arena.c`). A handle of its state, which lies in its first heap, the main arena's with the pool.
///
/// ```
///    0  lock                    |   8  threads attached    |  16  next arena | 24  next in the free list
///   32  top                     |  40  last remainder      |  48  newest heap
///   64  bin map, 128 bits       |  80  ArenaStatistics
///  192  bins, 127 × (forward, backward), and one that stays empty
/// 2240  a chunk of no bytes: top before there is a heap
/// ```
/// **Top**: the chunk at the end of the newest heap, of which everything is cut that no bin has. **Unsorted**: chunks
/// that have been freed or are left over; each gets one chance to be taken before it is put into its bin.
/// **Last remainder**: what the latest small request left, so that runs of small requests lie side by side.
struct Arena: Equatable {
  let raw: UnsafeMutableRawPointer

  static var bytes: Int { 2304 }

  /// Lays out zeroed memory.
  func initialize() {
    for index in 0...ArenaBins.count {
      let bin = bin(index)
      bin.forward = bin
      bin.backward = bin
    }
    top = ArenaChunk(raw: raw + 2240)
    statistics.initialize(to: ArenaStatistics())
  }

  private func pointer(_ offset: Int) -> UnsafeMutableRawPointer? {
    raw.load(fromByteOffset: offset, as: UnsafeMutableRawPointer?.self)
  }
  private func setPointer(_ offset: Int, _ value: UnsafeMutableRawPointer?) {
    raw.storeBytes(of: value, toByteOffset: offset, as: UnsafeMutableRawPointer?.self)
  }

  // MARK: Under the register's lock

  var attachedThreads: Int {
    get { raw.load(fromByteOffset: 8, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 8, as: Int.self) }
  }
  /// In the ring of all arenas.
  var next: Arena {
    get { pointer(16).map(Arena.init(raw:)) ?? self }
    nonmutating set { setPointer(16, newValue.raw) }
  }
  var nextFree: Arena? {
    get { pointer(24).map(Arena.init(raw:)) }
    nonmutating set { setPointer(24, newValue?.raw) }
  }

  // MARK: Under the lock

  private var lock: UnsafeMutablePointer<UInt32> { raw.assumingMemoryBound(to: UInt32.self) }
  func acquire() { if pb_lock_acquire(lock) { statistics.pointee.lockWaits &+= 1 } }
  func tryAcquire() -> Bool { pb_lock_try(lock) }
  func release() { pb_lock_release(lock) }

  var top: ArenaChunk {
    get { ArenaChunk(raw: pointer(32) ?? raw + 2240) }
    nonmutating set { setPointer(32, newValue.raw) }
  }
  var lastRemainder: ArenaChunk? {
    get { pointer(40).map(ArenaChunk.init(raw:)) }
    nonmutating set { setPointer(40, newValue?.raw) }
  }
  var heap: ArenaHeap? {
    get { pointer(48).map(ArenaHeap.init(raw:)) }
    nonmutating set { setPointer(48, newValue?.raw) }
  }
  var statistics: UnsafeMutablePointer<ArenaStatistics> {
    (raw + 80).assumingMemoryBound(to: ArenaStatistics.self)
  }

  /// A bin's head, seen as a chunk of which only the links exist.
  func bin(_ index: Int) -> ArenaChunk { ArenaChunk(raw: raw + (192 - 16) + index &<< 4) }

  private func mapWord(_ index: Int) -> UnsafeMutablePointer<UInt64> {
    (raw + 64).assumingMemoryBound(to: UInt64.self) + index &>> 6
  }
  func markBin(_ index: Int) { mapWord(index).pointee |= 1 << UInt64(index & 63) }
  func clearBin(_ index: Int) { mapWord(index).pointee &= ~(1 << UInt64(index & 63)) }
  /// The first bin from `index` on that may have chunks: its bit is cleared only when it is found empty.
  func firstMarkedBin(from index: Int) -> Int? {
    if index >= ArenaBins.count { return nil }
    let word = mapWord(index).pointee >> UInt64(index & 63)
    if word != 0 { return index + word.trailingZeroBitCount }
    if index >= 64 { return nil }
    let high = mapWord(64).pointee
    return high == 0 ? nil : 64 + high.trailingZeroBitCount
  }

  /// Takes a free chunk out of its list. (`unlink_chunk`)
  func unlink(_ chunk: ArenaChunk) {
    let (forward, backward) = (chunk.forward, chunk.backward)
    guard chunk.next.sizeBefore == chunk.size, forward.backward == chunk, backward.forward == chunk else {
      pb_fail_pointer("a free chunk's sizes or links are corrupted", chunk.object)
    }
    forward.backward = backward
    backward.forward = forward
    guard chunk.size >= ArenaBins.leastLarge, let smaller = chunk.smaller else { return }
    let larger = chunk.larger
    // A bin's head has a link to a smaller size too, since the next bin begins there: never nil.
    if forward.smaller != nil {
      larger.smaller = smaller
      smaller.larger = larger
    } else if smaller == chunk {
      forward.smaller = forward
      forward.larger = forward
    } else {
      forward.smaller = smaller
      forward.larger = larger
      smaller.larger = forward
      larger.smaller = forward
    }
  }
}

/// Counts of one arena, under its lock, or a sum.
struct ArenaStatistics {
  var lockWaits = 0
  /// Requests that came to it, and those that no bin had.
  var requests = 0
  var topCuts = 0
  /// Of the requests: an exact chunk of a small bin or of the unsorted list; the best fit of a larger bin.
  var exactFits = 0
  var bestFits = 0
  /// Chunks moved from the unsorted list into their bins.
  var sorted = 0
  /// Chunks put into the calling thread's cache on the way.
  var stashed = 0
  /// Chunks cut in two; free neighbours joined.
  var splits = 0
  var merges = 0
  var frees = 0
  var heaps = 0
  var heapsDeleted = 0
  var grownPages = 0
  var trims = 0

  static func += (sum: inout ArenaStatistics, other: ArenaStatistics) {
    sum.lockWaits += other.lockWaits
    sum.requests += other.requests
    sum.topCuts += other.topCuts
    sum.exactFits += other.exactFits
    sum.bestFits += other.bestFits
    sum.sorted += other.sorted
    sum.stashed += other.stashed
    sum.splits += other.splits
    sum.merges += other.merges
    sum.frees += other.frees
    sum.heaps += other.heaps
    sum.heapsDeleted += other.heapsDeleted
    sum.grownPages += other.grownPages
    sum.trims += other.trims
  }
}
