import CPlatform
import Glibc
import Synchronization

/// Linux's mempool: elements of one size from an allocator that may fail, and a reserve of them for when it does.
///
/// ```
/// Mempool {minimum, count, …}                                  shared by all threads
///    ├► lock, released
///    └► State {elements, …}    under the lock
///                 └► | element | element | … | free | …   a stack: `count` of `minimum` places are full
///                         └► from the backing
/// ```
/// Allocate: the backing is asked; where it fails, the reserve's youngest element is taken, under the lock. With the
/// reserve empty the backing is asked once more, in earnest; then a caller who may not wait gets nil, and one who may
/// sleeps until an element is put back, 5 seconds at most, and begins anew. Free: the reserve is filled first, the rest
/// goes to the backing.
///
/// It is a reserve, not a cache: while the backing works, an element costs what it costs there. What it is worth: of
/// up to `minimum` holders with an element each, each of whom frees it some time, nobody ever fails. Those who need
/// several at a time ask for them in one call, else they may wait for each other.
///
/// Floor of an allocation: 2 loads and the backing's call; of a free 4 loads, a barrier and the call. From the reserve
/// a lock, 2 loads, a store and an unlock more.
///
/// Source: Linux, `mm/mempool.c` of 2021, with the bulk calls of November 2025: at least one element also where none
/// is asked for, 5 seconds, bulk calls for at most the reserve. What differs: the backing is a static type in place of
/// two function pointers; a POSIX mutex and condition variable in place of a spin lock and a wait queue; the backing
/// cannot be told how hard to try, so each call to it is alike.
struct Mempool: ~Copyable {
  /// What the lock guards.
  private struct State {
    var elements: UnsafeMutablePointer<UnsafeMutableRawPointer>
    var waiters = 0
    var counts = MempoolCounts()
  }

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  /// Signalled when an element is put back.
  private let released: UnsafeMutablePointer<pthread_cond_t>
  private let state: UnsafeMutablePointer<State>
  /// Elements to keep. Changed under the lock, read without it.
  private let minimum: Atomic<Int>
  /// Elements in the reserve. Changed under the lock, read without it.
  private let count = Atomic<Int>(0)
  let elementSize: Int

  /// How long a waiter sleeps before it asks the backing again, in seconds.
  static let waitSeconds = 5

  private typealias Elements = UnsafeMutablePointer<UnsafeMutableRawPointer>

  /// Room for the lock, the condition and the state behind each other, each of 64 bytes at most.
  private static let sharedBytes = 2 * 64 + MemoryLayout<State>.stride

  /// - Parameter memory: `sharedBytes` for what changes under the lock.
  private init(minimum: Int, elements: Elements, elementSize: Int, in memory: UnsafeMutableRawPointer) {
    self.minimum = Atomic(minimum)
    self.elementSize = elementSize
    lock = memory.bindMemory(to: pthread_mutex_t.self, capacity: 1)
    released = (memory + 64).bindMemory(to: pthread_cond_t.self, capacity: 1)
    state = (memory + 128).bindMemory(to: State.self, capacity: 1)
    lock.initialize(to: pthread_mutex_t())
    released.initialize(to: pthread_cond_t())
    state.initialize(to: State(elements: elements))
    pthread_mutex_init(lock, nil)
    pthread_cond_init(released, nil)
  }

  /// A pool in `memory` with a full reserve; false, and nothing left of it, when the backing has no more.
  static func create<Backing: ElementBacking>(
    at memory: UnsafeMutablePointer<Mempool>, minimum: Int, elementSize: Int, from backing: inout Backing
  ) -> Bool {
    let minimum = max(minimum, 1)
    guard let elements = makeElements(minimum) else { return false }
    guard let shared = pb_heap_allocate(sharedBytes) else {
      pb_heap_free(elements)
      return false
    }
    memory.initialize(to: Mempool(minimum: minimum, elements: elements, elementSize: elementSize, in: shared))
    if memory.pointee.fill(from: &backing) { return true }
    destroy(memory, to: backing)
    return false
  }

