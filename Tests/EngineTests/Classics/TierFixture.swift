import CPlatform
import Testing

@testable import Engine

/// A heap of `Profile` with an attached cache for `body`, and whatever is left of it gone afterwards.
func withTierHeap<Profile: TierProfile>(
  _ profile: Profile.Type, lanes: Int = 1,
  _ body: (TierHeapRef<Profile>, TierCacheRef<Profile>) throws -> Void
) throws {
  let before = pb_thread_mapped()
  let heap = try #require(TierHeapRef<Profile>.create(lanes: lanes))
  let cache = heap.attach(0)
  do {
    defer {
      heap.detach(cache)
      heap.destroy()
    }
    try body(heap, cache)
  }
  #expect(pb_thread_mapped() == before)
}

func tierList<Profile: TierProfile>(
  _ cache: TierCacheRef<Profile>, _ size: Int
) -> UnsafeMutablePointer<TierList> {
  cache.list(Profile.sizeClass(of: size, table: cache.heap.state.pointee.table))
}

func tierObjects<Profile: TierProfile>(
  _ cache: TierCacheRef<Profile>, _ size: Int, _ count: Int
) throws -> [UnsafeMutableRawPointer] {
  try (0..<count).map { _ in try obtained(cache.allocate(size)) }
}
