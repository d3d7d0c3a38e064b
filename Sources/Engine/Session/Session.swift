import CPlatform
import Workload

/// One worker run: lanes as threads that go through the same program in lock step.
///
/// Lane 0 is the process's first thread, so that a workload of one lane is a single-threaded program, as its user's
/// would be; it also does what has to be done once, while the others wait at a gate.
final class Session<P: Pool & ~Copyable, R: Recorder>: @unchecked Sendable {
  let plan: RunPlan
  let contexts: UnsafeMutablePointer<LaneContext<P.Lane, R>>
  /// Initialised after the baseline.
  let pool: UnsafeMutablePointer<P>
  let gate: Gate
  let mailboxes: Mailboxes
  let control: UnsafeMutablePointer<SessionControl>
  let counters: UnsafeMutablePointer<pb_counters>
  let counterSums: UnsafeMutablePointer<CounterSums>
  /// What the pool had counted before the timed replay, and after it.
  let poolCounts: (before: UnsafeMutablePointer<PoolCounts>, after: UnsafeMutablePointer<PoolCounts>)
  let track: MemoryTrack
  let probe: HeapProbe
  /// Of each lane but 0.
  private var threads: [LaneThread] = []
  /// Of each lane: what a successor under `thread-life` runs.
  private var successors: [LaneThread] = []
  private(set) var unsupportedReason: String?
  /// Of each lane: bytes alive where it stopped, when memory was refused.
  let liveBytesThen: MappedArray<Int>
  /// The mailboxes' totals when the warm-up was over.
  private let handOversBefore: UnsafeMutablePointer<MailboxStatistics>

