/// A chunk of Zend MM: 2 MiB at a multiple of 2 MiB, of which the first page says what the other 511 hold.
///
/// ```
/// page 0                                             page 1 … 511
///  0     heap | next | previous                       | run of small slots, 1–7 pages | large object | free | …
///  24    free pages | tail | number
///  64    bitmap: a bit for each page in use
///  128   the heap itself, in its first chunk
///  2048  map: a word a page
///
/// word   free 0 │ large  01 … pages │ small  10 … free slots (10 bits, gc) … bin │ small, not first 11 … offset … bin
/// bits          │ 30         0…9    │ 31            16…25              0…4       │ 30, 31          16…25      0…4
/// ```
/// Any object but a huge one leads to its chunk by clearing 21 bits. Behind the tail all pages are free; the tail may
/// be too high, never too low.
struct ZendChunk: BitwiseCopyable, Equatable {
  static let bytes = 2 << 20
  static let pageBytes = 4096
  static let pages = 512
  static let heapOffset = 128
  private static let bitmapOffset = 64
  private static let mapOffset = 2048

  static let large: UInt32 = 1 << 30
  static let small: UInt32 = 1 << 31
  static let counterShift: UInt32 = 16

  let raw: UnsafeMutableRawPointer

  /// The chunk that `object`, not a huge one, lies in.
  @inline(__always)
  static func of(_ object: UnsafeMutableRawPointer) -> ZendChunk {
    ZendChunk(raw: object - Int(bitPattern: object) & (bytes &- 1))
  }

  @inline(__always)
  static func offset(_ object: UnsafeMutableRawPointer) -> Int { Int(bitPattern: object) & (bytes &- 1) }

  private struct Header {
    var heap: ZendHeap
    var next: ZendChunk
    var previous: ZendChunk
    var freePages: Int32
    var tail: Int32
    var number: Int
  }

  @inline(__always)
  private var header: UnsafeMutablePointer<Header> { raw.assumingMemoryBound(to: Header.self) }

  @inline(__always)
  var heap: ZendHeap { header.pointee.heap }
  var next: ZendChunk {
    get { header.pointee.next }
    nonmutating set { header.pointee.next = newValue }
  }
  var previous: ZendChunk {
    get { header.pointee.previous }
    nonmutating set { header.pointee.previous = newValue }
  }
  var freePages: Int {
    get { Int(header.pointee.freePages) }
    nonmutating set { header.pointee.freePages = Int32(truncatingIfNeeded: newValue) }
  }
  /// First page behind which all are free.
  var tail: Int {
    get { Int(header.pointee.tail) }
    nonmutating set { header.pointee.tail = Int32(truncatingIfNeeded: newValue) }
  }
  /// Grows with each chunk that the heap has had.
  var number: Int { header.pointee.number }

  /// The map's word of a page.
  @inline(__always)
  subscript(page: Int) -> UInt32 {
    get { raw.load(fromByteOffset: Self.mapOffset &+ page &* 4, as: UInt32.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: Self.mapOffset &+ page &* 4, as: UInt32.self) }
  }

  /// Enters the chunk, all its pages but the first free, linked to itself.
  func initialize(heap: ZendHeap, number: Int) {
    header.initialize(to: Header(heap: heap, next: self, previous: self, freePages: 511, tail: 1, number: number))
    clear()
  }

  /// All pages but the first free, the links as they are.
  func clear() {
    freePages = Self.pages - 1
    tail = 1
    (raw + Self.bitmapOffset).initializeMemory(as: UInt8.self, repeating: 0, count: Self.pages / 8)
    bitmap[0] = 1
    (raw + Self.mapOffset).initializeMemory(as: UInt32.self, repeating: 0, count: Self.pages)
    self[0] = Self.large | 1
  }

  func unlink() {
    previous.next = next
    next.previous = previous
  }

  func link(after chunk: ZendChunk) {
    next = chunk.next
    previous = chunk
    next.previous = self
    chunk.next = self
  }

  // MARK: - Pages

  private var bitmap: UnsafeMutablePointer<UInt64> {
    (raw + Self.bitmapOffset).assumingMemoryBound(to: UInt64.self)
  }

  /// First page from `start` on that is in use, or free; 512 if there is none.
  private func first(inUse: Bool, from start: Int) -> Int {
    var word = start / 64
    var skipped = ~UInt64(0) << UInt64(start % 64)
    while word < Self.pages / 64 {
      let bits = (inUse ? bitmap[word] : ~bitmap[word]) & skipped
      if bits != 0 { return word * 64 + bits.trailingZeroBitCount }
      skipped = ~0
      word += 1
    }
    return Self.pages
  }

  func isFree(_ page: Int, _ count: Int) -> Bool { first(inUse: true, from: page) >= page + count }

  /// The shortest run of at least `count` free pages, the lowest of several; nil if there is none. The tail counts as
  /// a run only if nothing before it will do, or is longer.
  ///
  /// - Complexity: O(runs), none of them looked at where everything free is behind the tail.
  func search(_ count: Int) -> Int? {
    if freePages < count { return nil }
    if freePages + tail == Self.pages { return tail + count <= Self.pages ? tail : nil }
    var best: Int?
    var bestLength = Self.pages
    var page = first(inUse: false, from: 1)
    while page < Self.pages {
      let isTail = page >= tail
      let end = isTail ? Self.pages : first(inUse: true, from: page)
      let length = end - page
      if length == count { return page }
      if length > count, length < bestLength {
        best = page
        bestLength = length
      }
      if isTail || end == Self.pages {
        tail = page
        break
      }
      page = first(inUse: false, from: end)
    }
    return best
  }

  /// Takes free pages for a large object, or for a run that the caller then enters.
  func take(_ page: Int, _ count: Int) {
    freePages -= count
    for index in page..<page + count { bitmap[index / 64] |= 1 << UInt64(index % 64) }
    self[page] = Self.large | UInt32(truncatingIfNeeded: count)
    tail = max(tail, page + count)
  }

  func give(_ page: Int, _ count: Int) {
    freePages += count
    for index in page..<page + count { bitmap[index / 64] &= ~(1 << UInt64(index % 64)) }
    self[page] = 0
    if tail == page + count { tail = page }
  }
}
