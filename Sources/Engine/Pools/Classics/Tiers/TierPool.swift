import CPlatform

/// A heap of three tiers by a profile's rules, called as `malloc` is: see `TierProfile`.
struct TierPool<Profile: TierProfile>: Pool, ~Copyable {
  let heap: TierHeapRef<Profile>

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let heap = TierHeapRef<Profile>.create(lanes: configuration.lanes) else {
      throw .outOfMemory(bytes: TierPageMap.rootBytes)
    }
    self.heap = heap
  }

  deinit { heap.destroy() }

  borrowing func makeLane(_ index: Int) -> TierLane<Profile> { TierLane(heap: heap, index: index) }
  /// As gperftools' `ReleaseFreeMemory`: free spans go, what threads and central lists hold stays.
  borrowing func purge() { if Profile.releasesSpans { heap.pages.releaseAll() } }
  borrowing func list(into counts: inout PoolCounts) { heap.statistics().list(into: &counts) }
}

/// The same pool inlined into its caller.
struct InlineTierPool<Profile: TierProfile>: Pool, ~Copyable {
  private let pool: TierPool<Profile>

  init(_ configuration: PoolConfiguration) throws(PoolError) { pool = try TierPool(configuration) }
  borrowing func makeLane(_ index: Int) -> InlineTierLane<Profile> { InlineTierLane(heap: pool.heap, index: index) }
  borrowing func purge() { pool.purge() }
  borrowing func list(into counts: inout PoolCounts) { pool.list(into: &counts) }
}

/// Called as `malloc` and `free` are: out of line, unsized, the thread's cache found through a thread-local.
struct TierLane<Profile: TierProfile>: PoolLane {
  static var alignment: Int { Profile.alignment }
  let heap: TierHeapRef<Profile>
  let index: Int

  private var cache: TierCacheRef<Profile> { TierCacheRef(raw: pb_cache_slot_get()) }

  mutating func attach() { pb_cache_slot_set(heap.attach(index).raw) }
  mutating func detach() {
    let cache = cache
    pb_cache_slot_set(pb_no_cache_address())
    heap.detach(cache)
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    let object = tierAllocate(size, Profile.self)
    // No instruction, but loops that differ in more than whom they call: else the compiler makes one of both
    // profiles', which calls through pointers.
    if Profile.keepsBudget { pb_escape(object) }
    return object
  }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { cache.allocateZeroed(size) }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    cache.allocateAligned(size, alignment)
  }
  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { tierFree(pointer, Profile.self) }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { cache.resize(pointer, to: newSize) }
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { heap.usableSize(pointer) }
}

/// The pool inlined into its caller, which holds the thread's cache.
struct InlineTierLane<Profile: TierProfile>: PoolLane {
  static var alignment: Int { Profile.alignment }
  let heap: TierHeapRef<Profile>
  let index: Int
  private let cache: TierCacheRef<Profile>

  init(heap: TierHeapRef<Profile>, index: Int) {
    self.heap = heap
    self.index = index
    cache = heap.cache(index)
  }

  mutating func attach() { _ = heap.attach(index) }
  mutating func detach() { heap.detach(cache) }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { cache.allocate(size) }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { cache.allocateZeroed(size) }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    cache.allocateAligned(size, alignment)
  }
  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { cache.free(pointer) }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { cache.resize(pointer, to: newSize) }
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { heap.usableSize(pointer) }
}

/// `malloc` as a user calls it.
@inline(never)
func tierAllocate<Profile: TierProfile>(_ size: Int, _ profile: Profile.Type) -> UnsafeMutableRawPointer? {
  TierCacheRef<Profile>(raw: pb_cache_slot_get()).allocate(size)
}

/// `free` as a user calls it.
@inline(never)
func tierFree<Profile: TierProfile>(_ pointer: UnsafeMutableRawPointer, _ profile: Profile.Type) {
  TierCacheRef<Profile>(raw: pb_cache_slot_get()).free(pointer)
}