  /// - Parameter makeRecorder: each lane's recorder.
  init(_ plan: RunPlan, track: MemoryTrack, makeRecorder: (Int) -> R) throws(PoolError) {
    self.plan = plan
    self.track = track
    probe = HeapProbe()
    gate = try Gate(parties: plan.lanes)
    mailboxes = try Mailboxes(lanes: plan.lanes)
    // Maps all rings that any phase needs, before the baseline.
    for phase in plan.description.phases {
      try mailboxes.configure(threads: phase.threads, consumers: phase.consumers)
    }
    HarnessMemory.count(Gate.bytesMapped + mailboxes.bytesMapped)

    func place<T: ~Copyable>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
      HarnessMemory.map(count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: count)
    }
    control = place(SessionControl.self, 1)
    control.initialize(to: SessionControl())
    counters = place(pb_counters.self, 1)
    counters.initialize(to: pb_counters())
    counterSums = place(CounterSums.self, 1)
    counterSums.initialize(to: CounterSums())
    poolCounts = (place(PoolCounts.self, 1), place(PoolCounts.self, 1))
    poolCounts.before.initialize(to: PoolCounts())
    poolCounts.after.initialize(to: PoolCounts())
    handOversBefore = place(MailboxStatistics.self, 1)
    handOversBefore.initialize(to: MailboxStatistics())
    liveBytesThen = MappedArray(capacity: plan.lanes)
    pool = place(P.self, 1)
    contexts = place(LaneContext<P.Lane, R>.self, plan.lanes)
    let variants = MappedArray(plan.description.variants.map(VariantEntry.init))
    for lane in 0..<plan.lanes {
      (contexts + lane).initialize(
        to: LaneContext(
          index: lane, plan: plan, variants: variants.base, recorder: makeRecorder(lane), mailboxes: mailboxes))
    }
    counterSums.pointee.areOpen = pb_counters_open(counters, true)
    threads = (0..<plan.lanes).map { lane in LaneThread { [unowned self] in runLane(lane) } }
    successors = (0..<plan.lanes).map { lane in LaneThread { [unowned self] in runSuccessor(lane) } }
  }

  /// Runs all lanes to their end.
  func run() throws(PoolError) {
    for lane in 1..<max(plan.lanes, 1) where !threads[lane].start() {
      // Those that have started wait for the others until the process ends.
      _ = Unmanaged.passRetained(self)
      throw .unsupported("the system refuses thread number \(lane + 1)")
    }
    runLane(0)
    for lane in 1..<max(plan.lanes, 1) { threads[lane].join() }
    if plan.request.pass == .memory, control.pointee.failure == .none {
      control.pointee.exited = MemoryTrack.resident().subject
    }
  }

  var hasFailed: Bool { control.pointee.failure != .none }

  /// What lanes have handed over since the warm-up. All lanes are parked.
  var handOvers: MailboxStatistics {
    var sum = MailboxStatistics()
    let before = handOversBefore.pointee
    for lane in 0..<plan.lanes { sum = sum &+ mailboxes.statistics(lane) }
    return sum &- before
  }

  // MARK: A lane's program

  private func runLane(_ lane: Int) {
    let started = pb_now_ns()
    if plan.isSingleRound {
      contexts[lane].generateAll()
    } else {
      contexts[lane].generateFirstRound(phase: 0, words: plan.roundWords)
    }
    // Not before: lanes that share a processor generate faster on all of them.
    contexts[lane].pin(to: plan.request.processors)
    gate.arriveAndWait()
    if lane == 0 {
      control.pointee.generateTime = pb_now_ns() - started
      build()
    }
    gate.arriveAndWait()
    if hasFailed { return }
    contexts[lane].lane!.attach()
    if plan.request.pass.hasWarmUp, !plan.request.isCold { warmUp(lane) }
    if !hasFailed { measure(lane) }
    if !hasFailed { settle(lane) }
    contexts[lane].lane!.detach()
    if control.pointee.failure == .outOfMemory { liveBytesThen[lane] = contexts[lane].liveBytesAtStop() }
  }

  /// Baseline, then the subject's first call.
  private func build() {
    // What reading the description left free on the heap goes back first, and what can't is taken: the subject must not
    // find it.
    plan.allocator.purge()
    plan.allocator.occupy?()
    track.takeBaseline()
    probe.enter()
    do throws(PoolError) {
      pool.initialize(to: try P(plan.pool))
      for lane in 0..<plan.lanes { contexts[lane].lane = pool.pointee.makeLane(lane) }
    } catch {
      control.pointee.failure = .unsupported
      switch error {
      case .outOfMemory(let bytes): unsupportedReason = "no memory for its metadata (\(bytes) bytes)"
      case .unsupported(let reason): unsupportedReason = reason
      }
    }
  }

  /// One replay that is not counted: of the whole stream, or of the first round of a longer one.
  private func warmUp(_ lane: Int) {
    if plan.isSingleRound {
      replayAllPhases(lane, isTimed: false)
      if hasFailed { return }
    } else {
      replaySegment(lane, phase: 0, isTimed: false)
      if hasFailed { return }
      // The round stays in its buffer: to draw it anew would take far longer than the drain.
      contexts[lane].aimAtOwnDrain()
      replaySegment(lane, phase: nil, isTimed: false)
      contexts[lane].aimAtRoundAgain()
    }
    contexts[lane].recorder.clear()
    // No lane hands over anything before lane 0 has opened the next segment.
    if lane == 0 { handOversBefore.pointee = handOvers }
  }

  private func measure(_ lane: Int) {
    if plan.isSingleRound {
      replayAllPhases(lane, isTimed: true)
      return
    }
    for phase in 0..<plan.description.phases.count {
      if phase > 0 { contexts[lane].generateFirstRound(phase: phase, words: plan.roundWords) }
      while true {
        replaySegment(lane, phase: phase, isTimed: true)
        if hasFailed { return }
        if control.pointee.isPhaseComplete { break }
        contexts[lane].generateRound(phase: phase, words: plan.roundWords)
      }
    }
    contexts[lane].generateDrain()
    replaySegment(lane, phase: nil, isTimed: true)
  }

  /// Phases and drain of a single round.
  private func replayAllPhases(_ lane: Int, isTimed: Bool) {
    let phases = plan.description.phases.count
    contexts[lane].isPhaseComplete = true
    for phase in 0...phases {
      contexts[lane].aim(phase: phase)
      replaySegment(lane, phase: phase < phases ? phase : nil, isTimed: isTimed)
      if hasFailed { return }
    }
  }

  /// Looks at resident memory after the drain, all lanes parked.
  private func settle(_ lane: Int) {
    guard plan.request.pass == .memory else { return }
    gate.arriveAndWait()
    if lane == 0 {
      probe.leave()
      control.pointee.drained = MemoryTrack.resident().subject
      if plan.request.settles {
        pb_sleep_ns(100_000_000)
        control.pointee.soon = MemoryTrack.resident().subject
        pb_sleep_ns(900_000_000)
        control.pointee.settled = MemoryTrack.resident().subject
      }
      pool.pointee.purge()
      plan.allocator.purge()
      control.pointee.purged = MemoryTrack.resident().subject
    }
    gate.arriveAndWait()
  }

  /// A successor under `thread-life`: goes on where its predecessor ended.
  private func runSuccessor(_ lane: Int) {
    let context = contexts + lane
    context.pointee.lane!.attach()
    context.pointee.lastStop = context.pointee.replayOn(until: context.pointee.end)
    context.pointee.lane!.detach()
  }

  /// Replays a lane's segment by threads that end after so many allocations, each joined before the next begins.
  func replayBySuccessors(_ lane: Int) -> ReplayStop {
    let context = contexts + lane
    context.pointee.lane!.detach()
    defer { context.pointee.lane!.attach() }
    while true {
      guard successors[lane].start() else { return .noThread }
      successors[lane].join()
      guard case .threadEnd = context.pointee.lastStop else { return context.pointee.lastStop }
    }
  }
}

extension Pass {
  /// Whether an untimed replay comes first.
  var hasWarmUp: Bool { self == .throughput || self == .latency }
}
