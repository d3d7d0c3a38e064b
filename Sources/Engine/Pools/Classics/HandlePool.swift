import CPlatform
import Workload

/// Objects by handle: pools of equal blocks, ascending by size, and a version for each block.
///
/// ```
/// handle        | pool | block | version |      4 | 16 | 12 bits, or 8 | 24 | 32: HandleProfile
///                  │       │       └─ must be what the block's entry says
///                  ▼       ▼
/// a lane's      HandleClass ─► entries {version, link} │ blocks of 64K │ of 32K │ … │ of 16
/// ```
/// See `HandleBlocks` for the algorithm. All memory is there from the start, as address space; pages become resident
/// when their block is used. A request takes a block of the first pool that fits; where that is empty, of a larger one,
/// which is counted as a *spill*; where all are, it is refused. An object is reached by translating its handle at each
/// access. A handle is *stale* when its object is freed; the version tells, until it has *wrapped*: v bits wrap after
/// 2^v reuses of a block, 2^(v−1) with odd and even versions.
///
/// Versions step on allocation and on free, so that odd is live and one compare finds stale handles and double frees.
/// `version=literal` steps on allocation alone, as the scheme is often told: a freed block's handle then stays valid until
/// the block is used again, and freeing it twice hands the block out twice.
///
/// A handle that was never handed out, as one of an even version, may pass: nothing is spent on telling it.
///
/// Source: the common scheme of handle managers, which fixes no widths: 4|16|12 and 8|24|32 bits are ours, as are the
/// sizes in powers of two and `size` bytes a pool.
///
/// Floor: translation 1 load of a version and 3 of the pool; allocate 3 loads, 2 stores; free 2 loads, 3 stores. As
/// compiled: see `HandleLane`.
///
/// What differs: the list of free blocks is last in, first out, unless `order=fifo`; a block is found by probing pool
/// after pool, at most 15, with no bitmap of those that have one. Saturated blocks are not retired.
struct HandlePool<Profile: HandleProfile, Probe: HandleProbe>: Pool, ~Copyable {
  private let head: UnsafeMutableRawPointer
  private let headBytes: Int
  private let memory: UnsafeMutableRawPointer
  private let memoryBytes: Int
  private let lanes: Int
  private let leastShift: Int
  private let largestShift: Int
  private let isFirstInFirstOut: Bool
  private let probed: HandleProbes<Probe>

  private static var tableBytes: Int { (Profile.pools + 1) * HandleClass.stride }

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    let subject = configuration.subject
    guard let least = subject.number(.min), let largest = subject.number(.largest), let size = subject.number(.size)
    else { throw .unsupported("needs the sizes of its pools") }
    try self.init(
      least: least, largest: largest, bytesPerPool: size, isFirstInFirstOut: subject.choice(.order) == "fifo",
      stale: subject.number(.stale) ?? 0, lanes: configuration.lanes)
  }

  /// - Parameters:
  ///   - least: bytes of the smallest block, a power of two.
  ///   - largest: of the largest, a power of two.
  ///   - bytesPerPool: of each pool's blocks, a multiple of `largest`; a handle's bits may allow fewer.
  ///   - stale: every so many frees a handle is kept and looked up later, where the probe does so; 0: never.
  /// - Throws: `PoolError.outOfMemory`, `.unsupported` for more pools than a handle can tell apart.
  init(
    least: Int, largest: Int, bytesPerPool: Int, isFirstInFirstOut: Bool = false, stale: Int = 0, lanes: Int = 1
  ) throws(PoolError) {
    leastShift = least.trailingZeroBitCount
    largestShift = max(largest, least).trailingZeroBitCount
    guard largestShift - leastShift < Profile.pools else {
      throw .unsupported("a handle tells \(Profile.pools) pools apart")
    }
    func capacity(_ shift: Int) -> Int { max(1, min(bytesPerPool >> shift, 1 << Profile.blockBits)) }
    // Largest blocks first, so that each pool begins at a multiple of its blocks' size.
    var blockBytes = 0
    var entryBytes = 0
    for shift in leastShift...largestShift {
      blockBytes += capacity(shift) << shift
      entryBytes += capacity(shift) * MemoryLayout<HandleEntry>.stride
    }
    let laneBytes = SystemMemory.rounded(blockBytes + entryBytes, to: max(1 << largestShift, SystemMemory.pageSize))
    let headBytes = SystemMemory.roundedToPages(lanes * Self.tableBytes)
    guard let head = SystemMemory.map(headBytes) else { throw .outOfMemory(bytes: headBytes) }
    guard let memory = pb_reserve_aligned(laneBytes * lanes, max(1 << largestShift, SystemMemory.pageSize)) else {
      SystemMemory.unmap(head, headBytes)
      throw .outOfMemory(bytes: laneBytes * lanes)
    }
    do throws(PoolError) {
      probed = try HandleProbes(lanes: lanes, every: stale)
    } catch {
      SystemMemory.unmap(head, headBytes)
      pb_unmap(memory, laneBytes * lanes)
      throw error
    }
    self.head = head
    self.headBytes = headBytes
    self.memory = memory
    memoryBytes = laneBytes * lanes
    self.lanes = lanes
    self.isFirstInFirstOut = isFirstInFirstOut
    for lane in 0..<lanes {
      let table = blocks(lane).table
      var blocks = memory + lane * laneBytes
      var entries = blocks + blockBytes
      for number in 0...(largestShift - leastShift) {
        let shift = largestShift - number
        let count = capacity(shift)
        (table + (shift - leastShift + 1)).initialize(
          to: HandleClass(
            blocks: blocks, entries: entries.bindMemory(to: HandleEntry.self, capacity: count), first: 0,
            capacity: UInt32(count), shift: UInt32(shift), last: UInt32(count - 1)))
        blocks += count << shift
        entries += count * MemoryLayout<HandleEntry>.stride
      }
    }
  }

  deinit {
    SystemMemory.unmap(head, headBytes)
    pb_unmap(memory, memoryBytes)
  }

  private borrowing func blocks(_ lane: Int) -> HandleBlocks<Profile> {
    HandleBlocks(
      table: (head + lane * Self.tableBytes).assumingMemoryBound(to: HandleClass.self), leastShift: leastShift,
      largestShift: largestShift, isFirstInFirstOut: isFirstInFirstOut)
  }

  borrowing func makeLane(_ index: Int) -> HandleLane<Profile, Probe> {
    HandleLane(blocks: blocks(index), probe: probed.probe(index))
  }

  /// Nothing: the memory is the program's own.
  borrowing func purge() {}

  borrowing func list(into counts: inout PoolCounts) {
    var (spills, refused, staleFrees) = (0, 0, 0)
    var stale = StaleCounts()
    for lane in 0..<lanes {
      let total = blocks(lane).table.pointee
      spills += total.spills
      refused += total.refused
      staleFrees += total.staleFrees
      stale.add(probed.probe(lane).counts)
    }
    counts.add("pool.misses", spills + refused)
    counts.add("larger.requests", spills + refused)
    counts.add("larger.misses", refused)
    counts.add("pool.stale-frees", staleFrees)
    counts.add(PoolCounts.refused, refused)
    counts.add("stale.lookups", stale.lookups)
    counts.add("stale.caught", stale.caught)
    counts.add("stale.missed", stale.lookups - stale.caught)
  }
}
