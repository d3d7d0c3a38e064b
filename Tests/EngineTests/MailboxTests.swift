import CPlatform
import Synchronization
import Testing
import Workload

@testable import Engine

@Suite(.serialized)
struct MailboxTests {
  @Test func `parcels arrive in the order in which they were sent, round and round the ring`() throws {
    let mailboxes = try Mailboxes(lanes: 2)
    defer { mailboxes.unmap() }
    try mailboxes.configure(threads: 2, consumers: 0)
    var random = Xoshiro256(seed: 1, lane: 0, attribute: .size)
    var sent = 0
    var received = 0
    while sent < 5 * Int(Ring.capacity) {
      for _ in 0..<random.next(below: Ring.capacity + 1) {
        sent += 1
        mailboxes.send(from: 0, address(sent), size: sent) { _, _ in Issue.record("nothing was sent to lane 0") }
      }
      let isEmpty = mailboxes.isEmpty(1)
      #expect(isEmpty == (sent == received))
      let count = mailboxes.drain(1) { pointer, size in
        received += 1
        if pointer != address(received) || size != received { Issue.record("parcel \(received) is \(size)") }
      }
      #expect(received == sent)
      #expect((count == 0) == isEmpty)
    }
    let statistics = mailboxes.statistics(1)
    #expect(statistics.bytesReceived == UInt64(sent * (sent + 1) / 2))
    #expect(statistics.waits == 0)
    #expect(mailboxes.statistics(0).bytesSent == statistics.bytesReceived)
    #expect(mailboxes.bytesInFlight == 0)
  }

