import CPlatform
import Workload

/// What a pass does around the operations that the replay loop makes. Every requirement of a pass that does nothing
/// compiles to nothing.
protocol Recorder {
  /// Whether `willFree` and `willResize` want the object's size.
  static var needsSizes: Bool { get }
  /// Whether the loop writes to new objects as the workload says; else the recorder has filled them itself.
  static var touches: Bool { get }
  /// Whether each object is looked at, also those that a scope ends in bulk.
  static var seesObjects: Bool { get }

  /// Whether resident memory is sampled at the ends of phases.
  static var samplesMemory: Bool { get }

  /// A stretch of the stream begins; allocations of a rated phase come so many nanoseconds apart, else 0.
  mutating func segmentBegins(nanosecondsBetween interval: Double, phase: Int)
  mutating func segmentEnds()
  /// Forgets all that was recorded: the warm-up is over.
  mutating func clear()
  /// Just before a call to the subject.
  mutating func begin() -> UInt64
  /// Just after it.
  mutating func end(_ kind: OperationKind, _ begin: UInt64)

  mutating func didAllocate(
    _ pointer: UnsafeMutableRawPointer, _ size: Int, alignment: Int, isZeroed: Bool, _ lane: inout some PoolLane)
  mutating func willFree(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane)
  /// The object leaves this lane; whoever receives it says `willFreeForeign`.
  mutating func willHandOver(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane)
  mutating func willFreeForeign(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane)
  mutating func willResize(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane)
  mutating func didResize(
    _ pointer: UnsafeMutableRawPointer, from old: Int, to new: Int, _ lane: inout some PoolLane)
  /// In place of `didResize`: there was no room, and the object was given up.
  mutating func didRefuseResize()
  /// Reads or writes the first `bytes` bytes.
  ///
  /// - Parameter idle: 8 bytes of the lane that nothing else uses.
  mutating func access(
    _ pointer: UnsafeMutableRawPointer, _ bytes: Int, isWrite: Bool, idle: UnsafeMutableRawPointer)
  /// The stream's mark. `mailboxes` know what the lane has handed over and nobody has freed yet.
  mutating func mark(live: UInt64, peak: UInt64, _ mailboxes: Mailboxes)
  /// Waits until the rate lets the next allocation start; its latency then runs from when it was due.
  mutating func waitForTurn()
}

extension Recorder {
  static var needsSizes: Bool { false }
  static var touches: Bool { true }
  static var seesObjects: Bool { false }
  static var samplesMemory: Bool { false }

  mutating func segmentBegins(nanosecondsBetween interval: Double, phase: Int) {}
  mutating func segmentEnds() {}
  mutating func clear() {}

  @inline(__always)
  mutating func begin() -> UInt64 { 0 }
  @inline(__always)
  mutating func end(_ kind: OperationKind, _ begin: UInt64) {}
  @inline(__always)
  mutating func didAllocate(
    _ pointer: UnsafeMutableRawPointer, _ size: Int, alignment: Int, isZeroed: Bool, _ lane: inout some PoolLane
  ) {}
  @inline(__always)
  mutating func willFree(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {}
  @inline(__always)
  mutating func willHandOver(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {}
  @inline(__always)
  mutating func willFreeForeign(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {}
  @inline(__always)
  mutating func willResize(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {}
  @inline(__always)
  mutating func didResize(
    _ pointer: UnsafeMutableRawPointer, from old: Int, to new: Int, _ lane: inout some PoolLane
  ) {}
  @inline(__always)
  mutating func didRefuseResize() {}
  @inline(__always)
  mutating func access(
    _ pointer: UnsafeMutableRawPointer, _ bytes: Int, isWrite: Bool, idle: UnsafeMutableRawPointer
  ) {
    if bytes == 8 {
      // A load and a store, one of them of the object: whether it is read or written is drawn at random, and a branch
      // that is guessed wrong every other time would cost more than the access.
      pb_use(pb_choose(isWrite, idle, pointer).unsafelyUnwrapped.loadUnaligned(as: UInt64.self))
      pb_choose(isWrite, pointer, idle).unsafelyUnwrapped.storeBytes(of: 1, as: UInt64.self)
      return
    }
    for offset in 0..<bytes {
      if isWrite {
        pointer.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
      } else {
        pb_use(UInt64(pointer.load(fromByteOffset: offset, as: UInt8.self)))
      }
    }
  }
  @inline(__always)
  mutating func mark(live: UInt64, peak: UInt64, _ mailboxes: Mailboxes) {}
  @inline(__always)
  mutating func waitForTurn() {}
}

/// The throughput pass: nothing timed inside, nothing recorded.
struct NoRecorder: Recorder {}
