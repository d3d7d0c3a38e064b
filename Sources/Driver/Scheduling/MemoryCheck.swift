import Workload

/// Whether a workload's live heap can fit the machine.
public enum MemoryCheck {
  /// The fault as it is shown, or nil if the estimate stays within the machine's memory.
  public static func fault(_ workload: PreparedWorkload, path: String, memoryBytes: UInt64) -> String? {
    let needed = HeapEstimate(workload.description).neededBytes
    guard needed > Double(memoryBytes) else { return nil }
    return "\(path): error: by estimate it keeps \(Units.bytes(needed)) alive, "
      + "more than this machine's memory of \(Units.bytes(Double(memoryBytes)))"
  }
}
