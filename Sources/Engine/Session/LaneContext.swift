import CPlatform
import Workload

/// All that one lane owns, in mapped memory; touched by its own thread alone while lanes run, by lane 0 between gates.
struct LaneContext<Lane: PoolLane, R: Recorder> {
  let index: Int
  var generator: StreamGenerator
  var tables: ReplayTables
  /// Built when the baseline has been taken.
  var lane: Lane?
  var recorder: R
  let mailboxes: Mailboxes
  /// Where each phase's words end in the buffer, then the drain's end: of a single round.
  let ends: MappedArray<Int>
  /// The part of the buffer that the segment at hand replays.
  var next: UnsafePointer<UInt64>
  var end: UnsafePointer<UInt64>
  /// Whether the phase at hand has been generated to its end.
  var isPhaseComplete = false
  /// Monotonic time of the segment's start and end, in nanoseconds; in a stepped run with the waits for commands.
  var startTime: UInt64 = 0
  var endTime: UInt64 = 0
  /// How the last successor's replay came back.
  var lastStop = ReplayStop.finished
  /// How the lane's own replay of the segment came back.
  var stop = ReplayStop.finished
  /// Nanoseconds of the segment that a stepped run spent in its slices.
  var slicesTime: UInt64 = 0
  /// The processor that the system has refused to pin the lane to.
  private(set) var refusedProcessor: Int?
  /// Words of the phases' stream that rounds before the one at hand held.
  private var wordsBefore = 0
  /// What ends a warm-up of one round of several.
  private var roundDrain: MappedArray<UInt64>?

  init(
    index: Int, plan: RunPlan, variants: UnsafeMutablePointer<VariantEntry>, recorder: R, mailboxes: Mailboxes
  ) {
    self.index = index
    generator = StreamGenerator(
      plan: plan.stream, lane: index, capacityWords: plan.isSingleRound ? 4096 : plan.bufferWords)
    tables = ReplayTables(lane: index, keepsSizes: Lane.Held.needsSizes || R.needsSizes, variants: variants)
    self.recorder = recorder
    self.mailboxes = mailboxes
    ends = MappedArray(capacity: plan.description.phases.count + 1)
    next = UnsafePointer(generator.writer.words.base)
    end = next
  }

  // MARK: Generating

  /// Writes the whole stream: all phases, then the drain.
  mutating func generateAll() {
    let phases = generator.plan.phases.count
    for phase in 0..<phases {
      _ = generator.generate(phase: phase, limit: .max)
      ends[phase] = generator.writer.words.count
    }
    generator.drain()
    ends[phases] = generator.writer.words.count
    tables.reserve(generator.slots.highest)
  }

  /// Writes a phase's first round.
  mutating func generateFirstRound(phase: Int, words: Int) {
    isPhaseComplete = false
    generateRound(phase: phase, words: words)
  }

  /// Writes the next round of a phase: an empty one if the lane is done with it before others are.
  mutating func generateRound(phase: Int, words: Int) {
    wordsBefore += generator.writer.words.count
    generator.writer.rewind()
    if !isPhaseComplete { isPhaseComplete = generator.generate(phase: phase, limit: words) }
    tables.reserve(generator.slots.highest)
    aim(from: 0, to: generator.writer.words.count)
  }

  /// Bytes requested and neither freed nor handed over where the replay stopped, to within one step. The stream is
  /// generated anew up to there, so nothing can be replayed afterwards.
  ///
  /// - Complexity: O(words replayed).
  mutating func liveBytesAtStop() -> Int {
    var left = wordsBefore + (next - UnsafePointer(generator.writer.words.base))
    generator.reset()
    for phase in 0..<generator.plan.phases.count {
      var isComplete = false
      while !isComplete, left > 0 {
        generator.writer.rewind()
        isComplete = generator.generate(phase: phase, limit: min(left, 1 << 16))
        left -= generator.writer.words.count
      }
    }
    return Int(clamping: generator.writer.liveBytes)
  }

  /// Writes the drain alone.
  mutating func generateDrain() {
    generator.writer.rewind()
    generator.drain()
    aim(from: 0, to: generator.writer.words.count)
  }

  /// Aims the replay at a drain of what the round at hand leaves alive, which then can be replayed again.
  mutating func aimAtOwnDrain() {
    var drain = StreamWriter(capacityWords: 4096)
    generator.writeDrain(to: &drain)
    drain.pad()
    roundDrain = drain.words
    next = UnsafePointer(drain.words.base)
    end = next + drain.words.count
  }

  /// Aims the replay at the whole round again, behind that drain.
  mutating func aimAtRoundAgain() {
    roundDrain?.free()
    roundDrain = nil
    aim(from: 0, to: generator.writer.words.count)
  }

  /// Aims the replay at a phase of the single round; the number of phases stands for the drain.
  mutating func aim(phase: Int) { aim(from: phase == 0 ? 0 : ends[phase - 1], to: ends[phase]) }

  private mutating func aim(from start: Int, to end: Int) {
    generator.writer.pad()
    let base = UnsafePointer(generator.writer.words.base)
    next = base + start
    self.end = base + end
  }

  // MARK: Replaying

  /// Keeps the calling thread, and those that it starts, on the lane's processor of the list.
  mutating func pin(to processors: [Int]) {
    if processors.isEmpty { return }
    let processor = processors[index % processors.count]
    if !pb_pin_to_cpu(Int32(clamping: processor)) { refusedProcessor = processor }
  }

  /// Replays what is aimed at; stops early at a thread's end, or for good when memory is refused.
  mutating func replayOn(until limit: UnsafePointer<UInt64>) -> ReplayStop {
    #if POOLBENCH_SLOWED
      let start = pb_now_ns()
      defer { Slowdown.spin(since: start) }
    #endif
    return replay(
      &next, end: limit, tables: tables, lane: &lane!, recorder: &recorder, mailboxes: mailboxes)
  }

  /// Takes what others still send, until they are done.
  mutating func finishMail() {
    mailboxes.finish(index) { freeForeign($0, $1, &lane!, &recorder) }
  }
}
