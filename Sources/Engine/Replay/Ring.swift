import CPlatform
import Synchronization

/// An object on its way from the lane that allocated it to the lane that frees it.
struct Parcel {
  var pointer: UnsafeMutableRawPointer
  /// Bytes requested.
  var size: Int
}

/// Single-producer, single-consumer queue of parcels in mapped memory: the one that a lane sends by.
///
/// ```
/// control, one block a lane             written by          read by
/// 0    written, closed, entries         the sender          the receiver
/// 128  read                             the receiver        the sender
/// 256  the sender's event (LaneEvent)   who rings
/// 384  LaneLedger                       the lane            statistics
/// 512  Port                             the lane            the lane
/// ```
/// `written` and `read` count parcels since the start and never go back; parcel *n* lies in entry *n* mod capacity.
struct Ring {
  static let capacity: UInt64 = 4096
  /// The other side is rung once in so many parcels, and whenever a lane goes to sleep or is done: a wake-up costs the
  /// ringing lane a system call, and this spreads it so that it is small beside one call of `malloc`. Three quarters
  /// of the ring remain for the time that the sleeper needs to come round.
  static let ringInterval: UInt64 = capacity / 4
  /// Bytes mapped for the entries.
  static var entryBytes: Int { Int(capacity) * MemoryLayout<Parcel>.stride }

  static let eventOffset = 2 * cacheLinePair
  static let ledgerOffset = 3 * cacheLinePair
  static let portOffset = 4 * cacheLinePair
  static let blockSize = 5 * cacheLinePair

  /// Start of the sender's block.
  let block: UnsafeMutableRawPointer

  @inline(__always)
  init(block: UnsafeMutableRawPointer) { self.block = block }

  /// Parcels that the sender has put in.
  @inline(__always)
  var written: UnsafeMutablePointer<Atomic<UInt64>> { block.assumingMemoryBound(to: Atomic<UInt64>.self) }

  /// Rounds in which the sender has declared that it sends no more.
  @inline(__always)
  var closed: UnsafeMutablePointer<Atomic<UInt64>> { (block + 8).assumingMemoryBound(to: Atomic<UInt64>.self) }

  /// Where the parcels lie: `capacity` entries, mapped by the coordinator when the lane is first to send.
  @inline(__always)
  var entries: UnsafeMutablePointer<UnsafeMutablePointer<Parcel>?> {
    (block + 16).assumingMemoryBound(to: UnsafeMutablePointer<Parcel>?.self)
  }

  /// Parcels that the receiver has taken out.
  @inline(__always)
  var read: UnsafeMutablePointer<Atomic<UInt64>> {
    (block + cacheLinePair).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  var event: LaneEvent { LaneEvent(in: block + Ring.eventOffset) }

  @inline(__always)
  var ledger: UnsafeMutablePointer<LaneLedger> {
    (block + Ring.ledgerOffset).assumingMemoryBound(to: LaneLedger.self)
  }

  @inline(__always)
  var port: UnsafeMutablePointer<Port> { (block + Ring.portOffset).assumingMemoryBound(to: Port.self) }

  /// For the receiver: nothing is waiting.
  @inline(__always)
  var isEmpty: Bool { written.pointee.load(ordering: .acquiring) == read.pointee.load(ordering: .relaxed) }

  /// For the sender: there is no room.
  var isFull: Bool {
    written.pointee.load(ordering: .relaxed) &- read.pointee.load(ordering: .acquiring) == Ring.capacity
  }

  func initialize() {
    written.initialize(to: Atomic(0))
    closed.initialize(to: Atomic(0))
    entries.initialize(to: nil)
    read.initialize(to: Atomic(0))
    event.initialize()
    ledger.initialize(to: LaneLedger())
    port.initialize(to: Port(firstSender: block))
  }
}

/// What only the lane itself touches while it runs; the coordinator writes it while all lanes are parked.
struct Port {
  /// `written` at which the sender has to stop and look: the ring may be full, or the receiver is to be rung.
  var stop: UInt64 = 0
  /// The lane that this one sends to, or −1.
  var receiver = -1
  /// The lanes that send to this one: `senders` of them, the first's block, and each `senderStep` bytes further.
  var senders = 0
  var firstSender: UnsafeMutableRawPointer
  var senderStep = 0
  /// Rounds that the lane has finished.
  var finished: UInt64 = 0
}

/// A lane's running totals: written by the lane alone, read by anyone at any time.
struct LaneLedger: ~Copyable {
  let batches = Atomic<UInt64>(0)
  let waits = Atomic<UInt64>(0)
  let bytesSent = Atomic<UInt64>(0)
  let bytesReceived = Atomic<UInt64>(0)
}

extension Atomic where Value == UInt64 {
  /// Adds without an atomic read-modify-write; only for a value that one thread writes.
  @inline(__always)
  borrowing func addAsOnlyWriter(_ amount: UInt64) {
    store(load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }
}
