/// Numbered nodes that fall due at given steps, first in first out within a step: a hierarchical timing wheel
/// (Varghese and Lauck 1987, scheme 7) of 5 levels of 1,024 buckets, so of dues below 2⁵⁰.
///
/// A node stands at the level of the highest digit (base 1,024) in which its due differs from the present step, and
/// moves down when that digit is reached. A bucket is only entered directly after everything that had to move down
/// into it has done so, which keeps the order of insertion within a step.
///
/// ```
/// level 0      bucket: head, tail ─► next[node] ─► …          what falls due in the coming steps
/// levels 1…4   bucket: chunk ─► chunk ─► …, each 15 × (due, node)
/// ```
/// The upper levels are arrays and not lists through the nodes because moving a bucket down would then wait for one
/// cache miss after the other.
///
/// - Complexity: insertion O(1); each node moves down at most 4 times. Memory: 4 bytes a node, and 17 to 32 for one
///   that is not due soon.
struct TimingWheel {
  private static let digitBits: UInt64 = 10
  private static let digitMask: UInt64 = 1023
  private static let levels = 5
  /// How many steps ahead nodes are named to ``upcoming``.
  private static let lookahead: UInt64 = 6
  /// End of a list; also an empty bucket.
  static let none = UInt32.max

  private struct Bucket: BitwiseCopyable {
    var head = none
    var tail = none
  }

  private var next: MappedArray<UInt32>
  private let buckets: MappedArray<Bucket>
  private var chunks = ChunkStore()
  private(set) var now: UInt64 = 0

  init() {
    next = MappedArray(capacity: 1024)
    buckets = MappedArray(capacity: Self.levels << Int(Self.digitBits))
    clear()
  }

  mutating func clear() {
    now = 0
    chunks.clear()
    for index in 0..<(Self.levels << Int(Self.digitBits)) { buckets[index] = Bucket() }
  }

  func free() {
    next.free()
    buckets.free()
    chunks.free()
  }

  /// - Precondition: `due > now`, and `node` is in no bucket.
  @inline(__always)
  mutating func insert(_ node: UInt32, due: UInt64) {
    if Int(node) >= next.capacity { next.reserve(Int(node) &+ 1) }
    let highest = UInt64(truncatingIfNeeded: 63 &- ((due ^ now) | 1).leadingZeroBitCount)
    if highest < Self.digitBits {
      append(node, to: buckets.base + Int(truncatingIfNeeded: due & Self.digitMask))
    } else {
      raise(node, due, level: highest / Self.digitBits)
    }
  }

  @inline(__always)
  private func append(_ node: UInt32, to bucket: UnsafeMutablePointer<Bucket>) {
    next.base[Int(node)] = Self.none
    let tail = bucket.pointee.tail
    if tail == Self.none {
      bucket.pointee = Bucket(head: node, tail: node)
    } else {
      next.base[Int(tail)] = node
      bucket.pointee.tail = node
    }
  }

  @inline(__always)
  private mutating func raise(_ node: UInt32, _ due: UInt64, level: UInt64) {
    let digit = (due &>> (level &* Self.digitBits)) & Self.digitMask
    let bucket = buckets.base + Int(truncatingIfNeeded: level &<< Self.digitBits | digit)
    if bucket.pointee.tail == Self.none || chunks.isFull(bucket.pointee.tail) {
      let chunk = chunks.take()
      if bucket.pointee.tail == Self.none {
        bucket.pointee.head = chunk
      } else {
        chunks.link(bucket.pointee.tail, to: chunk)
      }
      bucket.pointee.tail = chunk
    }
    chunks.append(due, node, to: bucket.pointee.tail)
  }

  /// Moves to step `now + 1` and takes what falls due there: the first node of a list to be followed with `next`.
  @inline(__always)
  mutating func advance() -> UInt32 {
    now &+= 1
    if now & Self.digitMask == 0 { cascade() }
    let bucket = buckets.base + Int(truncatingIfNeeded: now & Self.digitMask)
    let head = bucket.pointee.head
    if head != Self.none { bucket.pointee = Bucket() }
    return head
  }

