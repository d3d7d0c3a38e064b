import CPlatform
import Glibc
import Synchronization
import Testing

@testable import Engine

@Suite(.serialized)
struct GateTests {
  @Test func `a party that is alone never waits`() throws {
    let gate = try Gate(parties: 1)
    defer { gate.unmap() }
    for _ in 0..<1000 { gate.arriveAndWait() }
  }

  @Test(arguments: [2, 3, 64])
  func `nobody passes before the last has arrived, meeting after meeting`(parties: Int) throws {
    let gate = try Gate(parties: parties)
    defer { gate.unmap() }
    let meetings = 6400 / parties
    // Plain memory: under the thread sanitizer this also proves that the gate orders what surrounds it.
    let arrivals = UnsafeMutablePointer<Int>.allocate(capacity: parties)
    arrivals.initialize(repeating: 0, count: parties)
    defer { arrivals.deallocate() }
    let shared = Shared(arrivals)
    let wrong = Atomic<Int>(0)
    onLanes(parties) { lane in
      for meeting in 1...meetings {
        shared.pointer[lane] = meeting
        gate.arriveAndWait()
        for other in 0..<parties where shared.pointer[other] != meeting { wrong.add(1, ordering: .relaxed) }
        gate.arriveAndWait()
      }
    }
    let found = wrong.load(ordering: .relaxed)
    #expect(found == 0)
  }

  @Test func `a coordinator works alone between the arrivals and the release`() throws {
    let parties = 16
    let gate = try Gate(parties: parties)
    defer { gate.unmap() }
    let cells = UnsafeMutablePointer<Int>.allocate(capacity: parties + 1)
    cells.initialize(repeating: 0, count: parties + 1)
    defer { cells.deallocate() }
    let shared = Shared(cells)
    let wrong = Atomic<Int>(0)
    let rounds = 300
    onLanes(parties + 1) { lane in
      if lane == parties {
        for round in 0..<rounds {
          gate.awaitArrivals()
          for party in 0..<parties where shared.pointer[party] != round + 1 { wrong.add(1, ordering: .relaxed) }
          shared.pointer[parties] = round + 1
          gate.release()
        }
      } else {
        for round in 0..<rounds {
          if shared.pointer[parties] != round { wrong.add(1, ordering: .relaxed) }
          shared.pointer[lane] = round + 1
          gate.arriveAndPark()
        }
      }
    }
    let found = wrong.load(ordering: .relaxed)
    #expect(found == 0)
    #expect(shared.pointer[parties] == rounds)
  }

  @Test func `whoever waits sleeps`() throws {
    let gate = try Gate(parties: 2)
    defer { gate.unmap() }
    let thread = Atomic<Int32>(0)
    let slept = Atomic<Bool>(false)
    onLanes(2) { lane in
      if lane == 0 {
        thread.store(currentThreadID(), ordering: .releasing)
        gate.arriveAndWait()
      } else {
        slept.store(sleepsSoon(thread), ordering: .relaxed)
        gate.arriveAndWait()
      }
    }
    let sawItAsleep = slept.load(ordering: .relaxed)
    #expect(sawItAsleep)
  }
}

/// Lets a pointer into a closure that runs on several threads; the test says who writes when.
struct Shared<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>

  init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }
}

private final class LaneBody {
  let lane: Int
  let body: @Sendable (Int) -> Void

  init(lane: Int, body: @escaping @Sendable (Int) -> Void) {
    self.lane = lane
    self.body = body
  }
}

/// Runs `body` on `count` threads at once and returns when all have ended.
func onLanes(_ count: Int, _ body: @Sendable (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    var threads = [pthread_t](repeating: 0, count: count)
    for lane in 0..<count {
      let box = Unmanaged.passRetained(LaneBody(lane: lane, body: body))
      let status = pthread_create(
        &threads[lane], nil,
        { argument in
          let box = Unmanaged<LaneBody>.fromOpaque(argument!).takeRetainedValue()
          box.body(box.lane)
          return nil
        }, box.toOpaque())
      precondition(status == 0)
    }
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// The kernel's number of the calling thread.
private func currentThreadID() -> Int32 {
  var target = [CChar](repeating: 0, count: 64)
  let length = readlink("/proc/thread-self", &target, target.count)
  let path = String(decoding: target.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return path.split(separator: "/").last.flatMap { Int32($0) } ?? 0
}

/// Whether `condition` comes true within some seconds.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<10_000 {
    if condition() { return true }
    pb_sleep_ns(1_000_000)
  }
  return false
}

/// Whether the thread whose id appears in `thread` is seen asleep within some seconds.
private func sleepsSoon(_ thread: borrowing Atomic<Int32>) -> Bool {
  for _ in 0..<5000 {
    pb_sleep_ns(1_000_000)
    let id = thread.load(ordering: .acquiring)
    if id != 0, threadState(id) == UInt8(ascii: "S") { return true }
  }
  return false
}

/// The letter after the name in /proc/self/task/ID/stat: `S` for asleep, `R` for running.
private func threadState(_ id: Int32) -> UInt8? {
  guard let file = fopen("/proc/self/task/\(id)/stat", "r") else { return nil }
  defer { fclose(file) }
  var text = [UInt8](repeating: 0, count: 512)
  let length = fread(&text, 1, text.count, file)
  guard let end = text[..<length].lastIndex(of: UInt8(ascii: ")")), end + 2 < length else { return nil }
  return text[end + 2]
}
