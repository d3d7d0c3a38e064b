/// The descriptor of one page of a buddy zone, Linux's `struct page`: a handle of 64 bytes outside the page itself, so
/// that a free page is never touched.
///
/// ```
///  0  freed list, counters     of a slab's first page: one word of 128 bits, exchanged as a whole
/// 16  next, previous           of the list that the block or slab is in
/// 32  slab                     frame of the first page of the slab that holds this page; nil for other pages
/// 40  free order + 1           0 unless the page begins a block of the zone's free lists; under the zone's lock
/// 41  order                    of the block that the page begins, while it is handed out or in a lane's list
/// 42  front offset             of a slab's first page: of its cache in a lane, see `SlabLanes`
/// ```
/// A list is circular through a frame that stands for no page, its head.
struct PageFrame: Equatable {
  let raw: UnsafeMutableRawPointer

  /// The size of Linux's on 64-bit machines: 1/64 of the memory that it describes.
  static var bytes: Int { 64 }
  static var shift: Int { 6 }

  @inline(__always)
  var next: PageFrame {
    get { raw.load(fromByteOffset: 16, as: PageFrame.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: PageFrame.self) }
  }
  @inline(__always)
  var previous: PageFrame {
    get { raw.load(fromByteOffset: 24, as: PageFrame.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: PageFrame.self) }
  }
  @inline(__always)
  var slab: PageFrame? {
    get { raw.load(fromByteOffset: 32, as: UnsafeMutableRawPointer?.self).map(PageFrame.init(raw:)) }
    nonmutating set { raw.storeBytes(of: newValue?.raw, toByteOffset: 32, as: UnsafeMutableRawPointer?.self) }
  }
  /// The order of the free block that begins here; nil for any other page.
  var freeOrder: Int? {
    get {
      let mark = raw.load(fromByteOffset: 40, as: UInt8.self)
      return mark == 0 ? nil : Int(mark) &- 1
    }
    nonmutating set {
      let mark = newValue.map { UInt8(truncatingIfNeeded: $0 &+ 1) } ?? 0
      raw.storeBytes(of: mark, toByteOffset: 40, as: UInt8.self)
    }
  }
  @inline(__always)
  var order: Int {
    get { Int(raw.load(fromByteOffset: 41, as: UInt8.self)) }
    nonmutating set { raw.storeBytes(of: UInt8(truncatingIfNeeded: newValue), toByteOffset: 41, as: UInt8.self) }
  }
  @inline(__always)
  var frontOffset: Int {
    get { Int(raw.load(fromByteOffset: 42, as: UInt16.self)) }
    nonmutating set { raw.storeBytes(of: UInt16(truncatingIfNeeded: newValue), toByteOffset: 42, as: UInt16.self) }
  }

  // MARK: Lists

  /// Makes the frame the head of an empty list.
  func becomeEmptyList() {
    next = self
    previous = self
  }

  var isEmptyList: Bool { next == self }

  @inline(__always)
  func insert(after other: PageFrame) {
    let following = other.next
    next = following
    previous = other
    following.previous = self
    other.next = self
  }

  @inline(__always)
  func unlink() {
    let (before, after) = (previous, next)
    before.next = after
    after.previous = before
  }
}

/// From addresses of a zone to the frames of their pages and back, by arithmetic alone.
struct FrameMap {
  /// The zone's memory, at a multiple of its largest block.
  let window: UnsafeMutableRawPointer
  /// The frame of the window's first page; those of the others follow.
  let frames: UnsafeMutableRawPointer

  static var pageShift: Int { 12 }
  static var pageSize: Int { 1 << pageShift }

  @inline(__always)
  func frame(of address: UnsafeMutableRawPointer) -> PageFrame {
    frame(at: (Int(bitPattern: address) &- Int(bitPattern: window)) &>> Self.pageShift)
  }
  @inline(__always)
  func frame(at index: Int) -> PageFrame { PageFrame(raw: frames + index &<< PageFrame.shift) }
  @inline(__always)
  func index(of frame: PageFrame) -> Int {
    (Int(bitPattern: frame.raw) &- Int(bitPattern: frames)) &>> PageFrame.shift
  }
  @inline(__always)
  func address(of frame: PageFrame) -> UnsafeMutableRawPointer { window + index(of: frame) &<< Self.pageShift }
}
