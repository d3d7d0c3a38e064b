import Testing
import Workload

@Suite struct LatencyBucketsTests {
  @Test func `buckets tile all values, none wider than a 64th of its values`() {
    var next: UInt64 = 0
    for index in 0..<LatencyBuckets.count {
      let range = LatencyBuckets.range(of: index)
      #expect(range.lowerBound == next)
      #expect(range.upperBound - range.lowerBound <= range.lowerBound / 64)
      next = range.upperBound &+ 1
    }
    #expect(next == 0)
  }

  @Test func `a value lands in the bucket that holds it`() {
    var random = Xoshiro256(seed: 1, lane: 0, attribute: .size)
    for shift in 0..<64 as Range<UInt64> {
      for _ in 0..<200 {
        let value = random.next() >> shift
        #expect(LatencyBuckets.range(of: LatencyBuckets.index(of: value)).contains(value))
      }
    }
  }

  @Test func `a kind of counts fits 32 KiB`() {
    #expect((LatencyBuckets.count + 1) * 8 <= 32 << 10)
  }
}
