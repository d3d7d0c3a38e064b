@testable import Engine

/// A pool each of whose calls goes to the lane's held form, as the replay loop's do, and is put back at once: so that
/// the suite sees both that form and its way there and back.
struct HeldPool<Base: Pool & ~Copyable>: Pool, ~Copyable {
  private let base: Base

  init(_ configuration: PoolConfiguration) throws(PoolError) { base = try Base(configuration) }

  borrowing func makeLane(_ index: Int) -> HeldLane<Base.Lane> { HeldLane(lane: base.makeLane(index)) }
  borrowing func purge() { base.purge() }
}

struct HeldLane<Lane: PoolLane>: PoolLane {
  static var needsSizes: Bool { Lane.Held.needsSizes }
  static var alignment: Int { Lane.Held.alignment }
  static var endsScopesInBulk: Bool { Lane.Held.endsScopesInBulk }
  static var freesForeignObjects: Bool { Lane.Held.freesForeignObjects }

  var lane: Lane

  private mutating func held<Result>(_ body: (inout Lane.Held) -> Result) -> Result {
    var held = lane.hold()
    defer { lane.putBack(held) }
    return body(&held)
  }

  mutating func attach() { lane.attach() }
  mutating func detach() { lane.detach() }

  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    held { $0.allocate(size, variant) }
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    held { $0.allocateZeroed(size, variant) }
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    held { $0.allocateAligned(size, alignment, variant) }
  }

  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { held { $0.free(pointer, size) } }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { held { $0.resize(pointer, from: oldSize, to: newSize, variant) } }

  mutating func beginScope(_ scope: Int) { held { $0.beginScope(scope) } }
  mutating func endScope(_ scope: Int) { held { $0.endScope(scope) } }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { lane.usableSize(pointer, size) }
}
