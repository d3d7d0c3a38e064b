import CPlatform
import Workload

/// What one worker run is to do, decided before anything is mapped.
struct RunPlan {
  let request: WorkerRequest
  let description: WorkloadDescription
  let stream: StreamPlan
  let lanes: Int
  /// Words of a lane's buffer in one round.
  let bufferWords: Int
  /// Words after which no further step is begun: the last step must not make the buffer grow.
  var roundWords: Int { bufferWords - bufferWords / 64 }
  /// Whether the whole stream fits one round: then all of it is generated before the clock starts.
  let isSingleRound: Bool
  let clock: TickClock
  let allocator: pb_allocator
  let pool: PoolConfiguration

  /// - Parameter sharedWords: what all lanes' buffers share in a round, 64 MiB.
  init(
    request: WorkerRequest, description: WorkloadDescription, allocator: pb_allocator,
    sharedWords: Int = (64 << 20) / MemoryLayout<UInt64>.stride
  ) throws(DistributionError) {
    self.request = request
    self.description = description
    self.allocator = allocator
    stream = try StreamPlan(description)
    lanes = stream.lanes
    var pool = try Self.poolConfiguration(description)
    pool.subject = request.subject
    pool.freeSized = allocator.free_sized
    self.pool = pool
    bufferWords = sharedWords / lanes
    isSingleRound = Self.estimatedWords(description) <= Double(sharedWords)
    clock = request.pass == .latency ? .calibrated() : TickClock(ticksPerSecond: 1e9, stepNanoseconds: 1)
  }

  /// An upper bound of the words of all lanes, drain included, up to accesses' and resizes' chance.
  private static func estimatedWords(_ description: WorkloadDescription) -> Double {
    let handsOver = description.classes.contains { $0.freedByOther > 0 }
    var words = 0.0
    for phase in description.phases {
      let total = phase.mix.reduce(0) { $0 + $1.weight }
      var perAllocation = handsOver && phase.consumers == 0 && phase.threads > 1 ? 1.0 : 0
      if phase.rate != nil { perAllocation += 1 }
      perAllocation += 2 * Double(description.scopes.count)
      for share in phase.mix {
        let objects = description.classes[share.classIndex]
        var own = 2 + objects.access + objects.freedByOther
        if let resize = objects.resize { own += 3 * resize.share * Double(resize.times) }
        perAllocation += own * share.weight / total
      }
      words += perAllocation * Double(phase.operations) * Double(phase.threads - phase.consumers)
    }
    return words * 1.05 + 4096
  }

  /// Settles, and pauses between phases, happen in passes that look at memory or latency, unless told not to.
  var pauses: Bool { request.settles && (request.pass == .memory || request.pass == .latency) }

  /// What the subject's pool is told.
  private static func poolConfiguration(
    _ description: WorkloadDescription
  ) throws(DistributionError) -> PoolConfiguration {
    var configuration = PoolConfiguration()
    configuration.lanes = description.phases.map(\.threads).max() ?? 1
    configuration.scopes = description.scopes.count
    var largest: UInt64 = 1
    var smallest = UInt64.max
    for objects in description.usedClasses {
      let sizes = try objects.requestedSizes()
      smallest = min(smallest, sizes.lowerBound)
      largest = max(largest, sizes.upperBound)
      for share in objects.calls {
        if case .aligned(let alignment) = share.call {
          configuration.largestAlignment = max(configuration.largestAlignment, alignment)
        }
      }
    }
    configuration.largestSize = Int(largest)
    configuration.fixedSize = smallest == largest ? Int(largest) : nil
    let used = description.usedClassIndices
    // What is never allocated needs no scope of its own: it must not stand in the way of a pool that wants one for all.
    let unused: Int32 = description.scopes.isEmpty ? -1 : 0
    let scopes = MappedArray(
      description.variants.map { used.contains($0.classIndex) ? Int32($0.scope ?? -1) : unused })
    configuration.scopeOfVariant = UnsafeBufferPointer(start: scopes.base, count: scopes.count)
    let parents = MappedArray(description.scopes.map { Int32($0.inside ?? -1) })
    configuration.parentOfScope = UnsafeBufferPointer(start: parents.base, count: parents.count)
    return configuration
  }
}
