import CPlatform

/// Objects with a mapping of their own, in a doubly linked list so that their owner can end them all.
///
/// ```
/// mapping                 object − 64              object                              mapping + bytes
///  | (alignment − 64) free | header, 40 B, rest free | size bytes, then up to a page's end |
/// ```
/// Objects are aligned to 64 at least; the header costs no page of its own unless the object asks for more.
/// All operations are O(1) and a system call.
struct LargeObjects {
  struct Header {
    var next: UnsafeMutablePointer<Header>?
    var previous: UnsafeMutablePointer<Header>?
    var mapping: UnsafeMutableRawPointer
    var bytes: Int
    /// Number among the owner's large objects in order of allocation; the list is in falling order of it.
    let number: Int
  }

  private static let headerRoom = 64

  /// The youngest.
  private var head: UnsafeMutablePointer<Header>?
  /// Number of the next one.
  private(set) var nextNumber = 0

  var isEmpty: Bool { head == nil }

  private static func header(of object: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Header> {
    (object - headerRoom).assumingMemoryBound(to: Header.self)
  }

  /// Zeroed memory, or nil when the system refuses or `size` exceeds `SystemMemory.largestRequest`.
  mutating func allocate(_ size: Int, alignment: Int = 1) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest, alignment <= SystemMemory.largestRequest else {
      return nil
    }
    let offset = max(alignment, Self.headerRoom)
    let bytes = SystemMemory.roundedToPages(size + offset)
    let mapped = alignment <= SystemMemory.pageSize ? pb_map(bytes, false) : pb_reserve_aligned(bytes, alignment)
    guard let mapped else { return nil }
    let object = mapped + offset
    let header = (object - Self.headerRoom).bindMemory(to: Header.self, capacity: 1)
    header.initialize(to: Header(next: head, previous: nil, mapping: mapped, bytes: bytes, number: nextNumber))
    head?.pointee.previous = header
    head = header
    nextNumber += 1
    return object
  }

  mutating func free(_ object: UnsafeMutableRawPointer) {
    let header = Self.header(of: object)
    let next = header.pointee.next
    let previous = header.pointee.previous
    next?.pointee.previous = previous
    if let previous { previous.pointee.next = next } else { head = next }
    pb_unmap(header.pointee.mapping, header.pointee.bytes)
  }

  /// The object with room for `size` bytes, perhaps elsewhere; nil, and the object untouched, when the system refuses.
  /// An alignment above the page size is kept only if the object need not move.
  mutating func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { return nil }
    let old = Self.header(of: object).pointee
    let offset = object - old.mapping
    let bytes = SystemMemory.roundedToPages(size + offset)
    if bytes == old.bytes { return object }
    guard let mapped = pb_remap(old.mapping, old.bytes, bytes) else { return nil }
    let moved = mapped + offset
    let header = Self.header(of: moved)
    header.pointee.mapping = mapped
    header.pointee.bytes = bytes
    header.pointee.next?.pointee.previous = header
    if let previous = header.pointee.previous { previous.pointee.next = header } else { head = header }
    return moved
  }

  /// Ends all objects with that number or a higher one.
  mutating func freeAll(from number: Int = 0) {
    while let youngest = head, youngest.pointee.number >= number {
      head = youngest.pointee.next
      head?.pointee.previous = nil
      pb_unmap(youngest.pointee.mapping, youngest.pointee.bytes)
    }
  }

  /// Whether `address` is one of the objects'. O(objects).
  func contains(_ address: UnsafeMutableRawPointer) -> Bool {
    var header = head
    while let visited = header {
      let mapping = visited.pointee.mapping
      if address >= mapping, address < mapping + visited.pointee.bytes { return true }
      header = visited.pointee.next
    }
    return false
  }

  /// Reads only what other objects' coming and going does not change.
  static func usableSize(_ object: UnsafeMutableRawPointer) -> Int {
    let header = header(of: object)
    return header.pointee.mapping + header.pointee.bytes - object
  }
}