  @inline(__always)
  func next(_ node: UInt32) -> UInt32 { next.base[Int(node)] }

  /// A node that falls due a few steps from now, or `none`: for whoever wants to fetch what belongs to it in time.
  @inline(__always)
  var upcoming: UInt32 { buckets.base[Int(truncatingIfNeeded: (now &+ Self.lookahead) & Self.digitMask)].head }

  /// Brings down, highest level first, the buckets whose time has come.
  @inline(never)
  private mutating func cascade() {
    var level: UInt64 = 1
    while level < UInt64(Self.levels - 1), now &>> (level &* Self.digitBits) & Self.digitMask == 0 { level += 1 }
    while level > 0 {
      let digit = now &>> (level &* Self.digitBits) & Self.digitMask
      let bucket = buckets.base + Int(truncatingIfNeeded: level &<< Self.digitBits | digit)
      var chunk = bucket.pointee.head
      bucket.pointee = Bucket()
      while chunk != Self.none {
        for index in 0..<chunks.count(chunk) {
          let entry = chunks.entry(index, of: chunk)
          insert(entry.node, due: entry.due)
        }
        let following = chunks.next(chunk)
        chunks.giveBack(chunk)
        chunk = following
      }
      level -= 1
    }
  }
}

/// Chunks of up to 15 entries in 256 bytes, numbered, reused.
private struct ChunkStore {
  struct Entry: BitwiseCopyable {
    var due: UInt64
    var node: UInt32
  }

  private struct Header: BitwiseCopyable {
    var next: UInt32
    var count: UInt32
  }

  private static let bytes = 256
  private static let capacity: UInt32 = 15
  private static let words = bytes / MemoryLayout<UInt64>.stride

  private var memory = MappedArray<UInt64>(capacity: 16 * words)
  private var used = 0
  private var firstFree = TimingWheel.none

  private func header(_ chunk: UInt32) -> UnsafeMutablePointer<Header> {
    UnsafeMutableRawPointer(memory.base + Int(chunk) &* Self.words).assumingMemoryBound(to: Header.self)
  }

  private func entries(_ chunk: UInt32) -> UnsafeMutablePointer<Entry> {
    (UnsafeMutableRawPointer(memory.base + Int(chunk) &* Self.words) + 16).assumingMemoryBound(to: Entry.self)
  }

  @inline(__always)
  func isFull(_ chunk: UInt32) -> Bool { header(chunk).pointee.count == Self.capacity }
  func count(_ chunk: UInt32) -> Int { Int(header(chunk).pointee.count) }
  func next(_ chunk: UInt32) -> UInt32 { header(chunk).pointee.next }
  func entry(_ index: Int, of chunk: UInt32) -> Entry { entries(chunk)[index] }
  func link(_ chunk: UInt32, to other: UInt32) { header(chunk).pointee.next = other }

  @inline(__always)
  func append(_ due: UInt64, _ node: UInt32, to chunk: UInt32) {
    let header = header(chunk)
    entries(chunk)[Int(header.pointee.count)] = Entry(due: due, node: node)
    header.pointee.count &+= 1
  }

  /// An empty chunk.
  mutating func take() -> UInt32 {
    let chunk: UInt32
    if firstFree != TimingWheel.none {
      chunk = firstFree
      firstFree = next(chunk)
    } else {
      memory.count = memory.capacity
      memory.reserve((used + 1) * Self.words)
      chunk = UInt32(truncatingIfNeeded: used)
      used += 1
    }
    header(chunk).pointee = Header(next: TimingWheel.none, count: 0)
    return chunk
  }

  mutating func giveBack(_ chunk: UInt32) {
    header(chunk).pointee.next = firstFree
    firstFree = chunk
  }

  mutating func clear() {
    used = 0
    firstFree = TimingWheel.none
  }

  func free() { memory.free() }
}
