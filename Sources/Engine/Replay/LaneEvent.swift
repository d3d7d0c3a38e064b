import CPlatform
import Synchronization

/// Distance in bytes that keeps two lanes' words out of each other's cache lines: two lines, since x86-64 prefetches
/// them in pairs (Intel 64 and IA-32 Optimization Reference Manual, "Spatial Prefetcher").
let cacheLinePair = 128

/// What one lane sleeps on and others ring.
///
/// The sleeper calls ``announce()``, looks once more for a reason to stay awake, and calls ``sleep()`` or
/// ``withdraw()``. Who gives it a reason writes that first and then calls ``ring()``. Between its write and its read
/// each side has a full fence, so at least one sees the other: no wake-up is lost.
struct LaneEvent {
  /// 1 while the lane sleeps or is about to.
  private let asleep: UnsafeMutablePointer<Atomic<UInt32>>

  /// - Parameter memory: four bytes that nothing else uses, on a cache line of their own.
  init(in memory: UnsafeMutableRawPointer) {
    asleep = memory.assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  /// Writes the state of a lane that is awake.
  func initialize() { asleep.initialize(to: Atomic(0)) }

  func announce() {
    asleep.pointee.store(1, ordering: .relaxed)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }

  func withdraw() { asleep.pointee.store(0, ordering: .relaxed) }

  /// Returns when somebody has rung since `announce`.
  func sleep() {
    while asleep.pointee.load(ordering: .acquiring) == 1 { pb_futex_wait(asleep, 1) }
  }

  /// Wakes the lane if it sleeps or is about to; one fence and one load if it does not.
  func ring() {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    guard asleep.pointee.load(ordering: .relaxed) == 1 else { return }
    if asleep.pointee.exchange(0, ordering: .releasing) == 1 { pb_futex_wake(asleep, 1) }
  }
}
