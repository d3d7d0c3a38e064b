/// Numbered nodes that fall due at given steps, first in first out within a step: a hierarchical timing wheel
/// (Varghese and Lauck 1987, scheme 7) of 5 levels of 1,024 buckets, so of dues below 2⁵⁰.
///
/// A node stands at the level of the highest digit (base 1,024) in which its due differs from the present step, and
/// moves down when that digit is reached. A bucket is only entered directly after everything that had to move down
/// into it has done so, which keeps the order of insertion within a step.
///
/// - Complexity: insertion O(1); each node moves down at most 4 times. Memory: 16 bytes a node, 40 KiB of buckets.
struct TimingWheel {
  private static let digitBits: UInt64 = 10
  private static let digitMask: UInt64 = 1023
  private static let levels = 5
  /// End of a list; also an empty bucket.
  static let none = UInt32.max

  struct Node: BitwiseCopyable {
    var due: UInt64
    var next: UInt32
  }

  private struct Bucket: BitwiseCopyable {
    var head: UInt32
    var tail: UInt32
  }

  private var nodes: MappedArray<Node>
  private let buckets: MappedArray<Bucket>
  private(set) var now: UInt64 = 0

  init() {
    nodes = MappedArray(capacity: 1024)
    buckets = MappedArray(capacity: Self.levels << Int(Self.digitBits))
    clear()
  }

  mutating func clear() {
    now = 0
    for index in 0..<(Self.levels << Int(Self.digitBits)) {
      buckets[index] = Bucket(head: Self.none, tail: Self.none)
    }
  }

  func free() {
    nodes.free()
    buckets.free()
  }

  /// - Precondition: `due > now`, and `node` is in no bucket.
  @inline(__always)
  mutating func insert(_ node: UInt32, due: UInt64) {
    if Int(node) >= nodes.capacity { nodes.reserve(Int(node) + 1) }
    nodes.base[Int(node)].due = due
    place(node, due)
  }

  @inline(__always)
  private func place(_ node: UInt32, _ due: UInt64) {
    let highest = UInt64(63 &- ((due ^ now) | 1).leadingZeroBitCount)
    let level = highest / Self.digitBits
    let digit = (due &>> (level &* Self.digitBits)) & Self.digitMask
    let bucket = Int(level &<< Self.digitBits | digit)
    nodes.base[Int(node)].next = Self.none
    let tail = buckets[bucket].tail
    if tail == Self.none {
      buckets[bucket] = Bucket(head: node, tail: node)
    } else {
      nodes.base[Int(tail)].next = node
      buckets.base[bucket].tail = node
    }
  }

  /// Moves to step `now + 1` and takes what falls due there: the first node of a list to be followed with `next`.
  @inline(__always)
  mutating func advance() -> UInt32 {
    now &+= 1
    if now & Self.digitMask == 0 { cascade() }
    return take(Int(now & Self.digitMask))
  }

  @inline(__always)
  func next(_ node: UInt32) -> UInt32 { nodes[Int(node)].next }

  @inline(__always)
  private func take(_ bucket: Int) -> UInt32 {
    let head = buckets[bucket].head
    if head != Self.none { buckets[bucket] = Bucket(head: Self.none, tail: Self.none) }
    return head
  }

  /// Brings down, highest level first, the buckets whose time has come.
  @inline(never)
  private mutating func cascade() {
    var level = 1
    while level < Self.levels - 1, now &>> (UInt64(level) &* Self.digitBits) & Self.digitMask == 0 { level += 1 }
    while level > 0 {
      let digit = Int(now &>> (UInt64(level) &* Self.digitBits) & Self.digitMask)
      var node = take(level << Int(Self.digitBits) | digit)
      while node != Self.none {
        let next = nodes[Int(node)].next
        place(node, nodes[Int(node)].due)
        node = next
      }
      level -= 1
    }
  }
}
