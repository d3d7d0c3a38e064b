import Foundation
import Workload

@testable import Engine

/// Objects on their way to the thread that frees them.
private final class ConformanceMailbox: @unchecked Sendable {
  private let lock = NSLock()
  private var objects: [(reference: UnsafeMutableRawPointer, size: Int, fill: UInt8)] = []

  func send(_ reference: UnsafeMutableRawPointer, _ size: Int, _ fill: UInt8) {
    lock.withLock { objects.append((reference, size, fill)) }
  }

  func take() -> [(reference: UnsafeMutableRawPointer, size: Int, fill: UInt8)] {
    lock.withLock {
      defer { objects = [] }
      return objects
    }
  }
}

/// A lane on its way to its thread, and what the thread found.
private final class ConformanceWorker<Lane: PoolLane>: @unchecked Sendable {
  var lane: Lane
  var faults: [String] = []

  init(_ lane: Lane) { self.lane = lane }
}

/// Runs `body` for 0 ..< `count` on threads of their own and waits for all.
func onThreads(_ count: Int, _ body: @escaping (Int) -> Void) {
  struct Work: @unchecked Sendable {
    let body: (Int) -> Void
  }
  let work = Work(body: body)
  let finished = DispatchSemaphore(value: 0)
  for index in 0..<count {
    let thread = Thread {
      work.body(index)
      finished.signal()
    }
    thread.start()
  }
  for _ in 0..<count { finished.wait() }
}

extension Conformance where P: ~Copyable {
  /// Each thread hands half of its objects to the next one, which checks and frees them; threads come and go.
  func foreignFrees() -> [String] {
    let threads = 4
    return withPool(lanes: threads) { pool in
      let mailboxes = (0..<threads).map { _ in ConformanceMailbox() }
      let workers = (0..<threads).map { ConformanceWorker(pool.makeLane($0)) }
      for life in 0..<3 as Range<UInt64> {
        onThreads(threads) { index in
          work(workers[index], mailboxes[index], mailboxes[(index + 1) % threads], seed: life * 8 + UInt64(index))
        }
      }
      onThreads(threads) { index in
        let lane = workers[index]
        lane.lane.attach()
        drain(lane, mailboxes[index])
        lane.lane.detach()
      }
      return workers.flatMap(\.faults)
    }
  }

  private func drain(_ worker: ConformanceWorker<P.Lane>, _ mailbox: ConformanceMailbox) {
    for (reference, size, fill) in mailbox.take() {
      if !ConformanceModel.holds(worker.lane.address(of: reference), size, fill) {
        worker.faults.append("an object of \(size) bytes changed on its way to another lane")
      }
      worker.lane.free(reference, P.Lane.needsSizes ? size : 0)
    }
  }

  private func work(
    _ worker: ConformanceWorker<P.Lane>, _ own: ConformanceMailbox, _ next: ConformanceMailbox, seed: UInt64
  ) {
    var random = SplitMix64(state: seed)
    var model = ConformanceModel(traits)
    worker.lane.attach()
    for step in 0..<3_000 {
      let size = size(&random)
      if random.next() % 100 < 52 {
        guard let pointer = worker.lane.allocate(size, 0) else {
          worker.faults.append("no memory for \(size) bytes")
          break
        }
        model.add(pointer, size: size, variant: 0, from: worker.lane)
      } else if !model.objects.isEmpty {
        let object = model.remove(at: Int(random.next() % UInt64(model.objects.count)))
        if random.next() % 2 == 0 {
          next.send(object.reference, object.size, object.fill)
        } else {
          worker.lane.free(object.reference, P.Lane.needsSizes ? object.size : 0)
        }
      }
      if step % 64 == 0 { drain(worker, own) }
    }
    while !model.objects.isEmpty {
      let object = model.remove(at: model.objects.count - 1)
      next.send(object.reference, object.size, object.fill)
    }
    worker.lane.detach()
    worker.faults += model.faults
  }

  /// A lane that detaches leaves nothing of what it freed to itself: the next lane is served from it.
  func detachedCaches() -> [String] { detachedCaches(count: 50) + detachedCaches(count: 2_000) }

  private func detachedCaches(count: Int) -> [String] {
    withPool(lanes: 2) { pool in
      let size = min(max(48, traits.sizes.lowerBound), traits.sizes.upperBound)
      let workers = [ConformanceWorker(pool.makeLane(0)), ConformanceWorker(pool.makeLane(1))]
      var seen: [Set<UnsafeMutableRawPointer>] = [[], []]
      for index in 0..<2 {
        onThreads(1) { _ in
          let worker = workers[index]
          worker.lane.attach()
          var live: [UnsafeMutableRawPointer] = []
          for _ in 0..<count {
            guard let pointer = worker.lane.allocate(size, 0) else { continue }
            live.append(pointer)
            seen[index].insert(pointer)
          }
          for pointer in live { worker.lane.free(pointer, P.Lane.needsSizes ? size : 0) }
          worker.lane.detach()
        }
      }
      let shared = seen[0].intersection(seen[1]).count
      return shared >= count * 9 / 10 ? [] : ["of \(count) objects that a lane left, the next got \(shared)"]
    }
  }
}
