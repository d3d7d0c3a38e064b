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

  /// Writes to bytes `start ..< end` of an object what the workload asks for.
  @inline(__always)
  func write(_ pointer: UnsafeMutableRawPointer, from start: Int, to end: Int) {
    if start >= end { return }
    switch self {
    case .none: break
    case .first: if start == 0 { pointer.storeBytes(of: 1, as: UInt8.self) }
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

/// What one lane's replay reads and writes beside the stream: the addresses and, where wanted, sizes of its objects.
struct ReplayTables {
  /// Address of the object in each slot.
  private(set) var slots: MappedArray<UnsafeMutableRawPointer?>
  /// Size of the object in each slot, if sizes are kept.
  private(set) var sizes: MappedArray<Int>
  private let keepsSizes: Bool
  let variants: UnsafeMutablePointer<VariantEntry>
  let lane: Int

  init(lane: Int, keepsSizes: Bool, variants: UnsafeMutablePointer<VariantEntry>) {
    slots = MappedArray(capacity: 1)
    sizes = MappedArray(capacity: 1)
    self.keepsSizes = keepsSizes
    self.variants = variants
    self.lane = lane
  }

  /// Room for `count` slots. Not while a replay runs.
  mutating func reserve(_ count: Int) {
    slots.count = slots.capacity
    slots.reserve(count)
    if keepsSizes { sizes.reserve(count) }
  }
}
