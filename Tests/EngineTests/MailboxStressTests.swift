import Glibc
import Synchronization
import Testing
import Workload

@testable import Engine

/// Many lanes on few cores, at random; every parcel is a word of plain memory, so that the thread sanitizer sees
/// whether the ring orders the sender's write before the receiver's.
@Suite(.serialized)
struct MailboxStressTests {
  /// Lanes, and the consumers in each phase; a phase uses all lanes but its own number.
  @Test(arguments: [(2, [0, 1]), (9, [0, 1, 2]), (64, [0, 7])])
  func `everything sent is received once, in order, whatever the lanes do meanwhile`(
    lanes: Int, phases: [Int]
  ) throws {
    let mailboxes = try Mailboxes(lanes: lanes)
    let gate = try Gate(parties: lanes)
    defer {
      mailboxes.unmap()
      gate.unmap()
    }
    let parcels = 10_000
    let rounds = 2
    let cells = UnsafeMutablePointer<UInt64>.allocate(capacity: lanes * parcels)
    cells.initialize(repeating: 0, count: lanes * parcels)
    defer { cells.deallocate() }
    let shared = Shared(cells)
    let sentTotal = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
    for (phase, consumers) in phases.enumerated() {
      let threads = max(lanes - phase, 2)
      try mailboxes.configure(threads: threads, consumers: consumers)
      onLanes(lanes) { lane in
        var random = Xoshiro256(seed: UInt64(phase), lane: lane, attribute: .freedBy)
        // How many parcels each sender has had received here; a cell holds its parcel's number and is cleared.
        var next = [Int](repeating: 0, count: lanes)
        func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
          let cell = pointer.assumingMemoryBound(to: UInt64.self)
          let (sender, index) = (cell - shared.pointer).quotientAndRemainder(dividingBy: parcels)
          next[sender] += 1
          if index + 1 != next[sender] || cell.pointee != UInt64(next[sender]) || size != next[sender] % 100 {
            wrong.add(1, ordering: .relaxed)
          }
          cell.pointee = 0
        }
        var sent = 0
        for round in 1...rounds {
          // Greedy lanes look into their mailbox only when they have to.
          let greed = random.next(below: 3)
          let goal = round == rounds ? parcels : parcels / 2
          while lane < threads - consumers, sent < goal {
            let burst = greed == 0 ? 6000 : random.next(below: 300)
            for _ in 0..<burst where sent < goal {
              let cell = shared.pointer + lane * parcels + sent
              sent += 1
              cell.pointee = UInt64(sent)
              mailboxes.send(from: lane, UnsafeMutableRawPointer(cell), size: sent % 100, free: free)
            }
            switch random.next(below: 4) {
            case 0: sched_yield()
            case 1: mailboxes.flush(lane)
            default: if greed > 0 { mailboxes.drain(lane, free: free) }
            }
          }
          if lane < threads { mailboxes.finish(lane, free: free) }
          if !mailboxes.isEmpty(lane) { wrong.add(1, ordering: .relaxed) }
          gate.arriveAndWait()
        }
        sentTotal.add(sent, ordering: .relaxed)
        let received = next.reduce(0, +)
        let senders = (0..<lanes).filter { $0 < threads - consumers && mailboxes.receiver(of: $0) == lane }
        if received != senders.count * parcels { wrong.add(1, ordering: .relaxed) }
      }
      #expect(mailboxes.bytesInFlight == 0)
    }
    let failures = wrong.load(ordering: .relaxed)
    let sent = sentTotal.load(ordering: .relaxed)
    #expect(failures == 0)
    #expect(sent == phases.enumerated().map { (max(lanes - $0, 2) - $1) * parcels }.reduce(0, +))
    #expect((0..<lanes * parcels).allSatisfy { cells[$0] == 0 })
  }
}
