import Driver
import Foundation
import Workload

@testable import League

/// Results made up for the judge.
enum Synthetic {
  static let mimalloc = Subject(.preloaded, preloadName: "mimalloc")
  static let threadCache = Subject(.threadCache)

  /// A workload whose subjects need so many nanoseconds an operation, with a wobble of `noise` over the blocks that is
  /// all of the subject's own.
  static func timed(
    _ name: String, lanes: Int = 1, _ times: [(Subject, Double)], blocks: Int = 12, noise: Double = 0.01,
    fit: Fit = .native
  ) -> WorkloadResult {
    workload(name, lanes: lanes, times.map(\.0), fit: fit) { index in
      (1...blocks).map { block in
        var record = RunRecord()
        record.add(.ops, 1_000_000)
        // Different for every subject, and without a drift.
        let wobble = 1 + noise * Double((block * 7 + index * 3) % 5 - 2) / 2
        record.add(.wallNanoseconds, Int(times[index].1 * wobble * 1_000_000))
        return RunResult(pass: .throughput, repetition: block, status: .ok, record: record)
      }
    }
  }

  /// Resident bytes at the peak and a second after the drain, in MiB.
  static func memory(
    _ name: String, lanes: Int = 1, live: Double = 100, _ figures: [(Subject, peak: Double, settled: Double)]
  ) -> WorkloadResult {
    workload(name, lanes: lanes, figures.map(\.0)) { index in
      (1...3).map { block in
        var record = RunRecord()
        record.add(.peakLive, Int(live * 0x1p20))
        record.add(.peakResident, Int(figures[index].peak * 0x1p20))
        record.add(.settledResident, Int(figures[index].settled * 0x1p20))
        return RunResult(pass: .memory, repetition: block, status: .ok, record: record)
      }
    }
  }

  /// 99 % of all calls take the first number of ticks of 10 ns, the slowest ones the second.
  static func latency(_ name: String, _ ticks: [(Subject, usual: Int, slow: Int)]) -> WorkloadResult {
    workload(name, lanes: 1, ticks.map(\.0)) { index in
      (1...5).map { block in
        var record = RunRecord()
        record.add(.ticksPerSecond, 100_000_000)
        record.add(.clockStepNanoseconds, 10)
        for kind in ["allocate", "free"] {
          let usual = LatencyBuckets.index(of: UInt64(ticks[index].usual))
          let slow = LatencyBuckets.index(of: UInt64(ticks[index].slow))
          record.add(.histogram, "\(kind) 1 \(usual):9800 \(slow):200")
          record.add(.maximum, "\(kind) \(ticks[index].slow)")
        }
        return RunResult(pass: .latency, repetition: block, status: .ok, record: record)
      }
    }
  }

  private static func workload(
    _ name: String, lanes: Int, _ subjects: [Subject], fit: Fit = .native, runs: (Int) -> [RunResult]
  ) -> WorkloadResult {
    WorkloadResult(
      name: name, summary: nil, text: "", overrides: WorkloadOverrides(), setting: [], lanes: lanes, seed: 1,
      cells: subjects.indices.map { CellResult(subject: subjects[$0], fit: fit, runs: runs($0)) })
  }

  /// The four rivals at so many nanoseconds, `thread-cache` first.
  static func field(_ own: Double, _ others: [Double] = [30, 20, 25, 15]) -> [(Subject, Double)] {
    [(threadCache, own)] + zip([Subject(.glibc), Subject(.jemalloc), Subject(.tcmalloc), mimalloc], others)
  }
}

extension League {
  /// The verdict of the line with this target, of the first if several have it.
  func verdict(_ target: String, of subject: String = "thread-cache") -> Standing? {
    lines.first { $0.subject == subject && $0.target.contains(target) }?.verdict
  }

  func measured(_ target: String, of subject: String = "thread-cache") -> String? {
    lines.first { $0.subject == subject && $0.target.contains(target) }?.measured
  }
}
