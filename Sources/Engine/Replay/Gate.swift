import CPlatform
import Synchronization

/// Where a fixed number of threads meet, as often as they like. Nobody spins: who waits sleeps on a futex.
///
/// Two ways to use it, one per meeting:
/// - *Among equals*: all parties call ``arriveAndWait()``; the last one lets all go on.
/// - *With a coordinator*, who is not one of the parties: these call ``arriveAndPark()``, it calls ``awaitArrivals()``,
///   keeps them parked for as long as it likes, and calls ``release()``.
///
/// What a party did before it arrived is visible to the coordinator after `awaitArrivals`, and to all parties after
/// the gate has opened, as is what the coordinator did before `release`.
///
/// A handle to mapped memory: copy it freely, ``unmap()`` it once. Modelled in `Tests/Models/gate.pml`.
struct Gate: @unchecked Sendable {
  /// Parties that meet.
  let parties: Int
  /// Parties that have arrived since the gate last opened; the coordinator sleeps on it.
  private let arrived: UnsafeMutablePointer<Atomic<UInt32>>
  /// How often the gate has opened; parties sleep on it.
  private let generation: UnsafeMutablePointer<Atomic<UInt32>>

  /// Bytes mapped for a gate.
  static var bytesMapped: Int { pb_page_size() }

  /// - Throws: `PoolError.outOfMemory` if the system refuses a page.
  init(parties: Int) throws(PoolError) {
    precondition(parties >= 1)
    guard let page = pb_map(Gate.bytesMapped, true) else { throw .outOfMemory(bytes: Gate.bytesMapped) }
    self.parties = parties
    arrived = page.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
    generation = (page + cacheLinePair).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
    arrived.initialize(to: Atomic(0))
    generation.initialize(to: Atomic(0))
  }

  /// Nobody may use any copy of the handle from here on.
  func unmap() { pb_unmap(arrived, Gate.bytesMapped) }

  /// Returns when all parties have arrived.
  func arriveAndWait() {
    // Read before arriving: the gate can't open without this party, so this is the meeting's own generation.
    let generation = generation.pointee.load(ordering: .relaxed)
    if arrive() { release() } else { sleepThrough(generation) }
  }

  /// Returns when the coordinator has released the parties, which it does once all have arrived.
  func arriveAndPark() {
    let generation = generation.pointee.load(ordering: .relaxed)
    if arrive() { pb_futex_wake(arrived, 1) }
    sleepThrough(generation)
  }

  /// Returns when all parties are parked. One coordinator at a time.
  func awaitArrivals() {
    while true {
      let count = arrived.pointee.load(ordering: .acquiring)
      if count == UInt32(parties) { return }
      pb_futex_wait(arrived, count)
    }
  }

  /// Opens the gate for the parties, all of which have arrived.
  func release() {
    // Reset before opening: a party that comes straight back must find the count of the next meeting.
    arrived.pointee.store(0, ordering: .relaxed)
    generation.pointee.add(1, ordering: .releasing)
    pb_futex_wake(generation, Int32.max)
  }

  /// Counts the caller in; true for the last party.
  private func arrive() -> Bool {
    arrived.pointee.add(1, ordering: .acquiringAndReleasing).newValue == UInt32(parties)
  }

  private func sleepThrough(_ closed: UInt32) {
    while generation.pointee.load(ordering: .acquiring) == closed { pb_futex_wait(generation, closed) }
  }
}
