/// When free memory goes back to the system, in pages: counts kept by the page heap, and what follows from them.
///
/// ```
/// dirty pages   ▲        ╱╲                     Of a window in which dirty pages went up and down, the lowest level
///               │  ╱╲  ╱    ╲  ╱╲              ───────────────────────────────────────────────────────────────────
///               │╱    ╲        ╲   ╲           was needed by nobody: it goes back when the window ends.
///               │─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ◄ fewest
///               └────────────────────► window
/// ```
/// A heap that breathes within a window thus never calls the system, and one that drains has given all but
/// ``leastPages`` back two windows later. The level is that of the low-water marks by which gperftools' thread caches
/// shrink (`ThreadCache::Scavenge`), applied to pages: no clock is read when memory is freed, as decay needs. A thread
/// of the heap's own ends the windows (`PurgeThread`), so that nobody waits for the system's work, and an idle program
/// shrinks too. In a window in which no page came into use or went out of it the program waits for something: then a
/// quarter of what is in use may stay, so that what comes next need not fault it in. jemalloc (`background_thread`) does alike, after ten seconds.
///
/// Whatever the window, resident memory stays at a level that it had before: beyond the highest use, or a thirty-second
/// more than what is in use, or 1 MiB, memory goes back at once.
struct DiscardPolicy {
  private(set) var usedPages = 0
  /// Most pages in use, or resident at the end of a window, since the last purge.
  private(set) var peakPages = 0
  private(set) var dirtyPages = 0
  /// Fewest dirty pages since the window began.
  private(set) var fewestDirty = 0
  /// Dirty pages when the window began.
  private var firstDirty = 0
  /// Whether pages have come into use or gone out of it since the window began.
  private var hasMoved = false
  /// Whether a thread ends windows. Without one only what is always kept is kept.
  var hasWindows = false

  /// Free memory that always may stay: 1 MiB.
  static var leastPages: Int { (1 << 20) >> Page.shift }
  /// Pages given back in one call at most, unless more were freed by it: bounds the pause.
  static var stepPages: Int { (2 << 20) >> Page.shift }
  /// Nanoseconds of a window: two of them and the calls of the system that they end in stay under a second.
  static var window: UInt64 { 400_000_000 }

  /// Dirty pages beyond which some are given back at once.
  var limit: Int {
    max(DiscardPolicy.leastPages, usedPages &>> 5, hasWindows ? peakPages &- usedPages : 0)
  }

  /// Whether a window's end may find something to give back.
  var wantsWindow: Bool { dirtyPages > keptAtRest }

  /// Dirty pages that stay however long nobody needs them. In a window in which nothing moved the program waits, and
  /// shows neither a need nor the want of one.
  private var keptAtRest: Int {
    hasMoved ? DiscardPolicy.leastPages : max(DiscardPolicy.leastPages, usedPages &>> 2)
  }

  /// Counts pages in use, when what was split off them is counted dirty again.
  mutating func use(_ pageCount: Int) {
    fewestDirty = min(fewestDirty, dirtyPages)
    hasMoved = true
    usedPages &+= pageCount
    peakPages = max(peakPages, usedPages)
  }

  mutating func unuse(_ pageCount: Int) {
    hasMoved = true
    usedPages &-= pageCount
  }

  mutating func addDirty(_ pageCount: Int) { dirtyPages &+= pageCount }

  mutating func removeDirty(_ pageCount: Int) { dirtyPages &-= pageCount }

  /// Counts what was freed since `before` as idle throughout the window, and not as moves of the program.
  mutating func countIdle(since before: DiscardPolicy) {
    let freed = max(before.usedPages &- usedPages, 0)
    fewestDirty = min(fewestDirty &+ freed, dirtyPages)
    firstDirty &+= freed
    hasMoved = before.hasMoved
  }

  /// Ends a window and begins the next one. - Returns: the pages to give back: those that nobody needed, less as many as
  /// were taken of those at hand when it began, since a program that grows takes as many again.
  mutating func endWindow() -> Int {
    let taken = max(firstDirty &- fewestDirty, 0)
    let excess = min(fewestDirty &- taken, dirtyPages &- keptAtRest)
    fewestDirty = dirtyPages
    firstDirty = dirtyPages &- max(excess, 0)
    hasMoved = false
    return max(excess, 0)
  }

  /// The peak is what is resident now: what was in use before is forgotten.
  mutating func restartPeak() {
    peakPages = usedPages &+ dirtyPages
    fewestDirty = min(fewestDirty, dirtyPages)
    firstDirty = min(firstDirty, dirtyPages)
  }
}
