import CPlatform

typealias SpanRef = UnsafeMutablePointer<Span>

/// A run of pages with one use: objects of one class, one large object, or free.
///
/// ```
/// small:  | object | free | object | free | free | never used …      | tail |
/// bits:       0       1       0       1      1       1  …
/// ```
/// Which objects of a small span are free says a bitmap beside it, as in jemalloc's slabs: an object that comes or goes
/// need not be touched, those of lower addresses go first, and one that is freed twice is found out. What was never
/// handed out costs no memory. Guarded by the lock of the tier that holds the span.
struct Span {
  enum State: UInt8 {
    /// Free, its memory may hold anything.
    case dirty
    /// Free, no memory behind it: reads as zero.
    case clean
    /// Free, on its way from dirty to clean, in no list.
    case discarding
    /// Cut into objects of `sizeClass`.
    case small
    /// One object of whole pages.
    case large
    /// One object in a mapping of its own.
    case huge
  }

  var next: SpanRef?
  var previous: SpanRef?
  var firstPage: Int
  var pageCount: Int
  var state: State
  /// A large or huge object's pages read as zero until it is first handed out.
  var isZero: Bool
  var sizeClass: UInt8
  /// Bytes from the start on that have been used or populated; `Int32.max` where nobody keeps count.
  var touched: Int32
  /// One for each free object of a small span; its first word that may have any.
  var bits: UnsafeMutablePointer<UInt64>?
  var firstWord: Int32
  /// Objects of a small span: all of its bits; those ever handed out; and those out of the span, at users, in threads'
  /// stacks or central batches.
  var capacity: Int32
  var carved: Int32
  var live: Int32

  init(firstPage: Int, pageCount: Int, state: State) {
    self.firstPage = firstPage
    self.pageCount = pageCount
    self.state = state
    isZero = false
    sizeClass = 0
    touched = .max
    firstWord = 0
    capacity = 0
    carved = 0
    live = 0
  }

  var address: UnsafeMutableRawPointer { Page.address(of: firstPage) }
  var byteCount: Int { pageCount &<< Page.shift }
  var endPage: Int { firstPage &+ pageCount }
  /// Nothing left to hand out.
  var isExhausted: Bool { live == capacity }
  /// Bytes of the bitmap of `capacity` objects.
  static func bitBytes(_ capacity: Int32) -> Int { (Int(capacity) &+ 63) / 64 * MemoryLayout<UInt64>.size }
}

extension SpanRef {
  /// Cuts a span into free objects of a class.
  func initializeSmall(_ sizeClass: Int, _ facts: SizeClassFacts, bits: UnsafeMutablePointer<UInt64>) {
    pointee.state = .small
    pointee.sizeClass = UInt8(truncatingIfNeeded: sizeClass)
    pointee.bits = bits
    pointee.firstWord = 0
    pointee.capacity = facts.capacity
    pointee.carved = 0
    pointee.live = 0
    let words = Int(facts.capacity) / 64
    bits.update(repeating: .max, count: words)
    let rest = UInt64(facts.capacity) & 63
    if rest > 0 { bits[words] = 1 &<< rest &- 1 }
  }

  /// Takes up to `count` free objects, those of the lowest addresses, and writes them to `slots`, the lowest last.
  /// O(count + words of the bitmap). - Returns: how many.
  func take(into slots: ThreadCacheRef.Slots, atMost count: Int, _ facts: SizeClassFacts) -> Int {
    let taken = Swift.min(count, Int(pointee.capacity &- pointee.live))
    guard taken > 0, let bits = pointee.bits else { return 0 }
    let size = Int(facts.objectSize)
    let address = pointee.address
    var word = Int(pointee.firstWord)
    var index = 0
    var left = taken
    while true {
      var free = bits[word]
      while free != 0, left > 0 {
        left &-= 1
        index = word &<< 6 &+ free.trailingZeroBitCount
        slots[left] = address + index &* size
        free &= free &- 1
      }
      bits[word] = free
      if left == 0 { break }
      word &+= 1
    }
    pointee.firstWord = Int32(truncatingIfNeeded: word)
    pointee.carved = Swift.max(pointee.carved, Int32(truncatingIfNeeded: index &+ 1))
    pointee.live &+= Int32(truncatingIfNeeded: taken)
    return taken
  }

  /// Takes an object back; anything else ends the process with a message. O(1).
  @inline(__always)
  func put(_ object: UnsafeMutableRawPointer, _ facts: SizeClassFacts) {
    let offset = UInt(bitPattern: UnsafeRawPointer(object) - UnsafeRawPointer(pointee.address))
    // Exact for multiples of the size: see `SizeClassFacts.reciprocal`.
    let index = (offset &* UInt(facts.reciprocal)) &>> 32
    guard index &* UInt(bitPattern: Int(facts.objectSize)) == offset, index < UInt(bitPattern: Int(pointee.capacity)),
      let bits = pointee.bits
    else { pb_fail_pointer("a pointer that was freed is not an object's", object) }
    let word = Int(bitPattern: index &>> 6)
    let bit: UInt64 = 1 &<< UInt64(index & 63)
    guard bits[word] & bit == 0 else { pb_fail_pointer("an object was freed twice", object) }
    bits[word] |= bit
    if word < Int(pointee.firstWord) { pointee.firstWord = Int32(truncatingIfNeeded: word) }
    pointee.live &-= 1
  }

  /// Whether an object of a small span is in it, free.
  func isFree(_ index: Int) -> Bool { (pointee.bits?[index &>> 6] ?? 0) &>> UInt64(index & 63) & 1 == 1 }
}

/// A doubly linked list of spans through their own links; O(1) insertion and removal.
struct SpanList {
  private(set) var first: SpanRef?

  mutating func insert(_ span: SpanRef) {
    span.pointee.next = first
    span.pointee.previous = nil
    first?.pointee.previous = span
    first = span
  }

  mutating func remove(_ span: SpanRef) {
    let next = span.pointee.next
    let previous = span.pointee.previous
    next?.pointee.previous = previous
    if let previous {
      previous.pointee.next = next
    } else {
      first = next
    }
    span.pointee.next = nil
    span.pointee.previous = nil
  }
}
