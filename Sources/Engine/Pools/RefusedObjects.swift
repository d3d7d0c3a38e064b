/// The stand-in that a pool with a fixed amount of memory hands out for each object that it has no room for.
///
/// One address for all of them, in a page of its own that nobody ever touches: the replay neither accesses nor checks
/// such an object, and the pool's `free` lets it be.
struct RefusedObjects: ~Copyable {
  private let page: UnsafeMutableRawPointer

  init() throws(PoolError) {
    guard let page = SystemMemory.map(SystemMemory.pageSize) else {
      throw .outOfMemory(bytes: SystemMemory.pageSize)
    }
    self.page = page
  }

  deinit { SystemMemory.unmap(page, SystemMemory.pageSize) }

  /// What stands for a refused object: lanes keep a copy.
  var standIn: UnsafeMutableRawPointer { page }
}
