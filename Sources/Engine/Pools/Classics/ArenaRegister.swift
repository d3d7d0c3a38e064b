import CPlatform

/// All arenas, and which thread gets which. A handle of memory of the pool's.
///
/// ```
///   0  lock                       of all up to 96
///   8  arenas | 16 limit, 0: not known yet | 24 the option | 32 processors | 40 next to use | 48 free list
///  56  created | 64 from the free list | 72 shared | 80 waited for
///  96  mapping threshold | 104 trim threshold | 112 objects with a mapping   (relaxed atomics, as in glibc)
/// 128  lock of the objects with a mapping | 136 LargeObjects | 160 mappings made
/// 256  the main arena
/// ```
/// **Attaching** (`arena_get2`): 1. an arena that the last of its threads has left; 2. below the limit, a new one; 3. the
/// next in turn whose lock is free; if none is, the next in turn, once it is. **Sticky**: from then on a thread uses its
/// arena, however contended; it moves only when the main arena itself has no memory for it.
///
/// **Limit**: `arena_max` where set. Else 8 for each processor, but only computed once there are more than `arena_test`,
/// 8; until then there is none. The main arena counts as one, so a limit of 1 means that it is the only one. As in a
/// program of which the main thread only waits, the main arena has that thread attached, and others come to it by rule 3.
struct ArenaRegister {
  let raw: UnsafeMutableRawPointer

  static var bytes: Int { 256 + Arena.bytes }
  private static var arenaTest: Int { 8 }
  private static var arenasPerProcessor: Int { 8 }

  // MARK: Sizes

  /// `DEFAULT_TOP_PAD`
  var topPadding: Int { 128 << 10 }

  func word(_ offset: Int) -> UnsafeMutablePointer<Int> { (raw + offset).assumingMemoryBound(to: Int.self) }
  var mappingThreshold: Int { pb_load_relaxed(word(96)) }
  var trimThreshold: Int { pb_load_relaxed(word(104)) }

  /// Lays out zeroed memory.
  func initialize(limit: Int, processors: Int) {
    word(8).pointee = 1
    word(24).pointee = limit
    word(32).pointee = processors
    pb_store_relaxed(word(96), Self.leastThreshold)
    pb_store_relaxed(word(104), Self.leastThreshold)
    large.initialize(to: LargeObjects())
    main.initialize()
    main.next = main
    main.attachedThreads = 1
  }

  var main: Arena { Arena(raw: raw + 256) }

  private func locked<Result>(_ body: () -> Result) -> Result {
    let lock = raw.assumingMemoryBound(to: UInt32.self)
    _ = pb_lock_acquire(lock)
    defer { pb_lock_release(lock) }
    return body()
  }

  // MARK: Attaching

  var arenaCount: Int { locked { word(8).pointee } }
  private func arena(_ offset: Int) -> Arena? {
    raw.load(fromByteOffset: offset, as: UnsafeMutableRawPointer?.self).map(Arena.init(raw:))
  }
  private func setArena(_ offset: Int, _ arena: Arena?) {
    raw.storeBytes(of: arena?.raw, toByteOffset: offset, as: UnsafeMutableRawPointer?.self)
  }

  /// Attaches a thread by the three rules, away from the arena that it has, if any.
  func attach(_ thread: ArenaThread) {
    let old = thread.arena
    let chosen = locked { takeFree() ?? create() ?? reuse(avoiding: old) }
    if let chosen {
      thread.arena = chosen
    } else {
      let next = locked { nextInTurn(avoiding: old) }
      next.acquire()
      next.release()
      locked {
        word(80).pointee &+= 1
        share(next)
      }
      thread.arena = next
    }
    if let old { locked { leave(old) } }
  }

  /// The thread ends.
  func detach(_ thread: ArenaThread) {
    guard let arena = thread.arena else { return }
    thread.arena = nil
    locked { leave(arena) }
  }

  private func leave(_ arena: Arena) {
    arena.attachedThreads &-= 1
    if arena.attachedThreads > 0 { return }
    arena.nextFree = self.arena(48)
    setArena(48, arena)
  }

  private func takeFree() -> Arena? {
    guard let arena = arena(48) else { return nil }
    setArena(48, arena.nextFree)
    arena.attachedThreads = 1
    word(64).pointee &+= 1
    return arena
  }

  private func create() -> Arena? {
    if word(16).pointee == 0 {
      if word(24).pointee != 0 {
        word(16).pointee = word(24).pointee
      } else if word(8).pointee > Self.arenaTest {
        word(16).pointee = Self.arenasPerProcessor * word(32).pointee
      }
    }
    let limit = word(16).pointee
    if limit != 0, word(8).pointee >= limit { return nil }
    let header = ArenaHeap.headerBytes + Arena.bytes
    guard let heap = ArenaHeap.create(header + ArenaChunk.leastBytes, padding: topPadding) else { return nil }
    let arena = Arena(raw: heap.raw + ArenaHeap.headerBytes)
    arena.initialize()
    arena.add(heap, headerBytes: header)
    arena.attachedThreads = 1
    arena.next = main.next
    main.next = arena
    word(8).pointee &+= 1
    word(56).pointee &+= 1
    return arena
  }

  /// The next in turn whose lock is free.
  private func reuse(avoiding old: Arena?) -> Arena? {
    let first = arena(40) ?? main
    var arena = first
    repeat {
      if arena != old, arena.tryAcquire() {
        arena.release()
        share(arena)
        return arena
      }
      arena = arena.next
    } while arena != first
    return nil
  }

  private func nextInTurn(avoiding old: Arena?) -> Arena {
    let next = arena(40) ?? main
    return next == old ? next.next : next
  }

  private func share(_ arena: Arena) {
    word(72).pointee &+= 1
    // It may have been left meanwhile.
    if arena.attachedThreads == 0 { removeFree(arena) }
    arena.attachedThreads &+= 1
    setArena(40, arena.next)
  }

  private func removeFree(_ arena: Arena) {
    if self.arena(48) == arena { return setArena(48, arena.nextFree) }
    var other = self.arena(48)
    while let current = other {
      if current.nextFree == arena { current.nextFree = arena.nextFree }
      other = current.nextFree
    }
  }

  // MARK: The whole

  func forEachArena(_ body: (Arena) -> Void) {
    var arena = main
    repeat {
      body(arena)
      arena = arena.next
    } while arena != main
  }

  /// Unmaps everything but the register itself. Nobody uses an object any more.
  func destroy() {
    large.pointee.freeAll()
    // Their states lie in their heaps.
    var arena = main.next
    while arena != main {
      let next = arena.next
      unmapHeaps(arena.heap)
      arena = next
    }
    unmapHeaps(main.heap)
  }

  private func unmapHeaps(_ newest: ArenaHeap?) {
    var heap = newest
    while let current = heap {
      heap = current.before
      current.unmap()
    }
  }

  func list(into counts: inout PoolCounts) {
    counts.add("register.created", word(56).pointee)
    counts.add("register.from-free-list", word(64).pointee)
    counts.add("register.shared", word(72).pointee)
    counts.add("register.waits", word(80).pointee)
    counts.add("register.mappings", word(160).pointee)
  }
}
