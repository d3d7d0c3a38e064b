/// A lane that has taken the free list out of its page, so that the list's head can be in a register: see `FixedPool`.
struct FixedHeldLane: PoolLane {
  static var freesForeignObjects: Bool { false }

  let blocks: UnsafeMutablePointer<FixedBlocks>
  private(set) var head: UnsafeMutableRawPointer?

  init(blocks: UnsafeMutablePointer<FixedBlocks>) {
    self.blocks = blocks
    head = blocks.pointee.takeList()
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if head.isRareNil { return blocks.pointee.carve() }
    let block = head.unsafelyUnwrapped
    head = block.load(as: UnsafeMutableRawPointer?.self)
    return block
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    assert(pointer != head, "an object of a fixed pool was freed twice")
    pointer.storeBytes(of: head, as: UnsafeMutableRawPointer?.self)
    head = pointer
  }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    onPage { $0.allocateZeroed(size, variant) }
  }

  @inline(__always)
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    onPage { $0.allocateAligned(size, alignment, variant) }
  }

  @inline(__always)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { newSize <= blocks.pointee.blockSize ? pointer : nil }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { blocks.pointee.blockSize }

  /// Puts the list back for the rarer calls.
  @inline(__always)
  private mutating func onPage(_ body: (inout FixedLane) -> UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    var lane = FixedLane(blocks: blocks)
    blocks.pointee.putList(head)
    let object = body(&lane)
    head = blocks.pointee.takeList()
    return object
  }
}
