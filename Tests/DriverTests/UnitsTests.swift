import Testing

@testable import Driver

struct UnitsTests {
  @Test(
    arguments: [
      (0.0, "0.00"), (0.854, "0.85"), (9.994, "9.99"), (9.996, "10.0"), (99.94, "99.9"), (99.96, "100"),
      (1234.5, "1,235"), (1_234_567, "1,234,567"), (-3.5, "-3.50"), (.infinity, "n/a"),
    ] as [(Double, String)])
  func `numbers have three digits or their thousands apart`(value: Double, text: String) {
    #expect(Units.number(value) == text)
  }

  @Test(
    arguments: [
      (0.0, "0 B"), (512, "512 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1536, "1.50 KiB"), (64 * 0x1p20, "64.0 MiB"),
      (1_288_490_189, "1.20 GiB"), (1023.7 * 0x1p20, "1.00 GiB"), (0x1p50, "1024 TiB"),
    ] as [(Double, String)])
  func `bytes have binary units`(value: Double, text: String) {
    #expect(Units.bytes(value) == text)
  }

  @Test(
    arguments: [
      (20.0, "20 ns"), (999.4, "999 ns"), (999.6, "1.00 µs"), (12_345, "12.3 µs"), (4_812_345, "4.81 ms"),
      (2e9, "2.00 s"),
    ] as [(Double, String)])
  func `latencies are whole nanoseconds or larger units`(value: Double, text: String) {
    #expect(Units.latency(value) == text)
  }

  @Test(arguments: [(950, "950"), (1200, "1.20K"), (4_000_000, "4.00M"), (999.6, "1.00K")] as [(Double, String)])
  func `counts have decimal units`(value: Double, text: String) {
    #expect(Units.count(value) == text)
  }

  @Test func `short forms drop empty decimals`() {
    #expect(
      Units.shortBytes(4096) == "4 KiB" && Units.shortBytes(1536) == "1.5 KiB" && Units.shortBytes(100) == "100 B")
    #expect(Units.shortCount(200_000) == "200K" && Units.shortCount(4e6) == "4M")
    #expect(Units.short(4) == "4" && Units.short(0.25) == "0.25")
  }

  @Test func `durations grow from seconds to hours`() {
    #expect(Units.duration(.milliseconds(840)) == "0.8 s")
    #expect(Units.duration(.seconds(42)) == "42 s")
    #expect(Units.duration(.seconds(187)) == "3:07")
    #expect(Units.duration(.seconds(3753)) == "1:02:33")
  }
}
