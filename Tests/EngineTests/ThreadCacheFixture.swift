import CPlatform
import Glibc
import Testing

@testable import Engine

/// Runs `body` on a heap of its own with a cache attached, then checks the heap's structures, gives the cache back and
/// unmaps everything.
func withThreadHeap(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: (ThreadHeapRef, ThreadCacheRef) throws -> Void
) throws {
  let heap = try #require(ThreadHeap.create(), sourceLocation: sourceLocation)
  defer { heap.destroy() }
  let cache = try #require(heap.attach(), sourceLocation: sourceLocation)
  try body(heap, cache)
  expectSound(heap, sourceLocation: sourceLocation)
  heap.detach(cache)
  expectSound(heap, sourceLocation: sourceLocation)
}

/// Expects that no walk over the heap finds a disagreement.
func expectSound(_ heap: ThreadHeapRef, sourceLocation: SourceLocation = #_sourceLocation) {
  if let fault = heap.census().fault { Issue.record("\(fault)", sourceLocation: sourceLocation) }
}

/// xorshift64: the tests' own numbers, the same every time.
struct TestNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// 0 ..< bound.
  mutating func below(_ bound: Int) -> Int { Int((next() >> 11) % UInt64(bound)) }
}

extension UnsafeMutableRawPointer {
  /// Fills the first and last words and one in each page between with a pattern of `seed`.
  func stamp(_ size: Int, _ seed: UInt64) {
    forEachStamp(size) { offset in
      storeBytes(of: UInt8(truncatingIfNeeded: seed &+ UInt64(offset)), toByteOffset: offset, as: UInt8.self)
    }
  }

  /// Whether the pattern of `stamp` still stands.
  func hasStamp(_ size: Int, _ seed: UInt64) -> Bool {
    var stands = true
    forEachStamp(size) { offset in
      if load(fromByteOffset: offset, as: UInt8.self) != UInt8(truncatingIfNeeded: seed &+ UInt64(offset)) {
        stands = false
      }
    }
    return stands
  }

  private func forEachStamp(_ size: Int, _ body: (Int) -> Void) {
    for offset in 0..<min(size, 32) { body(offset) }
    for offset in stride(from: 64, to: size, by: 1021) { body(offset) }
    for offset in max(size - 32, 0)..<size { body(offset) }
  }
}

/// A joinable thread for tests of raw memory; SwiftTesting's own tasks share threads.
struct TestThread {
  private var thread = pthread_t()

  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  init(_ run: @escaping () -> Void) {
    pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(Body(run)).toOpaque())
  }

  func join() { pthread_join(thread, nil) }
}