  /// Gives the reserve back. Elements that are out are their holders' to free, to the backing.
  static func destroy(_ memory: UnsafeMutablePointer<Mempool>, to backing: some ElementBacking) {
    while let element = memory.pointee.pop() { backing.free(element) }
    pb_heap_free(memory.pointee.state.pointee.elements)
    pthread_cond_destroy(memory.pointee.released)
    pthread_mutex_destroy(memory.pointee.lock)
    pb_heap_free(memory.pointee.lock)
    memory.deinitialize(count: 1)
  }

  private static func makeElements(_ count: Int) -> Elements? {
    pb_heap_allocate(count * MemoryLayout<UnsafeMutableRawPointer>.stride)?
      .bindMemory(to: UnsafeMutableRawPointer.self, capacity: count)
  }

  var reserved: Int { count.load(ordering: .relaxed) }
  var reserveLimit: Int { minimum.load(ordering: .relaxed) }

  // MARK: - Under the lock

  private func acquire() { pthread_mutex_lock(lock) }
  private func release() { pthread_mutex_unlock(lock) }

  private func pop() -> UnsafeMutableRawPointer? {
    let index = count.load(ordering: .relaxed) - 1
    if index < 0 { return nil }
    count.store(index, ordering: .relaxed)
    return state.pointee.elements[index]
  }

  /// False if the reserve is full.
  private func push(_ element: UnsafeMutableRawPointer) -> Bool {
    let index = count.load(ordering: .relaxed)
    if index >= minimum.load(ordering: .relaxed) { return false }
    state.pointee.elements[index] = element
    count.store(index + 1, ordering: .relaxed)
    state.pointee.counts.refills &+= 1
    return true
  }
}

// MARK: - Elements

extension Mempool {
  /// An element, without waiting; nil when the backing fails and the reserve is empty.
  @inline(__always)
  func allocate<Backing: ElementBacking>(_ backing: inout Backing) -> UnsafeMutableRawPointer? {
    backing.allocate(elementSize) ?? allocateReserved(&backing)
  }

  /// After the backing has failed.
  @inline(never)
  func allocateReserved<Backing: ElementBacking>(_ backing: inout Backing) -> UnsafeMutableRawPointer? {
    acquire()
    state.pointee.counts.failures &+= 1
    if let element = pop() {
      state.pointee.counts.hits &+= 1
      release()
      return element
    }
    release()
    let element = backing.allocate(elementSize)
    acquire()
    if element != nil { state.pointee.counts.retries &+= 1 } else { state.pointee.counts.refusals &+= 1 }
    release()
    return element
  }

  /// An element, however long that takes: for threads that hold none of this pool while they wait.
  func allocateWaiting<Backing: ElementBacking>(_ backing: inout Backing) -> UnsafeMutableRawPointer {
    while true {
      if let element = allocate(&backing) { return element }
      acquire()
      state.pointee.counts.waits &+= 1
      wait { $0.reserved > 0 }
      release()
    }
  }

  /// Sleeps until `isServed` or 5 seconds are over.
  private func wait(until isServed: (borrowing Mempool) -> Bool) {
    var deadline = timespec()
    clock_gettime(CLOCK_REALTIME, &deadline)
    deadline.tv_sec += Self.waitSeconds
    state.pointee.waiters += 1
    while !isServed(self), pthread_cond_timedwait(released, lock, &deadline) == 0 {}
    state.pointee.waiters -= 1
  }

  /// The reserve's youngest element, whatever the backing has; nil if it is empty.
  func allocatePreallocated() -> UnsafeMutableRawPointer? {
    acquire()
    defer { release() }
    guard let element = pop() else { return nil }
    state.pointee.counts.hits &+= 1
    return element
  }

