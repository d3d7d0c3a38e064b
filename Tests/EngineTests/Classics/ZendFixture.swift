import CPlatform
import Testing

@testable import Engine

/// Runs `body` on a heap of its own, which must leave nothing mapped.
func withZendHeap(_ body: (ZendHeap) throws -> Void) throws {
  let before = pb_thread_mapped()
  let heap = try obtained(ZendHeap.create())
  try body(heap)
  heap.destroy()
  #expect(pb_thread_mapped() == before)
}
