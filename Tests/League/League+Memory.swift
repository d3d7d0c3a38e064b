import Driver
import Workload

extension League {
  /// Resident memory against the smallest of the rivals, at the peak and a second after the drain.
  var memory: [Line] {
    let names = "fragmentation, burst, kv-store, fleet-5"
    return [
      line(
        Self.threadCache, "the smallest peak RSS among the four", names, "peak RSS at most 1.05×", .atMost(1.05),
        memoryCells(.peakResident)),
      line(
        Self.threadCache, "the smallest RSS then among the four", names, "RSS 1 s after the drain at most 1.0×",
        .atMost(1), memoryCells(.settledResident)),
    ]
  }

  func memoryCells(_ key: RecordKey) -> [Cell] {
    workloads("memory").compactMap { workload in
      guard let smallest = workload.least(Self.rivals, { workload.bytes(key, of: $0) }) else { return nil }
      let live = workload.bytes(.peakLive, of: Self.threadCache) ?? 0
      return Cell(
        name: workload.name, rival: smallest.name,
        logarithms: workload.byteLogarithms(key, of: Self.threadCache, against: smallest),
        caveat: live < Self.meaningfulLive ? "\(Units.bytes(live)) of peak live, under 64 MiB" : nil)
    }
  }
}
