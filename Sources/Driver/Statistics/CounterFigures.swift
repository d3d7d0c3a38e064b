import Workload

/// What the processor and the kernel counted during the timed replay, over the operations; nil where it was not allowed.
public struct CounterFigures: Equatable, Sendable {
  public var instructionsPerOperation: Double?
  public var instructionsPerCycle: Double?
  /// Misses for 1,000 operations: loads in the first-level data cache, accesses of the last-level cache, loads in the
  /// data TLB.
  public var l1Misses: Double?
  public var cacheMisses: Double?
  public var tlbMisses: Double?
  /// Calls of a whole run.
  public var mapCalls: Double?
  public var unmapCalls: Double?
  public var adviseCalls: Double?

  /// Medians over the runs.
  init(_ runs: [RunResult]) {
    func median(_ value: (RunResult) -> Double?) -> Double? { Sample(runs.compactMap(value))?.median }
    func ratio(_ key: RecordKey, to other: RecordKey, times factor: Double = 1) -> Double? {
      median { run in
        guard let own = run.number(key), let base = run.number(other), base > 0 else { return nil }
        return own / base * factor
      }
    }
    instructionsPerOperation = ratio(.instructions, to: .ops)
    instructionsPerCycle = ratio(.instructions, to: .cycles)
    l1Misses = ratio(.l1Misses, to: .ops, times: 1000)
    cacheMisses = ratio(.cacheMisses, to: .ops, times: 1000)
    tlbMisses = ratio(.tlbMisses, to: .ops, times: 1000)
    mapCalls = median { $0.number(.mapCalls) }
    unmapCalls = median { $0.number(.unmapCalls) }
    adviseCalls = median { $0.number(.adviseCalls) }
  }
}
