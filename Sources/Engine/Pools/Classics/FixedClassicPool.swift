import Workload

/// The essence of a pool of objects of one size with one owner: what the textbooks' pools differ in.
///
/// Memory comes in blocks of several objects, which go back to the system when the pool ends and not before.
protocol FixedClassic {
  /// What every object's address is a multiple of, for objects of at least as many bytes.
  static var alignment: Int { get }
  /// Largest object in bytes that it is made for.
  static var largestObject: Int { get }

  /// Maps nothing yet. - Parameter size: bytes of an object, at most ``largestObject``; 0 is served as 1.
  init(objectSize size: Int, _ subject: Subject)

  /// Bytes of an object as the pool rounds them.
  var objectSize: Int { get }
  /// An object, or nil when the system refuses.
  mutating func allocate() -> UnsafeMutableRawPointer?
  /// - Parameter object: handed out and not freed since.
  mutating func free(_ object: UnsafeMutableRawPointer)
  /// Unmaps everything, also objects in use.
  mutating func destroy()
  func list(into counts: inout PoolCounts)
  /// As `list`, of all lanes: adds what another one has counted.
  mutating func addCounts(of other: Self)
}

/// Such pools, one a lane.
///
/// ```
/// a lane's page      0 … 1087 unused | the classic's state, in memory that its lane alone touches
/// ```
struct FixedClassicPool<Classic: FixedClassic>: Pool, ~Copyable {
  private let pages: UnsafeMutableRawPointer
  private let lanes: Int

  /// - Throws: `PoolError.unsupported` unless all requests are of one size that it is made for.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let size = configuration.fixedSize else { throw .unsupported("serves requests of one size only") }
    guard UInt(bitPattern: size) <= UInt(Classic.largestObject) else { throw .outOfMemory(bytes: size) }
    let bytes = configuration.lanes * SystemMemory.pageSize
    guard let pages = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    self.pages = pages
    lanes = configuration.lanes
    for index in 0..<lanes {
      makeLane(index).state.initialize(to: Classic(objectSize: size, configuration.subject))
    }
  }

  deinit {
    for index in 0..<lanes { makeLane(index).state.pointee.destroy() }
    SystemMemory.unmap(pages, lanes * SystemMemory.pageSize)
  }

  borrowing func makeLane(_ index: Int) -> FixedClassicLane<Classic> {
    FixedClassicLane(page: pages + index * SystemMemory.pageSize)
  }

  /// Nothing: blocks stay to the end.
  borrowing func purge() {}

  borrowing func list(into counts: inout PoolCounts) {
    var sum = makeLane(0).state.pointee
    for index in 1..<max(lanes, 1) { sum.addCounts(of: makeLane(index).state.pointee) }
    sum.list(into: &counts)
  }
}

/// One lane's pool.
struct FixedClassicLane<Classic: FixedClassic>: PoolLane {
  static var freesForeignObjects: Bool { false }
  static var alignment: Int { Classic.alignment }

  let state: UnsafeMutablePointer<Classic>

  /// Not the page's start, where an object may lie in its own page: their words would be taken for each other's.
  private static var stateOffset: Int { 1088 }

  fileprivate init(page: UnsafeMutableRawPointer) {
    state = (page + Self.stateOffset).assumingMemoryBound(to: Classic.self)
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    assert(size <= state.pointee.objectSize, "a fixed pool was asked for more than its object size")
    return state.pointee.allocate()
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard size <= state.pointee.objectSize, let object = state.pointee.allocate() else { return nil }
    object.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return object
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    alignment <= Classic.alignment && size <= state.pointee.objectSize ? state.pointee.allocate() : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { state.pointee.free(pointer) }

  /// In place, or nil for what exceeds the object size.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { newSize <= state.pointee.objectSize ? pointer : nil }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { state.pointee.objectSize }
}