  @inline(__always)
  func free(_ element: UnsafeMutableRawPointer, to backing: some ElementBacking) {
    // Without the lock: of an element that came out of the reserve, who frees it has seen the count that this left
    // behind, by whatever way the element came to him.
    if count.load(ordering: .relaxed) < minimum.load(ordering: .relaxed), refill(element) { return }
    backing.free(element)
  }

  @inline(never)
  private func refill(_ element: UnsafeMutableRawPointer) -> Bool {
    acquire()
    defer { release() }
    guard push(element) else { return false }
    // All of them: one may want more than there is.
    if state.pointee.waiters > 0 { pthread_cond_broadcast(released) }
    return true
  }

  /// Puts in elements from the backing until the reserve is full; false if it fails before.
  private func fill<Backing: ElementBacking>(from backing: inout Backing) -> Bool {
    while count.load(ordering: .relaxed) < minimum.load(ordering: .relaxed) {
      guard let element = backing.allocate(elementSize) else { return false }
      if !refill(element) { backing.free(element) }
    }
    return true
  }

  /// Keeps `newMinimum` elements from now on: gives a surplus back, or takes what the backing has of those missing;
  /// later frees complete it. False, and nothing done, when there is no memory for the places. Not for two callers at a
  /// time.
  func resize<Backing: ElementBacking>(_ newMinimum: Int, _ backing: inout Backing) -> Bool {
    let newMinimum = max(newMinimum, 1)
    if newMinimum <= reserveLimit {
      acquire()
      minimum.store(newMinimum, ordering: .relaxed)
      while count.load(ordering: .relaxed) > newMinimum, let element = pop() {
        release()
        backing.free(element)
        acquire()
      }
      release()
      return true
    }
    guard let larger = Self.makeElements(newMinimum) else { return false }
    acquire()
    larger.initialize(from: state.pointee.elements, count: count.load(ordering: .relaxed))
    let smaller = state.pointee.elements
    state.pointee.elements = larger
    minimum.store(newMinimum, ordering: .relaxed)
    release()
    pb_heap_free(smaller)
    _ = fill(from: &backing)
    return true
  }
}

// MARK: - Several at a time

extension Mempool {
  /// Fills `elements`, which are at most as many as the reserve keeps, all or none. What the backing fails to give is
  /// taken from the reserve in one go, so that callers who wait never wait for each other.
  ///
  /// - Parameter waits: false: false is returned where the reserve has less than that.
  func allocateBulk<Backing: ElementBacking>(
    into elements: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>, _ backing: inout Backing, waits: Bool
  ) -> Bool {
    precondition(elements.count <= reserveLimit, "a bulk of more than the reserve")
    var obtained = 0
    while true {
      while obtained < elements.count, let element = backing.allocate(elementSize) {
        elements[obtained] = element
        obtained += 1
      }
      let missing = elements.count - obtained
      if missing == 0 { return true }
      acquire()
      state.pointee.counts.failures &+= 1
      if count.load(ordering: .relaxed) >= missing {
        while obtained < elements.count, let element = pop() {
          elements[obtained] = element
          obtained += 1
          state.pointee.counts.hits &+= 1
        }
        release()
        return true
      }
      if !waits {
        state.pointee.counts.refusals &+= 1
        release()
        for index in 0..<obtained { backing.free(elements[index]) }
        return false
      }
      state.pointee.counts.waits &+= 1
      wait { $0.reserved >= missing }
      release()
    }
  }

  /// Frees all of `elements`: as many as are missing to the reserve, under one lock, the rest to the backing.
  func freeBulk(
    _ elements: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>, to backing: some ElementBacking
  ) {
    var first = 0
    if reserved < reserveLimit {
      acquire()
      while first < elements.count, push(elements[first]) { first += 1 }
      if state.pointee.waiters > 0 { pthread_cond_broadcast(released) }
      release()
    }
    for index in first..<elements.count { backing.free(elements[index]) }
  }

  func withCounts<Result>(_ body: (MempoolCounts) -> Result) -> Result {
    acquire()
    defer { release() }
    return body(state.pointee.counts)
  }
}
