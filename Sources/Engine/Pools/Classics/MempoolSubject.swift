import CPlatform
import Workload

/// One mempool that all lanes share, each of them a caller who may not wait: see `Mempool`.
///
/// ```
/// a page  Mempool ─► reserve of `min` elements           lane {Mempool, backing with the lane's own failures}
/// ```
/// Requests are of one size, the elements'. `backing=malloc` fails only with the process's memory; `fail-1`, `fail-50`
/// and `fail-100` fail so many of a hundred calls once the pool is made, upstream's fault injection. What neither
/// backing nor reserve has is refused and counted. 16 elements where nothing is said; Linux's callers take from 1 or 2
/// (block layer) to some hundreds.
struct MempoolSubject<Backing: ElementBacking>: Pool, ~Copyable {
  private let page: UnsafeMutableRawPointer
  private let refused: RefusedObjects
  private let percent: Int

  private var pool: UnsafeMutablePointer<Mempool> { page.assumingMemoryBound(to: Mempool.self) }

  /// - Throws: `PoolError.unsupported` unless all requests are of one size, `.outOfMemory`.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let size = configuration.fixedSize else { throw .unsupported("serves requests of one size only") }
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest else { throw .outOfMemory(bytes: size) }
    let refused = try RefusedObjects()
    guard let page = SystemMemory.map(SystemMemory.pageSize) else {
      throw .outOfMemory(bytes: SystemMemory.pageSize)
    }
    var backing = MallocBacking()
    let isMade = Mempool.create(
      at: page.bindMemory(to: Mempool.self, capacity: 1), minimum: configuration.subject.number(.min) ?? 16,
      // A malloc may align what is smaller to 8 only.
      elementSize: max(size, 16), from: &backing)
    if !isMade {
      SystemMemory.unmap(page, SystemMemory.pageSize)
      throw .outOfMemory(bytes: size)
    }
    self.page = page
    self.refused = refused
    switch configuration.subject.choice(.backing) {
    case "fail-1": percent = 1
    case "fail-50": percent = 50
    case "fail-100": percent = 100
    default: percent = 0
    }
  }

  deinit {
    Mempool.destroy(pool, to: MallocBacking())
    SystemMemory.unmap(page, SystemMemory.pageSize)
  }

  borrowing func makeLane(_ index: Int) -> MempoolLane<Backing> {
    MempoolLane(pool: pool, standIn: refused.standIn, backing: Backing(lane: index, percent: percent))
  }

  /// The reserve is what the pool is for.
  borrowing func purge() {}

  borrowing func list(into counts: inout PoolCounts) {
    let own = pool.pointee.withCounts { $0 }
    own.list(into: &counts)
  }
}

/// Everything that happened while the backing failed.
struct MempoolCounts: Equatable, BitwiseCopyable {
  /// Requests that the backing failed at first.
  var failures = 0
  /// Elements taken from the reserve, and put back.
  var hits = 0
  var refills = 0
  /// Requests that the backing met when it was asked once more.
  var retries = 0
  /// Requests that were not met at once, and sleeps over them.
  var refusals = 0
  var waits = 0

  func list(into counts: inout PoolCounts) {
    counts.add("backing.misses", failures)
    counts.add("reserve.requests", failures)
    counts.add("reserve.misses", failures - hits)
    counts.add("reserve.taken", hits)
    counts.add("reserve.refills", refills)
    counts.add("reserve.retries", retries)
    counts.add(PoolCounts.refused, refusals)
    counts.add("reserve.waits", waits)
  }
}

/// One lane's access.
struct MempoolLane<Backing: ElementBacking>: PoolLane {
  static var mayRefuse: Bool { Backing.isFallible }

  fileprivate let pool: UnsafeMutablePointer<Mempool>
  fileprivate let standIn: UnsafeMutableRawPointer
  fileprivate var backing: Backing

  @inline(__always)
  func isRefused(_ reference: UnsafeMutableRawPointer) -> Bool { Backing.isFallible && reference == standIn }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    assert(size <= pool.pointee.elementSize, "a mempool was asked for more than its element size")
    let element = pool.pointee.allocate(&backing)
    return Backing.isFallible ? element ?? standIn : element
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard size <= pool.pointee.elementSize, let element = allocate(size, variant) else { return nil }
    if !isRefused(element) { element.initializeMemory(as: UInt8.self, repeating: 0, count: size) }
    return element
  }

  /// The alignment is the backing's, 16.
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    size <= pool.pointee.elementSize && alignment <= Self.alignment ? allocate(size, variant) : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if !isRefused(pointer) { pool.pointee.free(pointer, to: backing) }
  }

  /// In place, or nil for what exceeds the element size.
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { newSize <= pool.pointee.elementSize ? pointer : nil }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { pool.pointee.elementSize }
}
