import Foundation

/// All workers that are alive at one time, attended together.
///
/// The driver sleeps in `poll` until one of them says something, and wakes a few times a second to look at the busy
/// ones' memory, the clock and whether the user has interrupted.
struct Attendance {
  var workers: [AttendedWorker]
  private let isInterrupted: @Sendable () -> Bool
  /// When active time was last charged, and memory last looked at. What a machine sleeps is nobody's time.
  private var charged = SuspendingClock.now
  private var inspected = SuspendingClock.now

  /// How long it sleeps at most when nobody nears a limit.
  private static let interval: Int32 = 50

  init(_ workers: [AttendedWorker], isInterrupted: @escaping @Sendable () -> Bool) {
    self.workers = workers
    self.isInterrupted = isInterrupted
  }

  /// Sleeps once, at most for the interval, and does what there is to do for every worker.
  ///
  /// - Parameter busy: the workers, by index, that the driver waits for. They alone can time out: workers that are busy
  ///   at once share the processors, so each is charged its part of the time.
  mutating func attend(busy: [Int]) {
    let living = workers.indices.filter { workers[$0].outcome == nil }
    for index in living { workers[index].feed() }
    // A worker that nears its limit is looked at more often.
    let interval = busy.map { workers[$0].memory.interval }.min() ?? Self.interval
    sleep(living, atMost: interval)
    for index in living {
      workers[index].listen()
      workers[index].buryIfEnded()
    }
    let now = SuspendingClock.now
    let waitedFor = busy.filter { workers[$0].outcome == nil }
    for index in waitedFor { workers[index].charge((now - charged) / waitedFor.count) }
    charged = now
    for index in waitedFor where workers[index].isTimedOut { workers[index].kill(.timedOut) }
    if now - inspected >= .milliseconds(Int(interval)) {
      inspected = now
      for index in waitedFor {
        if let bytes = workers[index].bytesOverLimit() { workers[index].kill(.overMemory(bytes)) }
      }
    }
    if isInterrupted() {
      for index in living { workers[index].kill(.interrupted) }
    }
  }

  private func sleep(_ living: [Int], atMost interval: Int32) {
    var list: [pollfd] = []
    var milliseconds = interval
    for worker in living.map({ workers[$0] }) {
      list += worker.child.awaited(wantsToWrite: worker.wantsToWrite)
      // Then only its end is waited for, in short steps.
      if worker.isClosing { milliseconds = 1 }
    }
    _ = unsafe poll(&list, nfds_t(list.count), milliseconds)
  }
}
