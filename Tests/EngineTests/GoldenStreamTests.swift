import Testing
import Workload

@testable import Engine

/// What each shipped workload's stream was when its file was last changed on purpose: 20,000 allocations a lane.
/// A change of the generator, of a distribution's arithmetic or of a file shows here.
@Suite struct GoldenStreamTests {
  static let digests: [String: String] = [
    "alloc-test.txt": "2d156e06e769dbbd",
    "arena-cap.txt": "387c105fd1b15360",
    "batches.txt": "4713b1a3e5ea0850",
    "block-search.txt": "1d6de101349a7a7d",
    "burst.txt": "cb76f01ad130707b",
    "churn.txt": "fe97546efc926c50",
    "cold-start.txt": "8dcfee94102bfb78",
    "compiler.txt": "f70afe05d70a055e",
    "connection-request.txt": "ea6f01390d2db254",
    "cross-thread-drift.txt": "ae7d345e26ae66c4",
    "fleet-1.txt": "a72eb2c7b03abfd9",
    "fleet-5.txt": "d5aa8d74d6b36cd4",
    "fragmentation.txt": "3cb66e9081b131ac",
    "game-frame.txt": "a88de40fd03d1061",
    "kv-store.txt": "f4808f83ac983070",
    "larson.txt": "6f95ee79fe4149c3",
    "message-passing.txt": "5b811d3e95ef86d",
    "open-loop.txt": "939d5af5afecf206",
    "pairs.txt": "2fa7ee04ffe8aa44",
    "per-tuple.txt": "5726f57f8858f912",
    "php-request.txt": "a115a7cf32fd328",
    "quad-fragmentation.txt": "6c304067fee73a9a",
    "request.txt": "4d34d72067b938c1",
    "reserve.txt": "da51bb3b16be1cca",
    "stale-handles.txt": "b16fb0d03daa834c",
    "web-server.txt": "eb2a250a9d4042f3",
    "xmalloc.txt": "9ae5b83684b3fb05",
  ]

  @Test(arguments: StreamTwinTests.shippedNames)
  func `a shipped workload's stream is what it was`(name: String) throws {
    let description = try StreamTwinTests.shipped(name, operations: 20_000)
    let plan = try StreamPlan(description)
    var digest = StreamDigest()
    for lane in 0..<plan.lanes {
      var generator = StreamGenerator(plan: plan, lane: lane, capacityWords: 1 << 16)
      defer { generator.free() }
      for phase in 0..<plan.phases.count { _ = generator.generate(phase: phase, limit: .max) }
      generator.drain()
      digest.combine(generator.writer.digest.value)
    }
    #expect(Self.digests[name] == String(digest.value, radix: 16))
  }
}
