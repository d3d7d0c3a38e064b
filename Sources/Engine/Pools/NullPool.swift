import CPlatform

/// The harness's own cost: hands out one and the same memory, does nothing.
///
/// ```
/// lane 0's buffer | lane 1's buffer | …        each the largest request and a page
/// ```
/// Every request of a lane gets the lane's buffer, whatever is still in use; so nothing that is written to an object
/// lasts, and `allocateZeroed` gives whatever is there. Buffers are apart, so that lanes share no cache line. Their
/// first 256 KiB are resident from the start; further pages appear when the workload touches them.
struct NullPool: Pool, ~Copyable {
  private let buffers: NullBuffers

  init(_ configuration: PoolConfiguration) throws(PoolError) { buffers = try NullBuffers(configuration) }

  borrowing func makeLane(_ index: Int) -> NullLane { NullLane(buffer: buffers[index]) }
  borrowing func purge() {}
}

/// `NullPool` as the baseline of subjects that end scopes in bulk: the replay makes no calls for their objects either.
struct NullBulkPool: Pool, ~Copyable {
  private let buffers: NullBuffers

  init(_ configuration: PoolConfiguration) throws(PoolError) { buffers = try NullBuffers(configuration) }

  borrowing func makeLane(_ index: Int) -> NullBulkLane { NullBulkLane(lane: NullLane(buffer: buffers[index])) }
  borrowing func purge() {}
}

/// The buffers of all lanes.
private struct NullBuffers: ~Copyable {
  private static let residentBytes = 256 << 10

  private let base: UnsafeMutableRawPointer
  private let stride: Int
  private let lanes: Int

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let page = SystemMemory.pageSize
    let size = configuration.largestSize
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { throw .outOfMemory(bytes: size) }
    let alignment = max(page, configuration.largestAlignment)
    let stride = SystemMemory.rounded(size + page, to: alignment)
    let (bytes, overflow) = stride.multipliedReportingOverflow(by: configuration.lanes)
    guard !overflow, let base = pb_reserve_aligned(bytes, alignment) else { throw .outOfMemory(bytes: size) }
    self.base = base
    self.stride = stride
    lanes = configuration.lanes
    for lane in 0..<lanes {
      // No `stride(from:to:by:)`: unoptimised, its type's metadata comes from the heap.
      var offset = 0
      while offset < min(stride, Self.residentBytes) {
        base.storeBytes(of: 0, toByteOffset: lane * stride + offset, as: UInt8.self)
        offset += page
      }
    }
  }

  deinit { pb_unmap(base, stride * lanes) }

  subscript(lane: Int) -> UnsafeMutableRawPointer { base + lane * stride }
}

/// Does nothing, for one lane.
struct NullLane: PoolLane {
  fileprivate let buffer: UnsafeMutableRawPointer

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { buffer }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { buffer }

  @inline(__always)
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? { buffer }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  @inline(__always)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { pointer }

  @inline(__always)
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { size }
}

/// `NullLane` that ends scopes in bulk.
struct NullBulkLane: PoolLane {
  static var endsScopesInBulk: Bool { true }

  fileprivate var lane: NullLane

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { lane.allocate(size, variant) }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    lane.allocateZeroed(size, variant)
  }

  @inline(__always)
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    lane.allocateAligned(size, alignment, variant)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}

  @inline(__always)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { pointer }

  @inline(__always)
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { size }
}
