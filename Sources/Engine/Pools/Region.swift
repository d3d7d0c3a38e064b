/// Objects that end together: allocate, then reset or let go of the whole.
///
/// See `RegionState` for the layout and the algorithm. One owner; not for several threads at once. Everything is O(1)
/// but for what says otherwise.
struct Region: ~Copyable {
  typealias Mark = RegionState.Mark

  private let state: UnsafeMutablePointer<RegionState>

  /// - Throws: `PoolError.outOfMemory`. Maps a page for the bookkeeping; blocks come with the first object.
  init() throws(PoolError) {
    guard let page = SystemMemory.map(SystemMemory.pageSize) else {
      throw .outOfMemory(bytes: SystemMemory.pageSize)
    }
    state = page.bindMemory(to: RegionState.self, capacity: 1)
    state.initialize(to: RegionState(home: page))
  }

  /// Runs the cleanups and unmaps everything. O(blocks + large objects).
  deinit {
    state.pointee.destroy()
    SystemMemory.unmap(state, SystemMemory.pageSize)
  }

  /// `size` bytes aligned to 16, or nil when the system refuses. Objects of 0 bytes are not unique.
  @inline(__always)
  borrowing func allocate(_ size: Int) -> UnsafeMutableRawPointer? { state.pointee.allocate(size) }

  /// - Parameter alignment: a power of two.
  borrowing func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    state.pointee.allocateAligned(size, alignment)
  }

  /// In place where it can be, else a copy; nil, and the object untouched, when the system refuses.
  borrowing func resize(
    _ object: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int
  ) -> UnsafeMutableRawPointer? { state.pointee.resize(object, from: oldSize, to: newSize) }

  /// Has `run(context)` called, last in first out, when the objects end, while their memory is still there. False when
  /// out of memory.
  borrowing func addCleanup(
    _ context: UnsafeMutableRawPointer?, _ run: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void
  ) -> Bool { state.pointee.addCleanup(context, run) }

  /// Ends all objects and keeps blocks for the next ones, as many as recent rounds needed.
  borrowing func reset() { state.pointee.reset() }

  /// A checkpoint for a nested scope: `rewind(to:)` ends what was made since.
  borrowing func mark() -> Mark { state.pointee.mark() }

  /// Ends the objects made since `mark` and runs their cleanups. Voids later marks. O(cleanups + large objects since).
  borrowing func rewind(to mark: Mark) { state.pointee.rewind(to: mark) }

  /// Unmaps the blocks that hold no object.
  borrowing func purge() { state.pointee.purge() }

  /// Ends all objects and gives everything back.
  consuming func destroy() {}
}
