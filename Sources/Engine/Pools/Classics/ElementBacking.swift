import CPlatform

/// What a mempool takes its elements from: its alloc_fn and free_fn.
protocol ElementBacking: BitwiseCopyable {
  /// Whether it can fail while the process has memory.
  static var isFallible: Bool { get }

  /// - Parameter lane: tells the sequences of failures apart.
  init(lane: Int)
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

  init(lane: Int) {}

  @inline(__always)
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? { pb_heap_allocate(size) }
}

/// Of a hundred calls, so many fail.
protocol FailureRate {
  static var percent: UInt64 { get }
}

enum Fail1: FailureRate { static var percent: UInt64 { 1 } }
enum Fail50: FailureRate { static var percent: UInt64 { 50 } }
enum Fail100: FailureRate { static var percent: UInt64 { 100 } }

/// malloc that fails at random, the same calls of a lane in each run.
///
/// Draws come from Marsaglia's xorshift with the shifts 13, 7, 17 ("Xorshift RNGs", 2003).
struct FailingBacking<Rate: FailureRate>: ElementBacking {
  static var isFallible: Bool { true }

  private var state: UInt64

  init(lane: Int) { state = 0x9E37_79B9_7F4A_7C15 &* UInt64(lane &+ 1) }

  @inline(__always)
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return (state &>> 32) &* 100 &>> 32 < Rate.percent ? nil : pb_heap_allocate(size)
  }
}
