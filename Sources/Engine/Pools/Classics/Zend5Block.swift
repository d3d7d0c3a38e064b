/// A block of `Zend5Heap`, by its boundary tag.
struct Zend5Block: BitwiseCopyable, Equatable {
  static let header = 16
  /// Room for the links of a list.
  static let least = 32

  /// In the low bits of a size: a guard ends a segment at both sides, and is never merged with.
  enum State: Int {
    case free = 0
    case used = 1
    case guarded = 3
  }

  let raw: UnsafeMutableRawPointer

  @inline(__always)
  private var own: Int { raw.load(as: Int.self) }
  private var before: Int { raw.load(fromByteOffset: 8, as: Int.self) }

  @inline(__always)
  var size: Int { own & ~7 }
  var state: State { State(rawValue: own & 7).unsafelyUnwrapped }
  var previousState: State { State(rawValue: before & 7).unsafelyUnwrapped }
  var next: Zend5Block { Zend5Block(raw: raw + size) }
  /// Only while it is free.
  var previous: Zend5Block { Zend5Block(raw: raw - before & ~7) }

  /// Writes the tag, at both ends.
  func set(_ size: Int, _ state: State) {
    raw.storeBytes(of: size | state.rawValue, as: Int.self)
    raw.storeBytes(of: size | state.rawValue, toByteOffset: size + 8, as: Int.self)
  }

  func setGuard() { raw.storeBytes(of: State.guarded.rawValue, as: Int.self) }
  func setFirst() { raw.storeBytes(of: State.guarded.rawValue, toByteOffset: 8, as: Int.self) }

  // MARK: - While it is free

  private func link(_ offset: Int) -> UnsafeMutablePointer<Zend5Block?> {
    (raw + offset).assumingMemoryBound(to: Zend5Block?.self)
  }
  /// In a list of blocks of one size; a large one's is a ring.
  var previousFree: UnsafeMutablePointer<Zend5Block?> { link(16) }
  var nextFree: UnsafeMutablePointer<Zend5Block?> { link(24) }
  /// Where the trie refers to the block; nil if an equal one stands for it there.
  var parent: UnsafeMutablePointer<UnsafeMutablePointer<Zend5Block?>?> {
    (raw + 32).assumingMemoryBound(to: UnsafeMutablePointer<Zend5Block?>?.self)
  }
  func child(_ bit: Int) -> UnsafeMutablePointer<Zend5Block?> { link(40 + 8 * bit) }
  /// The first child that there is, that of smaller sizes before the other.
  var anyChild: Zend5Block? { child(0).pointee ?? child(1).pointee }
}
