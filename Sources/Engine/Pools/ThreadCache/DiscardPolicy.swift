/// When free memory goes back to the system, in pages: counts kept by the page heap and a limit on dirty pages.
///
/// Dirty pages up to a sixteenth of those in use, or 1 MiB, always stay. More may stay while the pages in use are
/// below their peak, for resident memory then stays below a level that it had before: up to `reserve`, which is
/// learnt. Taking memory back within a breath of giving it back is regret: each `reserve` pages of it double the
/// reserve, to the peak at most. Giving back twice the reserve without regret halves it. So a heap that breathes stops
/// calling the system after a few breaths, one that drains leaves little behind, and one that idles between its
/// bursts gives its memory back each time. (gperftools gives back a span for each thousand pages freed, whatever
/// becomes of them.)
struct DiscardPolicy {
  private(set) var usedPages = 0
  private(set) var peakPages = 0
  var dirtyPages = 0
  private(set) var reserve = DiscardPolicy.leastPages
  private var regret = 0
  private var discarded = 0
  private var lastDiscard: UInt64 = 0
  /// Nanoseconds within which taking back counts as regret: a tenth of a second, about what mimalloc waits before it
  /// resets a free page (`reset_delay`).
  var breath: UInt64 = 100_000_000

  static var leastPages: Int { (1 << 20) >> Page.shift }
  /// Pages given back in one call at most, unless more were freed by it: bounds the pause.
  static var stepPages: Int { (2 << 20) >> Page.shift }

  /// Dirty pages beyond which some are given back.
  var limit: Int {
    max(DiscardPolicy.leastPages, usedPages &>> 4, min(reserve, peakPages &- usedPages))
  }

  mutating func use(_ pageCount: Int) {
    usedPages &+= pageCount
    peakPages = max(peakPages, usedPages)
  }

  mutating func unuse(_ pageCount: Int) { usedPages &-= pageCount }

  /// Clean pages that were given back once went into use, at a time in nanoseconds.
  mutating func tookBack(_ pageCount: Int, at now: UInt64) {
    guard now &- lastDiscard < breath else { return }
    regret &+= pageCount
    discarded = 0
    guard regret >= reserve else { return }
    regret = 0
    reserve = min(reserve &* 2, max(DiscardPolicy.leastPages, peakPages))
  }

  mutating func gaveBack(_ pageCount: Int, at now: UInt64) {
    lastDiscard = now
    discarded &+= pageCount
    guard discarded >= reserve &* 2 else { return }
    discarded = 0
    regret = 0
    reserve = max(reserve &>> 1, DiscardPolicy.leastPages)
  }

  /// Forgets what was learnt.
  mutating func restart() {
    peakPages = usedPages
    reserve = DiscardPolicy.leastPages
    regret = 0
    discarded = 0
  }
}
