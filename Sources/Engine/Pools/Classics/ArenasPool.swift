import CPlatform
import Glibc
import Workload

/// glibc's malloc as a pool: arenas, each a heap under a lock, of which every thread has one, alone or with others; in
/// front of them a cache a thread.
///
/// ```
/// thread   tcache: 64 lists of up to 16            no lock
/// arena    small bins, unsorted, large bins, top   one lock each (Arena, Arena+Allocation, Arena+Freeing)
///          heaps of 64 MiB of address space        (ArenaHeap)
/// system   objects of 128 KiB and more             mappings of their own (ArenaRegister)
/// ```
/// Memory never moves from one arena to another: what a thread frees goes back to the arena it came from, whichever
/// thread that is. Fewer arenas: more threads wait for a lock. More: more memory that only its own threads can use
/// again, and 64 MiB more of address space for each. `max` sets how many there may be (`ArenaRegister`).
///
/// Sources: glibc 2.42.9000, `malloc/malloc.c` and `malloc/arena.c`; D. Lea, "A Memory Allocator"; W. Gloger's ptmalloc.
/// Floors and layouts: see the parts.
///
/// What differs from the original: the main arena has heaps of 64 MiB as all others, in place of brk, so an object's
/// address always leads to its arena; pages of a heap need no mprotect to become usable; objects with a mapping of their
/// own are also in a list, so that the pool's end can unmap them; calls are compiled into the replay loop; locks are
/// taken also while there is but one thread; aligned requests do not look into the thread's cache.
struct ArenasPool: Pool, ~Copyable {
  let register: ArenaRegister
  private let laneCount: Int

  private static func byteCount(lanes: Int) -> Int { ArenaRegister.bytes + lanes * ArenaThread.stride }

  init(_ configuration: PoolConfiguration) throws(PoolError) {
    try self.init(configuration, processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  init(_ configuration: PoolConfiguration, processors: Int) throws(PoolError) {
    let bytes = Self.byteCount(lanes: configuration.lanes)
    guard let memory = SystemMemory.map(bytes) else { throw .outOfMemory(bytes: bytes) }
    laneCount = configuration.lanes
    register = ArenaRegister(raw: memory)
    register.initialize(limit: configuration.subject.number(.max) ?? 0, processors: max(processors, 1))
    for index in 0..<laneCount {
      thread(index).register = register
      thread(index).statistics.initialize(to: ArenaThreadStatistics())
    }
  }

  deinit {
    register.destroy()
    SystemMemory.unmap(register.raw, Self.byteCount(lanes: laneCount))
  }

  borrowing func thread(_ index: Int) -> ArenaThread {
    ArenaThread(raw: register.raw + (ArenaRegister.bytes + index * ArenaThread.stride))
  }

  borrowing func makeLane(_ index: Int) -> ArenasLane { ArenasLane(thread: thread(index)) }

  /// As `malloc_trim(0)`: gives back the pages inside free chunks and at the arenas' ends; threads keep their caches.
  borrowing func purge() {
    register.forEachArena { arena in
      arena.acquire()
      arena.discardFree()
      arena.release()
    }
  }

  borrowing func list(into counts: inout PoolCounts) {
    var threads = ArenaThreadStatistics()
    for index in 0..<laneCount { threads += thread(index).statistics.pointee }
    var arenas = ArenaStatistics()
    register.forEachArena { arenas += $0.statistics.pointee }
    counts.add("thread.misses", threads.misses)
    counts.add("thread.overflows", threads.overflows)
    counts.add("thread.foreign-frees", threads.foreignFrees)
    counts.add("thread.retries", threads.retries)
    counts.add("bins.requests", arenas.requests)
    counts.add("bins.misses", arenas.topCuts)
    counts.add("bins.exact-fits", arenas.exactFits)
    counts.add("bins.best-fits", arenas.bestFits)
    counts.add("bins.sorted", arenas.sorted)
    counts.add("bins.stashed", arenas.stashed)
    counts.add("arena.frees", arenas.frees)
    counts.add("arena.splits", arenas.splits)
    counts.add("arena.merges", arenas.merges)
    counts.add("arena.lock-waits", arenas.lockWaits)
    counts.add("heap.created", arenas.heaps)
    counts.add("heap.deleted", arenas.heapsDeleted)
    counts.add("heap.grown-pages", arenas.grownPages)
    counts.add("heap.trims", arenas.trims)
    register.list(into: &counts)
  }
}
