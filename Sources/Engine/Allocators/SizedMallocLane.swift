import CPlatform
import Glibc

/// The process's own malloc, freed by the library's call for callers who know the size.
struct SizedMallocPool: Pool {
  private let freeSized: PoolConfiguration.FreeSized

  /// - Throws: `unsupported` where the library has no such call.
  init(_ configuration: PoolConfiguration) throws(PoolError) {
    guard let freeSized = configuration.freeSized else { throw .unsupported("the library has no sized free") }
    self.freeSized = freeSized
  }

  func makeLane(_ index: Int) -> SizedMallocLane { SizedMallocLane(freeSized: freeSized) }
  /// Done through the worker's shim, which knows the library.
  func purge() {}
}

/// As `MallocLane`, but for `free`. Not for aligned objects, whose size class may be another than their size says:
/// `Fit` keeps workloads with them away.
struct SizedMallocLane: PoolLane {
  static var needsSizes: Bool { true }

  fileprivate let freeSized: PoolConfiguration.FreeSized
  private var plain = MallocLane()

  fileprivate init(freeSized: @escaping PoolConfiguration.FreeSized) { self.freeSized = freeSized }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { plain.allocate(size, variant) }

  @inline(__always)
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    plain.allocateZeroed(size, variant)
  }

  @inline(__always)
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    plain.allocateAligned(size, alignment, variant)
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { freeSized(pointer, size) }

  @inline(__always)
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { plain.resize(pointer, from: oldSize, to: newSize, variant) }

  @inline(__always)
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { plain.usableSize(pointer, size) }
}
