import Workload

/// Whether the workers of a block fit into memory side by side.
struct TurnMemory {
  /// What a worker is expected to take, in bytes: live heap and stream.
  private let expected: Double
  private let available: Double

  /// Most that a worker's streams take, in bytes.
  private static let streamLimit = 64.0 * 0x1p20
  /// Bytes of stream for one operation, at most.
  private static let streamPerOperation = 16.0
  /// How much more than expected a worker may take, fragmentation and caches included, before it is held for a leak.
  private static let allowance = 2.0
  /// Part of the free memory that workers may take.
  private static let share = 0.8

  init(_ description: WorkloadDescription, available: UInt64) {
    let heap = HeapEstimate(description)
    expected = heap.neededBytes + min(Self.streamLimit, Self.streamPerOperation * heap.operations)
    self.available = Double(available) * Self.share
  }

  /// What each of `workers` may take with the others beside it, in bytes; nil if they do not fit.
  func limit(workers: Int) -> UInt64? {
    guard Self.allowance * expected * Double(workers) <= available else { return nil }
    return UInt64(min(available - expected * Double(workers - 1), 0x1p62))
  }

  /// Why the workers run one by one.
  func refusal(workers: Int) -> String {
    "ran whole: \(workers) workers that take turns might need \(Units.bytes(Self.allowance * expected * Double(workers)))"
      + " together, and \(Units.bytes(available)) can be had"
  }
}
