import CPlatform
import Glibc

@testable import Engine

/// malloc with one thing done wrong.
protocol Fault {
  static func allocate(_ size: Int, _ last: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  static func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer?
  static func resize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer?
}

extension Fault {
  static func allocate(_ size: Int, _ last: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? { malloc(size) }
  static func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? { calloc(1, size) }
  static func resize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer? {
    realloc(pointer, size)
  }
}

/// Every second object begins inside the one before.
enum Overlapping: Fault {
  static func allocate(_ size: Int, _ last: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let last { return last + 16 }
    return malloc(2048)
  }
}

enum Misaligned: Fault {
  static func allocate(_ size: Int, _ last: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    malloc(size + 4).map { $0 + 4 }
  }
}

enum Forgetful: Fault {
  static func resize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer? { malloc(size) }
}

enum Dirty: Fault {
  static func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    let pointer = malloc(size)
    if let pointer, size > 0 { memset(pointer, 0x5A, size) }
    return pointer
  }
}

/// Frees nothing: an address once handed out stays good to look at.
struct FaultyPool<F: Fault>: Pool {
  init(_ configuration: PoolConfiguration) {}
  func makeLane(_ index: Int) -> FaultyLane<F> { FaultyLane() }
  func purge() {}
}

struct FaultyLane<F: Fault>: PoolLane {
  private var last: UnsafeMutableRawPointer?

  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    let pointer = F.allocate(size, last)
    last = last == nil ? pointer : nil
    return pointer
  }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { F.allocateZeroed(size) }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    var pointer: UnsafeMutableRawPointer?
    return posix_memalign(&pointer, alignment, size) == 0 ? pointer : nil
  }
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {}
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { F.resize(pointer, newSize) }
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { size }
}

/// malloc that refuses everything after 1,000 requests.
struct StingyPool: Pool {
  init(_ configuration: PoolConfiguration) {}
  func makeLane(_ index: Int) -> StingyLane { StingyLane() }
  func purge() {}
}

struct StingyLane: PoolLane {
  private var malloc = MallocLane()
  private var left = 1_000

  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    left -= 1
    return left < 0 ? nil : malloc.allocate(size, variant)
  }
  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? { nil }
  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? { nil }
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) { malloc.free(pointer, size) }
  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? { malloc.resize(pointer, from: oldSize, to: newSize, variant) }
  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int { size }
}
