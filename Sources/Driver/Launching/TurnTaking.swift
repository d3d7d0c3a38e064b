import Workload

/// Lets workers replay slices of one stream in turn, so that what disturbs the machine for longer than a slice falls on
/// all of them alike.
///
/// The classical design is the duet (Bulej et al., "Duet benchmarking", ICPE 2020), here with turns in place of
/// simultaneity and for any number of workers: each round has every worker once, in an order drawn anew for every
/// second round and mirrored in the next, for two workers ABBA. So neither a steady drift nor what one worker leaves
/// behind in the caches favours anybody. Warm-ups take turns as what is timed does, so that all workers come to their
/// first timed slice at the same time, as little rested as in the midst of a run.
struct TurnTaking {
  private var attendance: Attendance
  private var random: SplitMix64
  private var stages: [Stage]

  private enum Stage: Equatable {
    /// Setting up, or on its way from one segment to the next or to its end.
    case moving
    /// Waits, with so many words of its segment left.
    case waiting(left: UInt64)
    case inSlice(asked: UInt64, left: UInt64)
    /// Waits at the end of its segment.
    case done
    case over
  }

  /// A worker's latest slice of a segment.
  private struct Speed {
    var words: UInt64 = 0
    var nanoseconds: UInt64 = 0
  }

  init(_ attendance: Attendance, seed: UInt64) {
    self.attendance = attendance
    random = SplitMix64(state: seed)
    stages = attendance.workers.map { _ in .moving }
  }

  /// - Returns: how each ended, in order.
  mutating func run() -> [LaunchOutcome] {
    while stages.contains(where: { $0 != .over }) {
      // Before the first segment they may work side by side: nobody is timed.
      while case let moving = stages.indices.filter({ stages[$0] == .moving }), !moving.isEmpty {
        attend(busy: moving)
      }
      replaySegment()
      // From here to the next segment, or to the end, one at a time: an allocator that tidies up is disturbed by none.
      for index in order() where stages[index] == .done {
        stages[index] = .moving
        attendance.workers[index].tell("0\n")
        while stages[index] == .moving { attend(busy: [index]) }
      }
    }
    return attendance.workers.compactMap(\.outcome)
  }

  /// Round after round until nobody has words left.
  private mutating func replaySegment() {
    var speeds = [Speed](repeating: Speed(), count: stages.count)
    var order: [Int] = []
    var round = 0
    var words = SliceLength.pilot(words: mostLeft)
    while mostLeft > 0 {
      if round == 2 {
        words = SliceLength.words(left: mostLeft, nanosecondsPerWord: paces(speeds))
      }
      order = round.isMultiple(of: 2) ? self.order() : order.reversed()
      for index in order { takeTurn(index, words: words, &speeds[index]) }
      round += 1
    }
  }

  /// Nanoseconds a word of every worker but controls, if there is any other.
  private func paces(_ speeds: [Speed]) -> [Double] {
    let timed = speeds.indices.filter { speeds[$0].words > 0 }
    let subjects = timed.filter { !attendance.workers[$0].isControl }
    return (subjects.isEmpty ? timed : subjects).map { Double(speeds[$0].nanoseconds) / Double(speeds[$0].words) }
  }

  private mutating func takeTurn(_ index: Int, words: UInt64, _ speed: inout Speed) {
    guard case .waiting(let left) = stages[index], left > 0 else { return }
    stages[index] = .inSlice(asked: words, left: left)
    attendance.workers[index].tell("\(words)\n")
    while case .inSlice = stages[index] { attend(busy: [index]) { speed = $0 } }
    // One that broke the protocol is killed, and out of the next one's way before its turn.
    while stages[index] == .moving { attend(busy: [index]) }
  }

  /// Words that the slowest has left; 0 when no worker waits for its turn.
  private var mostLeft: UInt64 {
    stages.reduce(0) { most, stage in
      if case .waiting(let left) = stage { max(most, left) } else { most }
    }
  }

  /// All workers in an order of its own, by Fisher and Yates' shuffle.
  private mutating func order() -> [Int] { Schedule.shuffled(stages.count, &random) }

  /// Sleeps until something happens, and takes what workers say.
  private mutating func attend(busy: [Int], told: (Speed) -> Void = { _ in }) {
    attendance.attend(busy: busy)
    for index in stages.indices where stages[index] != .over {
      let messages = attendance.workers[index].messages
      attendance.workers[index].messages = []
      for message in messages {
        guard let next = Self.stage(after: message, in: stages[index]) else {
          attendance.workers[index].kill(.misspoke("it broke the protocol of taking turns: \(message.words)"))
          stages[index] = .moving
          break
        }
        if case .slice(let words, let nanoseconds, _) = message { told(Speed(words: words, nanoseconds: nanoseconds)) }
        stages[index] = next
      }
      if attendance.workers[index].outcome != nil { stages[index] = .over }
    }
  }

  /// Nil where the message has no place. Fewer words than asked for are a slice too when it ended the segment, be it
  /// that the subject refused memory; a few more when an operation is several words long.
  private static func stage(after message: StepMessage, in stage: Stage) -> Stage? {
    switch (stage, message) {
    case (.moving, .ready(let words)): words > 0 ? .waiting(left: words) : .done
    case (.inSlice(let asked, let before), .slice(let words, _, let left))
    where words <= before && (left == 0 || left == before - words && words >= asked):
      left > 0 ? .waiting(left: left) : .done
    default: nil
    }
  }
}

extension StepMessage {
  /// As the worker wrote it, roughly.
  fileprivate var words: String {
    switch self {
    case .ready(let words): "'ready \(words)'"
    case .slice(let words, let nanoseconds, let left): "'slice \(words) \(nanoseconds) \(left)'"
    case .malformed(let line): "'\(line)'"
    }
  }
}
