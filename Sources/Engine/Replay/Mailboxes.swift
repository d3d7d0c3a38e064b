import CPlatform
import Synchronization

/// How lanes hand objects to one another: a mailbox a lane, filled through one ``Ring`` per sender.
///
/// In a phase a lane sends to one other lane at most, so one ring a sending lane is all that there is; the next phase
/// may point it elsewhere. Nobody spins and nobody waits forever: a sender that faces a full ring empties its own
/// mailbox, and sleeps only while that is empty; whoever takes from a full ring, puts into a sleeper's mailbox or
/// declares itself done rings. Modelled in `Tests/Models/mailbox.pml`.
///
/// All memory is mapped by ``init(lanes:)`` and ``configure(threads:consumers:)``; between them nothing is allocated.
/// A handle: copy it freely, ``unmap()`` it once. Each lane's calls come from one thread at a time.
struct Mailboxes: @unchecked Sendable {
  let lanes: Int
  private let blocks: UnsafeMutableRawPointer

  /// - Throws: `PoolError.outOfMemory` if the system refuses the control blocks.
  init(lanes: Int) throws(PoolError) {
    precondition(lanes >= 1)
    let bytes = Mailboxes.controlBytes(lanes)
    guard let memory = pb_map(bytes, true) else { throw .outOfMemory(bytes: bytes) }
    self.lanes = lanes
    blocks = memory
    for lane in 0..<lanes { ring(lane).initialize() }
  }

  /// Nobody may use any copy of the handle from here on.
  func unmap() {
    for lane in 0..<lanes {
      if let entries = ring(lane).entries.pointee { pb_unmap(entries, Ring.entryBytes) }
    }
    pb_unmap(blocks, Mailboxes.controlBytes(lanes))
  }

  /// Bytes of memory that this holds, all of them resident.
  var bytesMapped: Int {
    var bytes = Mailboxes.controlBytes(lanes)
    for lane in 0..<lanes where ring(lane).entries.pointee != nil { bytes += Ring.entryBytes }
    return bytes
  }

  /// Decides who sends to whom: lanes `0 ..< threads` are at work, the last `consumers` of them only receive.
  ///
  /// Without consumers lane i sends to (i + 1) mod threads, with K of them producer i to threads − K + (i mod K); a
  /// lone lane sends to nobody. All lanes are parked and have finished the round before. Maps the rings that have
  /// not been needed before: who wants no mapping later calls it once for each phase beforehand.
  ///
  /// - Throws: `PoolError.outOfMemory` if the system refuses a ring; `configure` may be tried again.
  func configure(threads: Int, consumers: Int) throws(PoolError) {
    precondition(threads <= lanes && (0..<max(threads, 1)).contains(consumers))
    let producers = threads - consumers
    for lane in 0..<lanes {
      precondition(isEmpty(lane), "lane \(lane) was not finished")
    }
    for lane in 0..<lanes {
      let ring = ring(lane)
      var port = Port(firstSender: ring.block)
      port.stop = ring.written.pointee.load(ordering: .relaxed)
      if consumers > 0 {
        if lane < producers {
          port.receiver = producers + lane % consumers
        } else if lane < threads {
          let consumer = lane - producers
          port.firstSender = self.ring(consumer).block
          port.senderStep = consumers * Ring.blockSize
          port.senders = (producers - consumer + consumers - 1) / consumers
        }
      } else if threads > 1, lane < threads {
        port.receiver = (lane + 1) % threads
        port.firstSender = self.ring((lane + threads - 1) % threads).block
        port.senders = 1
      }
      if port.receiver >= 0, ring.entries.pointee == nil {
        guard let memory = pb_map(Ring.entryBytes, true) else { throw .outOfMemory(bytes: Ring.entryBytes) }
        ring.entries.pointee = memory.bindMemory(to: Parcel.self, capacity: Int(Ring.capacity))
      }
      ring.port.pointee = port
      ring.closed.pointee.store(0, ordering: .relaxed)
    }
  }

  /// The lane that `lane` sends to, or nil.
  func receiver(of lane: Int) -> Int? {
    let receiver = ring(lane).port.pointee.receiver
    return receiver >= 0 ? receiver : nil
  }

  /// The ring that `lane` sends by, with all else that is the lane's.
  @inline(__always)
  func ring(_ lane: Int) -> Ring { Ring(block: blocks + lane &* Ring.blockSize) }

  private static func controlBytes(_ lanes: Int) -> Int {
    let page = pb_page_size()
    return (lanes * Ring.blockSize + page - 1) / page * page
  }
}

/// What happened to a lane's parcels, or to all lanes'.
struct MailboxStatistics: Equatable {
  /// Looks into the mailbox that found something.
  var batches: UInt64 = 0
  /// Times that the lane slept: its ring was full, or it had to wait for others to be done.
  var waits: UInt64 = 0
  var bytesSent: UInt64 = 0
  var bytesReceived: UInt64 = 0

  static func &+ (a: MailboxStatistics, b: MailboxStatistics) -> MailboxStatistics {
    MailboxStatistics(
      batches: a.batches &+ b.batches, waits: a.waits &+ b.waits, bytesSent: a.bytesSent &+ b.bytesSent,
      bytesReceived: a.bytesReceived &+ b.bytesReceived)
  }

  static func &- (a: MailboxStatistics, b: MailboxStatistics) -> MailboxStatistics {
    MailboxStatistics(
      batches: a.batches &- b.batches, waits: a.waits &- b.waits, bytesSent: a.bytesSent &- b.bytesSent,
      bytesReceived: a.bytesReceived &- b.bytesReceived)
  }
}

extension Mailboxes {
  /// The totals of one lane since the start. Exact when the lane is parked; while it runs they may lag.
  func statistics(_ lane: Int) -> MailboxStatistics {
    let ledger = ring(lane).ledger
    return MailboxStatistics(
      batches: ledger.pointee.batches.load(ordering: .relaxed),
      waits: ledger.pointee.waits.load(ordering: .relaxed),
      bytesSent: ledger.pointee.bytesSent.load(ordering: .relaxed),
      bytesReceived: ledger.pointee.bytesReceived.load(ordering: .relaxed))
  }

  /// Bytes that `lane` has handed over and nobody has freed yet. Called by the lane itself; objects that the receiver
  /// has just freed may still be counted.
  ///
  /// - Complexity: O(objects in the ring).
  func bytesInFlight(from lane: Int) -> Int {
    let ring = ring(lane)
    guard let entries = ring.entries.pointee else { return 0 }
    var read = ring.read.pointee.load(ordering: .acquiring)
    let written = ring.written.pointee.load(ordering: .relaxed)
    var bytes = 0
    while read != written {
      bytes &+= entries[Int(truncatingIfNeeded: read & (Ring.capacity - 1))].size
      read &+= 1
    }
    return bytes
  }
}
