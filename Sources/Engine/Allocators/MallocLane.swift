import CPlatform
import Glibc

/// The process's own malloc: what the worker program is linked with or has preloaded.
struct MallocPool: Pool {
  init(_ configuration: PoolConfiguration) {}
  func makeLane(_ index: Int) -> MallocLane { MallocLane() }
  /// Done through the worker's shim, which knows the library.
  func purge() {}
}

/// Calls malloc and its family as a C program would.
struct MallocLane: PoolLane {
  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { malloc(size) }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { calloc(1, size) }

  @inline(__always)
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    var pointer: UnsafeMutableRawPointer?
    return posix_memalign(&pointer, max(alignment, MemoryLayout<Int>.size), size) == 0 ? pointer : nil
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { Glibc.free(pointer) }

  @inline(__always)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { realloc(pointer, newSize) }

  @inline(__always)
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { pb_usable_size(pointer) }
}
