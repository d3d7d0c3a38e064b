import CPlatform

/// What a mempool takes its elements from: its alloc_fn and free_fn.
protocol ElementBacking: BitwiseCopyable {
  /// Whether it can fail while the process has memory.
  static var isFallible: Bool { get }

  /// - Parameters:
  ///   - lane: tells the sequences of failures apart.
  ///   - percent: of a hundred calls so many fail, if it can fail.
  init(lane: Int, percent: Int)
  /// An element, or nil. - Parameter size: in bytes.
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer?
}

extension ElementBacking {
  @inline(__always)
  func free(_ element: UnsafeMutableRawPointer) { pb_heap_free(element) }
}

/// The process's malloc.
struct MallocBacking: ElementBacking {
  static var isFallible: Bool { false }

  /// Asked by nobody, but a value without fields has no address of its own, and the thread sanitizer looks at what is
  /// passed by one: it ended the process over whatever stood in the register.
  private let lane: Int

  init(lane: Int = 0, percent: Int = 0) { self.lane = lane }

  @inline(__always)
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? { pb_heap_allocate(size) }
}

/// malloc that fails at random, the same calls of a lane in each run.
///
/// How often is a value and no type: of loops that differ in one constant the compiler makes one that calls through a
/// pointer.
///
/// Draws come from Marsaglia's xorshift with the shifts 13, 7, 17 ("Xorshift RNGs", 2003).
struct FailingBacking: ElementBacking {
  static var isFallible: Bool { true }

  private var state: UInt64
  private let percent: UInt64

  init(lane: Int, percent: Int) {
    state = 0x9E37_79B9_7F4A_7C15 &* UInt64(lane &+ 1)
    self.percent = UInt64(percent)
  }

  @inline(__always)
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    let drawn = ((state &>> 32) &* 100) &>> 32
    return drawn < percent ? nil : pb_heap_allocate(size)
  }
}
