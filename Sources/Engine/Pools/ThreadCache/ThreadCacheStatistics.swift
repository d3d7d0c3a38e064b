/// What the tiers did, counted on slow paths alone: a hit in a thread's own list counts nothing, so hits are the
/// operations less `refills` and `overflows`.
struct ThreadCacheStatistics: Equatable {
  var threads = ThreadStatistics()
  var central = CentralStatistics()
  var pageHeap = PageHeapStatistics()
  /// Caches taken from threads that were idle.
  var revocations = 0
}

/// Counts of one thread, or the sum over threads.
struct ThreadStatistics: Equatable {
  /// Allocations that found their list empty, and frees that found it full.
  var refills = 0
  var overflows = 0
  /// Trips to the central list for objects, and with objects; and the objects moved.
  var fetches = 0
  var fetchedObjects = 0
  var returns = 0
  var returnedObjects = 0
  /// Times a thread got more budget, took it from another thread, or shrank a class of its own for another.
  var claims = 0
  var steals = 0
  var shrinks = 0
  /// Large and huge objects.
  var largeAllocations = 0
  var largeFrees = 0

  static func += (sum: inout ThreadStatistics, other: ThreadStatistics) {
    sum.refills += other.refills
    sum.overflows += other.overflows
    sum.fetches += other.fetches
    sum.fetchedObjects += other.fetchedObjects
    sum.returns += other.returns
    sum.returnedObjects += other.returnedObjects
    sum.claims += other.claims
    sum.steals += other.steals
    sum.shrinks += other.shrinks
    sum.largeAllocations += other.largeAllocations
    sum.largeFrees += other.largeFrees
  }
}

/// Counts of one central list, or the sum over all.
struct CentralStatistics: Equatable {
  /// Whole batches stored and handed on.
  var batchesIn = 0
  var batchesOut = 0
  /// Objects put back into their spans one by one, and taken out of spans.
  var objectsIn = 0
  var objectsOut = 0
  var spansTaken = 0
  var spansReturned = 0
  var lockWaits = 0

  static func += (sum: inout CentralStatistics, other: CentralStatistics) {
    sum.batchesIn += other.batchesIn
    sum.batchesOut += other.batchesOut
    sum.objectsIn += other.objectsIn
    sum.objectsOut += other.objectsOut
    sum.spansTaken += other.spansTaken
    sum.spansReturned += other.spansReturned
    sum.lockWaits += other.lockWaits
  }
}

struct PageHeapStatistics: Equatable {
  var splits = 0
  var merges = 0
  var grownInPlace = 0
  var regions = 0
  var hugeMappings = 0
  var mappedBytes = 0
  /// Calls that gave memory back to the system, and the pages.
  var discards = 0
  var discardedPages = 0
  /// Windows that the purging thread has ended, and pages given back by it.
  var windows = 0
  var idlePages = 0
  var lockWaits = 0
}
