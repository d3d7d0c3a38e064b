import Workload

/// A variant as the replay looks it up.
struct VariantEntry: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable { case malloc, calloc, aligned }

  var kind: Kind
  var touch: TouchKind
  var alignment: Int

  init(_ variant: Variant) {
    switch variant.call {
    case .malloc: (kind, alignment) = (.malloc, 0)
    case .calloc: (kind, alignment) = (.calloc, 0)
    case .aligned(let bytes): (kind, alignment) = (.aligned, bytes)
    }
    touch = TouchKind(variant.touch)
  }
}

/// `Touch` as a plain byte.
enum TouchKind: UInt8, BitwiseCopyable {
  case none, first, pages, all

  init(_ touch: Touch) {
    switch touch {
    case .none: self = .none
    case .first: self = .first
    case .pages: self = .pages
    case .all: self = .all
    }
  }

  /// Writes to a new object of `size` bytes what the workload asks for.
  @inline(__always)
  func write(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    // A test of its own: most new objects are touched so, and a switch over four kinds is a jump through a table.
    if self == .first && size >= 8 {
      Self.writeFirstWord(pointer)
    } else {
      write(pointer, from: 0, to: size)
    }
  }

  /// `first`, for an object of at least 8 bytes. One store of the width that accesses load: a processor cannot hand a
  /// load what several narrower stores have just written, and would have it wait until they are in the cache.
  @inline(__always)
  static func writeFirstWord(_ pointer: UnsafeMutableRawPointer) { pointer.storeBytes(of: 1, as: UInt64.self) }

  /// Writes to bytes `start ..< end` of an object what the workload asks for.
  @inline(__always)
  func write(_ pointer: UnsafeMutableRawPointer, from start: Int, to end: Int) {
    if start >= end { return }
    switch self {
    case .none: break
    case .first:
      if start > 0 { break }
      if end >= 8 { Self.writeFirstWord(pointer) } else { pointer.storeBytes(of: 1, as: UInt8.self) }
    case .pages:
      var offset = (start &+ 4095) & ~4095
      while offset < end {
        pointer.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        offset &+= 4096
      }
    case .all: (pointer + start).initializeMemory(as: UInt8.self, repeating: 1, count: end &- start)
    }
  }
}

/// What one lane's replay reads and writes beside the stream: in each slot the address of an object and, where wanted,
/// right behind it its size, so that looking up both takes one line of the cache.
struct ReplayTables {
  private var memory: MappedArray<UInt64>
  private let slotBytes: Int
  let variants: UnsafeMutablePointer<VariantEntry>
  let lane: Int

  /// Unused words before the first slot. Otherwise it would lie at a page's start, as do the first objects of pools that
  /// map their memory, and a processor that compares the low 12 bits of addresses would take each load from the one for
  /// fed by the store to the other (Intel 64 and IA-32 Optimization Reference Manual, "4-KByte aliasing").
  private static let margin = 264

  @inline(__always)
  static func slotBytes(keepsSizes: Bool) -> Int { keepsSizes ? 16 : 8 }

  /// 8 bytes that accesses may read and write in place of an object. Not at a multiple of 16, where objects begin, which
  /// could be taken for them as above.
  var idle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(memory.base + 33) }

  /// Where slot 0 is.
  var slots: UnsafeMutableRawPointer { UnsafeMutableRawPointer(memory.base + Self.margin) }

  init(lane: Int, keepsSizes: Bool, variants: UnsafeMutablePointer<VariantEntry>) {
    memory = MappedArray(capacity: Self.margin + 1)
    slotBytes = Self.slotBytes(keepsSizes: keepsSizes)
    self.variants = variants
    self.lane = lane
  }

  /// Room for `count` slots. Not while a replay runs.
  mutating func reserve(_ count: Int) {
    memory.count = memory.capacity
    memory.reserve(Self.margin + count * (slotBytes / 8))
  }
}
