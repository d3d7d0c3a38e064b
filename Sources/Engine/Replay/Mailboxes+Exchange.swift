import Synchronization

// What lanes call while they run. `free` stands for what the caller does with a parcel that has arrived; it must not
// send. All of it is inlined into the caller except for what happens once in many parcels.
extension Mailboxes {
  /// Hands an object to the lane that `lane` sends to; returns when it is in the ring.
  ///
  /// If the ring is full the lane frees what has arrived for itself, and sleeps when that is nothing.
  ///
  /// - Precondition: `configure` gave the lane a receiver.
  @inline(__always)
  func send(
    from lane: Int, _ pointer: UnsafeMutableRawPointer, size: Int,
    free: (UnsafeMutableRawPointer, Int) -> Void
  ) {
    let ring = ring(lane)
    let written = ring.written.pointee.load(ordering: .relaxed)
    if written == ring.port.pointee.stop { makeRoom(lane, free: free) }
    // Counted before it can be received, so that what is in flight never comes out negative.
    ring.ledger.pointee.bytesSent.addAsOnlyWriter(UInt64(truncatingIfNeeded: size))
    let entry = Int(truncatingIfNeeded: written & (Ring.capacity - 1))
    ring.entries.pointee.unsafelyUnwrapped[entry] = Parcel(pointer: pointer, size: size)
    ring.written.pointee.store(written &+ 1, ordering: .releasing)
  }

  /// Whether nothing has arrived for `lane`: two loads a sender, and most lanes have one.
  @inline(__always)
  func isEmpty(_ lane: Int) -> Bool {
    let port = ring(lane).port
    var sender = port.pointee.firstSender
    for _ in 0..<port.pointee.senders {
      if !Ring(block: sender).isEmpty { return false }
      sender += port.pointee.senderStep
    }
    return true
  }

  /// Frees what has arrived for `lane`, in the order in which each sender sent it, and returns the number of objects.
  @inline(__always)
  @discardableResult
  func drain(_ lane: Int, free: (UnsafeMutableRawPointer, Int) -> Void) -> Int {
    isEmpty(lane) ? 0 : drainArrived(lane, free: free)
  }

  /// Makes the receiver look, if it sleeps, although few parcels have come since it was last rung: before a wait of
  /// `lane` for its own reasons.
  func flush(_ lane: Int) {
    let receiver = ring(lane).port.pointee.receiver
    if receiver >= 0 { ring(receiver).event.ring() }
  }

  /// Ends the lane's round: declares that it sends no more, then frees what arrives until all who send to it have
  /// declared the same and nothing is left. Each lane at work calls it once a round, from whichever point it has
  /// nothing else to do; a consumer at once. Returns the number of objects.
  @discardableResult
  func finish(_ lane: Int, free: (UnsafeMutableRawPointer, Int) -> Void) -> Int {
    let own = ring(lane)
    own.port.pointee.finished &+= 1
    let round = own.port.pointee.finished
    own.closed.pointee.store(round, ordering: .releasing)
    flush(lane)
    var count = 0
    while true {
      // In this order: what was sent before a sender closed is visible once its closing is.
      let isLast = sendersClosed(lane, round)
      let arrived = drain(lane, free: free)
      count &+= arrived
      if isLast { return count }
      if arrived > 0 { continue }
      own.event.announce()
      if isEmpty(lane) && !sendersClosed(lane, round) {
        own.ledger.pointee.waits.addAsOnlyWriter(1)
        own.event.sleep()
      } else {
        own.event.withdraw()
      }
    }
  }

  private func sendersClosed(_ lane: Int, _ round: UInt64) -> Bool {
    let port = ring(lane).port
    var sender = port.pointee.firstSender
    for _ in 0..<port.pointee.senders {
      if Ring(block: sender).closed.pointee.load(ordering: .acquiring) < round { return false }
      sender += port.pointee.senderStep
    }
    return true
  }

  /// Waits until the lane's ring has room, and sets the next stop.
  @inline(never)
  private func makeRoom(_ lane: Int, free: (UnsafeMutableRawPointer, Int) -> Void) {
    let own = ring(lane)
    flush(lane)
    while own.isFull {
      if drain(lane, free: free) > 0 { continue }
      own.event.announce()
      if own.isFull && isEmpty(lane) {
        own.ledger.pointee.waits.addAsOnlyWriter(1)
        own.event.sleep()
      } else {
        own.event.withdraw()
      }
    }
    let nextFull = own.read.pointee.load(ordering: .acquiring) &+ Ring.capacity
    let written = own.written.pointee.load(ordering: .relaxed)
    own.port.pointee.stop = min(nextFull, (written / Ring.ringInterval &+ 1) &* Ring.ringInterval)
  }

  @inline(__always)
  private func drainArrived(_ lane: Int, free: (UnsafeMutableRawPointer, Int) -> Void) -> Int {
    let own = ring(lane)
    let port = own.port
    var count: UInt64 = 0
    var bytes: UInt64 = 0
    var sender = port.pointee.firstSender
    for _ in 0..<port.pointee.senders {
      let ring = Ring(block: sender)
      sender += port.pointee.senderStep
      let start = ring.read.pointee.load(ordering: .relaxed)
      let end = ring.written.pointee.load(ordering: .acquiring)
      if start == end { continue }
      let entries = ring.entries.pointee.unsafelyUnwrapped
      var read = start
      while read != end {
        let parcel = entries[Int(truncatingIfNeeded: read & (Ring.capacity - 1))]
        free(parcel.pointer, parcel.size)
        bytes &+= UInt64(truncatingIfNeeded: parcel.size)
        read &+= 1
        if read & (Ring.ringInterval - 1) == 0 {
          // The sender can only sleep on a full ring, which is drained past at least four of these points.
          ring.read.pointee.store(read, ordering: .releasing)
          ring.event.ring()
        }
      }
      ring.read.pointee.store(end, ordering: .releasing)
      count &+= end &- start
    }
    own.ledger.pointee.batches.addAsOnlyWriter(1)
    own.ledger.pointee.bytesReceived.store(
      own.ledger.pointee.bytesReceived.load(ordering: .relaxed) &+ bytes, ordering: .releasing)
    return Int(truncatingIfNeeded: count)
  }
}
