import CPlatform
import Workload

/// Looks up handles of objects that are freed, as a program with a mistake would, to see how many are found stale.
protocol HandleProbe: BitwiseCopyable {
  static var stateBytes: Int { get }
  /// - Parameter state: `stateBytes` of zeroes, unless there are none.
  init(state: UnsafeMutableRawPointer?, every: Int)
  /// A handle was given back.
  func didFree(_ handle: UInt)
  /// One was handed out. - Parameter isCaught: whether a lookup finds a handle stale.
  func didAllocate(_ isCaught: (UInt) -> Bool)
  var counts: StaleCounts { get }
}

/// Lookups of handles whose object was gone.
struct StaleCounts: Equatable {
  var lookups = 0
  /// Of those, the ones that found it out.
  var caught = 0

  mutating func add(_ other: StaleCounts) {
    lookups += other.lookups
    caught += other.caught
  }
}

/// Does nothing.
struct NoProbe: HandleProbe {
  static var stateBytes: Int { 0 }
  init(state: UnsafeMutableRawPointer?, every: Int) {}
  @inline(__always)
  func didFree(_ handle: UInt) {}
  @inline(__always)
  func didAllocate(_ isCaught: (UInt) -> Bool) {}
  var counts: StaleCounts { StaleCounts() }
}

/// Keeps every `every`-th handle that is freed, for a drawn number of further frees, then looks it up once, behind the
/// allocation that follows, when its block may be in use again: only then can a version with odd and even deceive.
///
/// ```
/// state   StaleState | wheel of 65,536 handles: the one at n is due after each free whose number ends with n
/// ```
/// Ages are uniform on 1 … 65,535 frees, later where another handle is due then: much more than the 2,048 reuses of one
/// block after which a version of 12 bits comes round, if few blocks are in use.
struct StaleProbe: HandleProbe {
  private let state: UnsafeMutablePointer<StaleState>

  private static var wheelOffset: Int { 64 }
  private static var wheelMask: Int { 0xFFFF }
  static var stateBytes: Int { wheelOffset + (wheelMask + 1) * MemoryLayout<UInt>.stride }

  init(state: UnsafeMutableRawPointer?, every: Int) {
    // There are bytes, hence an address.
    let state = state.unsafelyUnwrapped.assumingMemoryBound(to: StaleState.self)
    if state.pointee.every == 0 { state.initialize(to: StaleState(every: max(every, 1))) }
    self.state = state
  }

  private var wheel: UnsafeMutablePointer<UInt> {
    (UnsafeMutableRawPointer(state) + Self.wheelOffset).assumingMemoryBound(to: UInt.self)
  }

  @inline(__always)
  func didFree(_ handle: UInt) {
    let now = state.pointee.frees &+ 1
    state.pointee.frees = now
    if now % state.pointee.every == 0 { keep(handle, now) }
  }

  /// Where the places looked at are taken, as after many frees in a row, the handle is let go.
  @inline(never)
  private func keep(_ handle: UInt, _ now: Int) {
    let at = now &+ 1 &+ Int(state.pointee.random.next() % UInt64(Self.wheelMask))
    for place in at..<(at &+ 64) where wheel[place & Self.wheelMask] == 0 {
      wheel[place & Self.wheelMask] = handle
      return
    }
  }

  @inline(__always)
  func didAllocate(_ isCaught: (UInt) -> Bool) {
    let now = state.pointee.frees & Self.wheelMask
    let due = wheel[now]
    if due == 0 { return }
    wheel[now] = 0
    state.pointee.counts.lookups &+= 1
    if isCaught(due) { state.pointee.counts.caught &+= 1 }
  }

  var counts: StaleCounts { state.pointee.counts }
}

private struct StaleState {
  var frees = 0
  /// Not 0 once the state has been set up.
  let every: Int
  var random = SplitMix64(state: 0)
  var counts = StaleCounts()

  init(every: Int) { self.every = every }
}

/// The probes of all lanes.
struct HandleProbes<Probe: HandleProbe>: ~Copyable {
  private let base: UnsafeMutableRawPointer?
  private let lanes: Int
  private let every: Int

  private static var laneBytes: Int { SystemMemory.roundedToPages(Probe.stateBytes) }

  init(lanes: Int, every: Int) throws(PoolError) {
    self.lanes = lanes
    self.every = every
    base = Probe.stateBytes == 0 ? nil : SystemMemory.map(lanes * Self.laneBytes)
    if Probe.stateBytes != 0, base == nil { throw .outOfMemory(bytes: lanes * Self.laneBytes) }
  }

  deinit { if let base { SystemMemory.unmap(base, lanes * Self.laneBytes) } }

  borrowing func probe(_ lane: Int) -> Probe {
    Probe(state: base.map { $0 + lane * Self.laneBytes }, every: every)
  }
}
