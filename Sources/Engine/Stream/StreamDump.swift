import Glibc
import Workload

/// Generates a workload's streams without replaying them: digests, and if wanted the first lane's words in a file.
enum StreamDump {
  private static let chunkWords = 1 << 20

  /// - Returns: false when the file can't be written.
  static func write(_ plan: RunPlan, into record: inout RunRecord) -> Bool {
    var digest = StreamDigest()
    var operations: UInt64 = 0
    var allocations: UInt64 = 0
    for lane in 0..<plan.lanes {
      var generator = StreamGenerator(plan: plan.stream, lane: lane, capacityWords: chunkWords)
      defer { generator.free() }
      var file: UnsafeMutablePointer<FILE>?
      if lane == 0, let path = plan.request.dumpPath {
        file = fopen(path, "w")
        if file == nil { return false }
      }
      for phase in 0..<plan.description.phases.count {
        var isComplete = false
        while !isComplete {
          generator.writer.rewind()
          isComplete = generator.generate(phase: phase, limit: chunkWords)
          if let file {
            let count = generator.writer.words.count
            if fwrite(generator.writer.words.base, 8, count, file) != count { return false }
          }
        }
      }
      if let file, fclose(file) != 0 { return false }
      generator.writer.rewind()
      generator.drain()
      digest.combine(generator.writer.digest.value)
      operations += generator.operationsOfPhases
      allocations += generator.step
    }
    record.add(.status, "ok")
    record.add(.streamDigest, String(digest.value, radix: 16))
    record.add(.ops, operations)
    record.add(.allocations, allocations)
    return true
  }
}