  @Test func `a sender that faces a full ring frees what it was sent, then sleeps until there is room`() throws {
    let mailboxes = try Mailboxes(lanes: 2)
    defer { mailboxes.unmap() }
    try mailboxes.configure(threads: 2, consumers: 0)
    let capacity = Int(Ring.capacity)
    for index in 1...capacity { mailboxes.send(from: 0, address(index), size: 3) { _, _ in } }
    for index in 1...10 { mailboxes.send(from: 1, address(index), size: 5) { _, _ in } }
    #expect(mailboxes.bytesInFlight == UInt64(capacity * 3 + 50))
    let wrong = Atomic<Int>(0)
    let freed = Atomic<Int>(0)
    onLanes(2) { lane in
      if lane == 0 {
        mailboxes.send(from: 0, address(capacity + 1), size: 3) { _, _ in freed.add(1, ordering: .relaxed) }
      } else {
        // Lane 0 has freed all that came and goes to sleep, which it counts.
        let slept = eventually { mailboxes.statistics(0).waits > 0 }
        if !slept || freed.load(ordering: .relaxed) != 10 { wrong.add(1, ordering: .relaxed) }
        if mailboxes.drain(1, free: { _, _ in }) != capacity { wrong.add(1, ordering: .relaxed) }
      }
    }
    var last: [UnsafeMutableRawPointer] = []
    mailboxes.drain(1) { pointer, _ in last.append(pointer) }
    #expect(last == [address(capacity + 1)])
    let failures = wrong.load(ordering: .relaxed)
    #expect(failures == 0)
    #expect(
      mailboxes.statistics(0)
        == MailboxStatistics(batches: 1, waits: 1, bytesSent: UInt64(capacity + 1) * 3, bytesReceived: 50))
  }

  @Test func `a lane finishes when those who send to it are done, and sleeps until then`() throws {
    let mailboxes = try Mailboxes(lanes: 3)
    defer { mailboxes.unmap() }
    try mailboxes.configure(threads: 3, consumers: 1)
    for round in 1...3 {
      let before = mailboxes.statistics(2).waits
      let wrong = Atomic<Int>(0)
      let received = Atomic<Int>(0)
      onLanes(3) { lane in
        switch lane {
        case 0: mailboxes.finish(0) { _, _ in }
        case 1:
          // Lane 2 has nothing and goes to sleep, which it counts.
          if !eventually({ mailboxes.statistics(2).waits > before }) { wrong.add(1, ordering: .relaxed) }
          mailboxes.send(from: 1, address(round), size: round) { _, _ in }
          mailboxes.finish(1) { _, _ in }
        default:
          received.store(mailboxes.finish(2) { _, _ in }, ordering: .relaxed)
        }
      }
      let failures = wrong.load(ordering: .relaxed)
      let count = received.load(ordering: .relaxed)
      #expect(failures == 0)
      #expect(count == 1)
    }
    #expect(mailboxes.statistics(2).waits >= 3)
  }

  @Test func `a flush wakes a receiver for a single parcel`() throws {
    let mailboxes = try Mailboxes(lanes: 2)
    defer { mailboxes.unmap() }
    try mailboxes.configure(threads: 2, consumers: 1)
    let freed = Atomic<Bool>(false)
    let arrived = Atomic<Bool>(false)
    onLanes(2) { lane in
      if lane == 1 {
        mailboxes.finish(1) { _, _ in freed.store(true, ordering: .releasing) }
      } else {
        _ = eventually { mailboxes.statistics(1).waits > 0 }
        mailboxes.send(from: 0, address(1), size: 1) { _, _ in }
        mailboxes.flush(0)
        for _ in 0..<5000 where !freed.load(ordering: .acquiring) { pb_sleep_ns(1_000_000) }
        arrived.store(freed.load(ordering: .acquiring), ordering: .relaxed)
        mailboxes.finish(0) { _, _ in }
      }
    }
    let cameBeforeTheEnd = arrived.load(ordering: .relaxed)
    #expect(cameBeforeTheEnd)
  }

  @Test func `lanes send to the next one, or producers to consumers in turn`() throws {
    let mailboxes = try Mailboxes(lanes: 9)
    defer { mailboxes.unmap() }
    let empty = mailboxes.bytesMapped
    try mailboxes.configure(threads: 1, consumers: 0)
    #expect((0..<9).allSatisfy { mailboxes.receiver(of: $0) == nil })
    #expect(mailboxes.bytesMapped == empty)
    try mailboxes.configure(threads: 4, consumers: 0)
    #expect((0..<9).map { mailboxes.receiver(of: $0) ?? -1 } == [1, 2, 3, 0, -1, -1, -1, -1, -1])
    #expect(mailboxes.bytesMapped == empty + 4 * Ring.entryBytes)
    try mailboxes.configure(threads: 9, consumers: 2)
    #expect((0..<9).map { mailboxes.receiver(of: $0) ?? -1 } == [7, 8, 7, 8, 7, 8, 7, -1, -1])
    #expect(mailboxes.bytesMapped == empty + 7 * Ring.entryBytes)
    for lane in 0..<7 { mailboxes.send(from: lane, address(lane + 1), size: 1) { _, _ in } }
    var got: [UnsafeMutableRawPointer] = []
    mailboxes.drain(7) { pointer, _ in got.append(pointer) }
    #expect(got == [1, 3, 5, 7].map(address))
    got = []
    mailboxes.drain(8) { pointer, _ in got.append(pointer) }
    #expect(got == [2, 4, 6].map(address))
    // More consumers than producers: some have nobody to listen to.
    try mailboxes.configure(threads: 5, consumers: 3)
    #expect((0..<5).map { mailboxes.receiver(of: $0) ?? -1 } == [2, 3, -1, -1, -1])
    #expect(mailboxes.finish(4) { _, _ in } == 0)
    #expect(mailboxes.bytesMapped == empty + 7 * Ring.entryBytes)
  }
}

/// A made-up address that is never looked at.
func address(_ number: Int) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: number * 16)! }

extension Mailboxes {
  /// Bytes handed over and not yet freed, over all lanes, all of them parked.
  var bytesInFlight: UInt64 {
    let all = (0..<lanes).reduce(MailboxStatistics()) { $0 &+ statistics($1) }
    return all.bytesSent - all.bytesReceived
  }
}
