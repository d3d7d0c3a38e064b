import CPlatform

/// A lane of `SlabPool`: a CPU.
struct SlabLane<Front: SlabFront>: PoolLane {
  fileprivate let lane: SlabLaneRef
  fileprivate let map: FrameMap

  init(lane: SlabLaneRef, map: FrameMap) {
    self.lane = lane
    self.map = map
  }

  mutating func detach() {
    for index in 1..<SlabSizes.count { Front.flush(lane, index << SlabLaneRef.frontShift) }
    lane.pages.drain()
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(SlabSizes.largest) else { return allocatePages(size) }
    return Front.allocate(lane, lane.frontOffset(size))
  }

  /// (`kmalloc_large`)
  @inline(never)
  private func allocatePages(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(BuddyZone.largestBlock) else { return nil }
    lane.statistics.pointee.large &+= 1
    guard let block = lane.pages.take(BuddyZone.order(fitting: size)) else { return nil }
    return map.address(of: block)
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size, variant) else { return nil }
    pb_zero(object, size)
    return object
  }

  /// Sizes that are powers of two are aligned to themselves, all others to 16, or 8 below; nil above 4 MiB.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(BuddyZone.largestBlock), alignment <= BuddyZone.largestBlock else {
      return nil
    }
    if alignment <= 8 || alignment == 16 && size > 8 { return allocate(size, variant) }
    let least = max(size, alignment)
    return allocate(1 << (Int.bitWidth - (least - 1).leadingZeroBitCount), variant)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if Self.isEmpty(pointer) { return }
    let frame = map.frame(of: pointer)
    if let slab = frame.slab { Front.free(lane, pointer, slab) } else { freePages(frame) }
  }

  /// Whether it stands for an object of 0 bytes. (`ZERO_OR_NULL_PTR`)
  @inline(__always)
  private static func isEmpty(_ pointer: UnsafeMutableRawPointer) -> Bool { UInt(bitPattern: pointer) <= 16 }

  @inline(never)
  private func freePages(_ block: PageFrame) { lane.pages.put(block) }

  /// (`krealloc`)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    let usable = usableSize(pointer, oldSize)
    if UInt(bitPattern: newSize) <= UInt(bitPattern: usable), newSize > 0 { return pointer }
    guard let moved = allocate(newSize, variant) else { return nil }
    pb_copy(moved, pointer, min(usable, newSize))
    free(pointer, oldSize)
    return moved
  }

  /// (`ksize`)
  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    if Self.isEmpty(pointer) { return 0 }
    let frame = map.frame(of: pointer)
    guard let slab = frame.slab else { return FrameMap.pageSize &<< frame.order }
    return lane.cache(slab.frontOffset).pointee.objectSize
  }
}
