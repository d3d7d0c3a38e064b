import CPlatform
import Testing
import Workload

@testable import Engine

@Suite struct CounterSumsTests {
  @Test func `what the machine does not count has no line in the record`() {
    var sums = CounterSums()
    var reading = pb_counter_values()
    reading.values = (1_000, 0, 30, 0, 5)
    reading.available = (true, false, true, false, true)
    sums.add(reading)
    reading.values = (500, 0, 3, 0, 0)
    sums.add(reading)
    var record = RunRecord()
    sums.describe(into: &record)
    #expect(record.integer(.instructions) == 1_500)
    #expect(record.integer(.l1Misses) == 33)
    #expect(record.integer(.tlbMisses) == 5)
    #expect(record[.cycles] == nil)
    #expect(record[.cacheMisses] == nil)
  }

  @Test func `each counter stands under its own name`() {
    var sums = CounterSums()
    var reading = pb_counter_values()
    reading.values = (1, 2, 3, 4, 5)
    reading.available = (true, true, true, true, true)
    sums.add(reading)
    var record = RunRecord()
    sums.describe(into: &record)
    #expect(
      record.fields.map { "\($0.key) \($0.value)" }
        == ["instructions 1", "cycles 2", "l1d_misses 3", "cache_misses 4", "tlb_misses 5"])
  }
}
