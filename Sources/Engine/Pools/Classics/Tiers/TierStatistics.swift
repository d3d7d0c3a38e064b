/// What the tiers did, counted on slow paths alone.
struct TierStatistics {
  var threads = Threads()
  var central = Central()
  var pages = Pages()

  /// Counts of one thread's cache, or the sum over all.
  struct Threads {
    /// Trips to a central list for objects, and the objects.
    var fetches = 0
    var fetchedObjects = 0
    /// Frees after which a list was too long, and objects given back for any reason.
    var listsTooLong = 0
    var returnedObjects = 0
    /// Times a thread cached more than its budget, and of those: it got more, or took it from another thread.
    var scavenges = 0
    var claims = 0
    var steals = 0
    var largeAllocations = 0
    var largeFrees = 0

    static func += (sum: inout Threads, other: Threads) {
      sum.fetches += other.fetches
      sum.fetchedObjects += other.fetchedObjects
      sum.listsTooLong += other.listsTooLong
      sum.returnedObjects += other.returnedObjects
      sum.scavenges += other.scavenges
      sum.claims += other.claims
      sum.steals += other.steals
      sum.largeAllocations += other.largeAllocations
      sum.largeFrees += other.largeFrees
    }
  }

  /// Counts of one central list, or the sum over all.
  struct Central {
    /// Whole batches put into slots and taken out, and slots taken from other classes.
    var slotsIn = 0
    var slotsOut = 0
    var slotsStolen = 0
    var spansTaken = 0
    var spansReturned = 0
    var lockWaits = 0

    static func += (sum: inout Central, other: Central) {
      sum.slotsIn += other.slotsIn
      sum.slotsOut += other.slotsOut
      sum.slotsStolen += other.slotsStolen
      sum.spansTaken += other.spansTaken
      sum.spansReturned += other.spansReturned
      sum.lockWaits += other.lockWaits
    }
  }

  struct Pages {
    var growths = 0
    var splits = 0
    var merges = 0
    /// Spans whose memory went back to the system, and their pages.
    var releases = 0
    var releasedPages = 0
    var lockWaits = 0
  }

  func list(into counts: inout PoolCounts) {
    counts.add("list.misses", threads.fetches &+ threads.largeAllocations)
    counts.add("list.too-long", threads.listsTooLong)
    counts.add("thread.fetched-objects", threads.fetchedObjects)
    counts.add("thread.returned-objects", threads.returnedObjects)
    counts.add("thread.scavenges", threads.scavenges)
    counts.add("thread.claims", threads.claims)
    counts.add("thread.steals", threads.steals)
    counts.add("thread.large-allocations", threads.largeAllocations)
    counts.add("thread.large-frees", threads.largeFrees)
    counts.add("central.requests", threads.fetches)
    counts.add("central.misses", central.spansTaken)
    counts.add("central.batches-in", central.slotsIn)
    counts.add("central.batches-out", central.slotsOut)
    counts.add("central.slots-taken", central.slotsStolen)
    counts.add("central.spans-returned", central.spansReturned)
    counts.add("central.lock-waits", central.lockWaits)
    counts.add("page-heap.requests", central.spansTaken &+ threads.largeAllocations)
    counts.add("page-heap.misses", pages.growths)
    counts.add("page-heap.splits", pages.splits)
    counts.add("page-heap.merges", pages.merges)
    counts.add("page-heap.releases", pages.releases)
    counts.add("page-heap.released-pages", pages.releasedPages)
    counts.add("page-heap.lock-waits", pages.lockWaits)
  }
}
