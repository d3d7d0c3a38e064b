import Testing

@testable import Engine

@Suite struct ThreadCacheFuzzTests {
  private struct Object {
    var pointer: UnsafeMutableRawPointer
    var size: Int
    var seed: UInt64
  }

  /// Mostly small, some medium, few large sizes.
  private func drawSize(_ numbers: inout TestNumbers) -> Int {
    switch numbers.below(100) {
    case 0: 1 + numbers.below(3 << 20)
    case 1..<5: 1 + numbers.below(300_000)
    case 5..<20: 1 + numbers.below(20_000)
    default: 1 + numbers.below(600)
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `random calls agree with a model that remembers every object`(seed: UInt64) throws {
    try withThreadHeap { heap, first in
      var numbers = TestNumbers(seed: seed)
      let second = try #require(heap.attach())
      var live: [Object] = []
      var requested = 0
      for step in 0..<12_000 {
        let cache = numbers.below(3) == 0 ? second : first
        let grows = step % 6000 < 4000
        switch numbers.below(20) {
        case 0 where !live.isEmpty:
          let index = numbers.below(live.count)
          let object = live[index]
          let size = drawSize(&numbers)
          #expect(object.pointer.hasStamp(object.size, object.seed))
          // A stamp of the common part is what must survive.
          let common = min(object.size, size)
          object.pointer.stamp(common, object.seed)
          let moved = try #require(cache.resize(object.pointer, to: size, exact: seed % 2 == 0))
          #expect(moved.hasStamp(common, object.seed))
          moved.stamp(size, object.seed)
          requested += size - object.size
          live[index] = Object(pointer: moved, size: size, seed: object.seed)
        case 1...(grows ? 13 : 6):
          let size = drawSize(&numbers)
          let kind = numbers.below(10)
          let alignment = kind == 0 ? 1 << numbers.below(15) : 8
          let pointer = try #require(
            kind == 0
              ? cache.allocateAligned(size, alignment)
              : kind == 1 ? cache.allocateZeroed(size) : cache.allocate(size))
          #expect(Int(bitPattern: pointer) % max(alignment, size < 16 ? 8 : 16) == 0)
          if kind == 1 {
            #expect(UnsafeRawBufferPointer(start: pointer, count: size).allSatisfy { $0 == 0 })
          }
          #expect(heap.usableSize(pointer) >= size)
          pointer.stamp(size, UInt64(step))
          live.append(Object(pointer: pointer, size: size, seed: UInt64(step)))
          requested += size
        default:
          guard !live.isEmpty else { continue }
          let index = numbers.below(live.count)
          let object = live[index]
          live[index] = live[live.count - 1]
          live.removeLast()
          #expect(object.pointer.hasStamp(object.size, object.seed))
          if seed % 2 == 0 {
            cache.free(object.pointer, size: object.size)
          } else {
            cache.free(object.pointer)
          }
          requested -= object.size
        }
        if step % 3000 == 2999 {
          let census = heap.census()
          #expect(census.fault == nil)
          #expect(census.small + census.large >= requested)
          if numbers.below(2) == 0 { heap.purge() }
        }
      }
      for object in live {
        #expect(object.pointer.hasStamp(object.size, object.seed))
        first.free(object.pointer)
      }
      heap.detach(second)
      let census = heap.census()
      #expect(census.small == 0 && census.large == 0)
    }
  }
}
