typealias SpanRef = UnsafeMutablePointer<Span>

/// A run of pages with one use: objects of one class, one large object, or free.
///
/// ```
/// small:  | object | object | freed → | freed | object | not carved yet …      | tail |
///           0        1        2                          ^ carved              ^ capacity
/// ```
/// `freed` objects form a chain through their first words; what was never handed out isn't touched, so that a new span
/// costs no memory until it is used. Guarded by the lock of the tier that holds the span.
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
  /// Objects of `freed`, of those ever carved, and out of the span: at users, in threads' chains or central ones.
  var freed: UnsafeMutableRawPointer?
  var carved: Int32
  var capacity: Int32
  var live: Int32

  init(firstPage: Int, pageCount: Int, state: State) {
    self.firstPage = firstPage
    self.pageCount = pageCount
    self.state = state
    isZero = false
    sizeClass = 0
    touched = .max
    carved = 0
    capacity = 0
    live = 0
  }

  var address: UnsafeMutableRawPointer { Page.address(of: firstPage) }
  var byteCount: Int { pageCount &<< Page.shift }
  var endPage: Int { firstPage &+ pageCount }
  /// Nothing left to hand out.
  var isExhausted: Bool { freed == nil && carved == capacity }
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
