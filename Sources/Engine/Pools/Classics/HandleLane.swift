/// One lane's pools of objects by handle.
///
/// What the replay keeps for an object is its handle's bits, in place of an address; `address(of:)` translates them. A
/// handle of 32 bits is kept in 64.
struct HandleLane<Profile: HandleProfile, Probe: HandleProbe>: PoolLane {
  static var freesForeignObjects: Bool { false }
  static var mayRefuse: Bool { true }

  let blocks: HandleBlocks<Profile>
  private let probe: Probe

  init(blocks: HandleBlocks<Profile>, probe: Probe) {
    self.blocks = blocks
    self.probe = probe
  }

  /// Stands for an object that is refused: of pool 0, so that it is out of every range, and not null.
  @inline(__always)
  private static var refused: UInt { 1 }

  @inline(__always)
  private static func reference(_ handle: UInt) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: handle == 0 ? refused : handle).unsafelyUnwrapped
  }

  @inline(__always)
  func isRefused(_ reference: UnsafeMutableRawPointer) -> Bool { UInt(bitPattern: reference) == Self.refused }

  /// The table's own address for a handle that says nothing any more, which a replay never has unless versions wrap.
  @inline(__always)
  func address(of reference: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    blocks.address(of: UInt(bitPattern: reference)) ?? UnsafeMutableRawPointer(blocks.table)
  }

  @inline(__always)
  private func isServed(_ size: Int) -> Bool { UInt(bitPattern: size) <= 1 &<< UInt(blocks.largestShift) }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard isServed(size) else { return nil }
    let handle = blocks.allocate(size)
    probe.didAllocate { blocks.address(of: $0) == nil }
    return Self.reference(handle)
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size, variant) else { return nil }
    if !isRefused(object) { address(of: object).initializeMemory(as: UInt8.self, repeating: 0, count: size) }
    return object
  }

  /// A block lies at a multiple of its size: the larger of size and alignment is what is asked for.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    allocate(max(size, alignment), variant)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    let handle = UInt(bitPattern: pointer)
    if blocks.free(handle) == .done {
      probe.didFree(handle)
    } else if !isRefused(pointer) {
      blocks.table.pointee.staleFrees &+= 1
    }
  }

  /// In place, and by the same handle, while the block has room, else a copy; an object for which there is no room is
  /// given up for the stand-in. Nil beyond the largest block.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    guard isServed(newSize) else { return nil }
    if newSize <= blocks.blockSize(of: UInt(bitPattern: pointer)) { return pointer }
    guard let moved = allocate(newSize, variant) else { return nil }
    if !isRefused(moved) {
      address(of: moved).copyMemory(from: address(of: pointer), byteCount: min(oldSize, newSize))
    }
    free(pointer, oldSize)
    return moved
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { blocks.blockSize(at: pointer) }
}
