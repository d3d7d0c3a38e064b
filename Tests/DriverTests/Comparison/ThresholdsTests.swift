import Testing
import Workload

@testable import Driver

struct ThresholdsTests {
  @Test func `the defaults`() {
    #expect(Thresholds().words == "throughput 2 %, p99 5 %, peak RSS 5 %")
    #expect(
      Thresholds().quantities.map(\.column)
        == ["gross_ns_per_op", "allocate_p99_ns", "free_p99_ns", "peak_rss_bytes"])
  }

  @Test func `parts change, add and drop`() throws {
    let thresholds = try Thresholds(parsing: "throughput=1.5%, p50=10 ,rss=off,p50=20%")
    #expect(thresholds.words == "throughput 1.5 %, p50 20 %, p99 5 %")
    #expect(thresholds.asked == [.throughput, .p50])
  }

  @Test(arguments: [
    ("", "METRIC=PERCENT"), ("speed=2%", "'speed' is not a metric"), ("trougput=2%", "did you mean 'throughput'?"),
    ("throughput", "throughput=2%, not 'throughput'"), ("p99=fast", "not 'fast'"), ("p99=-1", "not '-1'"),
    ("p99=100%", "under 100"), ("p99=nan", "not 'nan'"), ("throughput=off,p99=off,rss=off", "no metric"),
  ])
  func `what is no threshold`(text: String, words: String) {
    let fault = #expect(throws: SubjectError.self) { try Thresholds(parsing: text) }
    #expect(fault?.description.contains(words) == true)
  }
}
