import CPlatform

/// Called as `malloc` and `free` are: out of line, unsized, the thread's state found through a thread-local.
struct ThreadCacheLane: PoolLane {
  let heap: ThreadHeapRef

  mutating func attach() { _ = heap.attachCallingThread() }
  mutating func detach() { heap.detachCallingThread() }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { threadCacheAllocate(size) }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    threadCacheAllocateZeroed(size)
  }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    threadCacheAllocateAligned(size, alignment)
  }
  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { threadCacheFree(pointer) }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    threadCacheResize(pointer, to: newSize, exact: false)
  }
  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    heap.usableSize(pointer)
  }
}

/// As `ThreadCacheLane`, but the caller names the size when it frees.
struct SizedThreadCacheLane: PoolLane {
  static var needsSizes: Bool { true }
  let heap: ThreadHeapRef

  mutating func attach() { _ = heap.attachCallingThread() }
  mutating func detach() { heap.detachCallingThread() }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { threadCacheAllocate(size) }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    threadCacheAllocateZeroed(size)
  }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    threadCacheAllocateAligned(size, alignment)
  }
  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { threadCacheFree(pointer, size: size) }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    threadCacheResize(pointer, to: newSize, exact: true)
  }
  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    heap.usableSize(pointer)
  }
}

/// The pool inlined into its caller, which holds the thread's cache; frees are unsized.
struct InlineThreadCacheLane: PoolLane {
  let heap: ThreadHeapRef
  private var cache: ThreadCacheRef

  init(heap: ThreadHeapRef) {
    self.heap = heap
    cache = heap.pointee.noCache
  }

  mutating func attach() { cache = heap.attach() ?? cache }
  mutating func detach() {
    if !cache.isNone { heap.detach(cache) }
    cache = heap.pointee.noCache
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { cache.allocate(size) }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    cache.allocateZeroed(size)
  }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    cache.allocateAligned(size, alignment)
  }
  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { cache.free(pointer) }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    cache.resize(pointer, to: newSize, exact: false)
  }
  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    heap.usableSize(pointer)
  }
}
