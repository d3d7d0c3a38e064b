import Synchronization

/// A rack of pointers to free objects that moves between lanes and the depot as a whole.
///
/// ```
/// 512 bytes at a multiple of 512, 64 words
///  word 0       link to the magazine below, while it is in a stack; always accessed atomically
///  word 1       top, while it is in a stack
///  63 − n       nil: the bottom of a magazine of capacity n, while a lane has it
///  64 − n … 63  objects, filled upwards
/// ```
/// A lane knows a magazine by its top, the address after its youngest object, and needs nothing else:
/// the word below the top is nil when the magazine is empty, and the top is a multiple of 512 when it is full.
struct Magazine {
  static let bytes = 512
  /// Objects at most: the words less the link and the bottom.
  static let largestCapacity = 62

  let base: UnsafeMutableRawPointer

  init(base: UnsafeMutableRawPointer) { self.base = base }

  /// The magazine that a lane's `top` belongs to.
  init(top: UnsafeMutableRawPointer) {
    base = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: top) - 1) & ~UInt(Self.bytes - 1))!
  }

  /// Puts nil under the first object of a magazine of that capacity; the top of an empty one.
  @discardableResult
  func sealed(capacity: Int) -> UnsafeMutableRawPointer {
    let first = base + (Self.bytes - capacity * 8)
    (first - 8).storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
    return first
  }

  fileprivate var link: UnsafeMutablePointer<Atomic<UInt>> { base.assumingMemoryBound(to: Atomic<UInt>.self) }

  /// While it is in a stack or on its way there.
  var storedTop: UnsafeMutableRawPointer {
    get { (base + 8).load(as: UnsafeMutableRawPointer.self) }
    nonmutating set { (base + 8).storeBytes(of: newValue, as: UnsafeMutableRawPointer.self) }
  }

  @inline(__always)
  static func isEmpty(_ top: UnsafeMutableRawPointer) -> Bool {
    (top - 8).load(as: UnsafeMutableRawPointer?.self) == nil
  }

  @inline(__always)
  static func isFull(_ top: UnsafeMutableRawPointer) -> Bool { UInt(bitPattern: top) & UInt(bytes - 1) == 0 }
}

extension Magazine {
  /// Takes out the objects that `keeps` denies, from the magazine of `top` or of none; its new top. The word below
  /// the first object is nil.
  static func filtered(
    _ top: UnsafeMutableRawPointer, _ keeps: (UnsafeMutableRawPointer) -> Bool
  ) -> UnsafeMutableRawPointer {
    var slot = top
    while !isEmpty(slot) { slot -= 8 }
    var kept = slot
    while slot < top {
      let object = slot.load(as: UnsafeMutableRawPointer.self)
      if keeps(object) {
        kept.storeBytes(of: object, as: UnsafeMutableRawPointer.self)
        kept += 8
      }
      slot += 8
    }
    return kept
  }
}

/// A lock-free stack of magazines (Treiber 1986) whose head is a pointer and a count of changes, exchanged as one
/// 128-bit word: a head that has gone and come back meanwhile has another count (IBM System/370, "compare double and
/// swap"). Magazines are never unmapped before the pool ends, so reading the link of one that another lane has just
/// taken is harmless.
///
/// Lives in mapped memory at a multiple of 16.
struct MagazineStack: ~Copyable {
  private let head = Atomic<WordPair>(WordPair(first: 0, second: 0))

  /// Puts `magazine`, whose `storedTop` is set, on top.
  func push(_ magazine: Magazine) {
    let address = UInt(bitPattern: magazine.base)
    var seen = head.load(ordering: .relaxed)
    while true {
      magazine.link.pointee.store(seen.first, ordering: .relaxed)
      let changed = WordPair(first: address, second: seen.second &+ 1)
      let (done, found) = head.weakCompareExchange(
        expected: seen, desired: changed, successOrdering: .releasing, failureOrdering: .relaxed)
      if done { return }
      seen = found
    }
  }

  func pop() -> Magazine? {
    var seen = head.load(ordering: .acquiring)
    while let address = UnsafeMutableRawPointer(bitPattern: seen.first) {
      let magazine = Magazine(base: address)
      let changed = WordPair(
        first: magazine.link.pointee.load(ordering: .relaxed), second: seen.second &+ 1)
      let (done, found) = head.weakCompareExchange(
        expected: seen, desired: changed, successOrdering: .acquiring, failureOrdering: .acquiring)
      if done { return magazine }
      seen = found
    }
    return nil
  }
}
