import CPlatform
import Testing

@Suite("Hardware counters")
struct CountersTests {

  @Test("They count the instructions of a loop, or say that there are none")
  func countOrSayNo() {
    var counters = pb_counters()
    var values = pb_counter_values()
    let isOpen = pb_counters_open(&counters, false)
    pb_counters_start(&counters)
    for number in 0..<UInt64(100_000) { pb_use(number) }
    pb_counters_stop(&counters)
    let isRead = pb_counters_read(&counters, &values)
    #expect(isRead == isOpen)
    if values.available.0 {
      #expect(values.values.0 >= 100_000)
    } else {
      #expect(values.values.0 == 0)
    }
    pb_counters_close(&counters)
    #expect(counters.files.0 == -1)
    #expect(!pb_counters_read(&counters, &values))
    #expect(!values.available.0)
  }

  static let exist: Bool = {
    var counters = pb_counters()
    defer { pb_counters_close(&counters) }
    return pb_counters_open(&counters, false)
  }()

  @Test("A second span starts from nothing", .enabled(if: exist, "this machine has no hardware counters"))
  func spansAreApart() {
    var counters = pb_counters()
    _ = pb_counters_open(&counters, false)
    defer { pb_counters_close(&counters) }
    func instructions(of loops: UInt64) -> UInt64 {
      var values = pb_counter_values()
      pb_counters_start(&counters)
      for number in 0..<loops { pb_use(number) }
      pb_counters_stop(&counters)
      _ = pb_counters_read(&counters, &values)
      return values.values.0
    }
    let long = instructions(of: 1_000_000)
    let short = instructions(of: 1000)
    #expect(short <= long)
  }
}
