import CPlatform
import Synchronization

/// A thread's cache: the first tier. A handle of its memory, whose layout this is:
///
/// ```
///    0  FreeList × 114    what allocate and free touch, 16 bytes a class; class 0 stays empty without room
/// 1824  class byte map    base address, for free
/// 1832  heap              address
/// 1840  UInt8    × 1025   class of a size, for allocate
/// 2872  Atomic<Bool>      whether a sized free must look up the page after all
/// 2880  ReserveList × 114 what the slow paths touch
/// 6528  ThreadLinks       what other threads may change
/// 6592  ThreadState       capacity, counts
/// ```
/// A class's objects are in two chains, as in the magazines of Bonwick and Adams ("Magazines and Vmem", 2001): frees
/// go to the first; when it is full it becomes the second, and the old second goes to the central list whole. Thus
/// no list is ever walked to cut it, and no counter but `room` is touched on the fast path. Where the central list has
/// no room for a chain, a few objects are *spilled* into their spans: those freed last, which are in the processor's
/// caches, while a chain that waited misses them with each object.
///
/// All-zero bytes are a valid cache in which every list is empty and has no room: a thread that has no cache takes the
/// slow path by itself, without a test. There is one such for each heap, and `pb_no_cache` for threads without a heap.
struct ThreadCacheRef: Equatable {
  let raw: UnsafeMutableRawPointer

  /// The hot part of a class.
  struct FreeList {
    var head: UnsafeMutableRawPointer?
    /// Objects that may still be freed here: `limit` less the chain's length. Negative where a chain is longer.
    var room: Int32
    /// Most objects in one chain now; grows from 0 to the class's batch.
    var limit: Int32

    var count: Int { Int(limit &- room) }
  }

  /// The cold part of a class.
  struct ReserveList {
    var second: UnsafeMutableRawPointer?
    var secondCount: Int32
    /// Objects side by side that nobody has touched yet.
    var runCount: Int32
    var run: UnsafeMutableRawPointer?
    /// Of the class: most objects in a chain, and bytes of one.
    var batch: Int32
    var objectSize: Int32
  }

  static var classesOffset: Int { 1824 }
  static var heapOffset: Int { 1832 }
  static var tableOffset: Int { 1840 }
  static var inexactOffset: Int { 2872 }
  static var reserveOffset: Int { 2880 }
  static var linksOffset: Int { 6528 }
  static var stateOffset: Int { 6592 }
  static var byteCount: Int { Int(PB_NO_CACHE_BYTES) }

  @inline(__always)
  func list(_ sizeClass: Int) -> UnsafeMutablePointer<FreeList> {
    (raw + sizeClass &<< 4).assumingMemoryBound(to: FreeList.self)
  }
  func reserve(_ sizeClass: Int) -> UnsafeMutablePointer<ReserveList> {
    (raw + (Self.reserveOffset &+ sizeClass &<< 5)).assumingMemoryBound(to: ReserveList.self)
  }
  var links: UnsafeMutablePointer<ThreadLinks> {
    (raw + Self.linksOffset).assumingMemoryBound(to: ThreadLinks.self)
  }
  var state: UnsafeMutablePointer<ThreadState> {
    (raw + Self.stateOffset).assumingMemoryBound(to: ThreadState.self)
  }
  var heap: ThreadHeapRef { heapIfAny.unsafelyUnwrapped }
  /// As `heap`, nil for threads that have had none.
  var heapIfAny: ThreadHeapRef? {
    raw.load(fromByteOffset: Self.heapOffset, as: ThreadHeapRef?.self)
  }
  @inline(__always)
  var classes: UnsafePointer<UInt8> {
    raw.load(fromByteOffset: Self.classesOffset, as: UnsafePointer<UInt8>.self)
  }
  /// Whether some object is in another class than its size's. Set for all threads before the first such object leaves
  /// its allocation, so that whoever is handed it sees this.
  @inline(__always)
  var inexact: UnsafeMutablePointer<Atomic<Bool>> {
    (raw + Self.inexactOffset).assumingMemoryBound(to: Atomic<Bool>.self)
  }
  /// Whether this stands for a thread without a cache.
  var isNone: Bool { reserve(1).pointee.batch == 0 }

  /// The list for a size of at most ``SizeClass/largestTableSize``.
  @inline(__always)
  func smallList(_ size: Int) -> UnsafeMutablePointer<FreeList> {
    list(Int(raw.load(fromByteOffset: Self.tableOffset &+ size, as: UInt8.self)))
  }

  /// Makes zeroed memory stand for threads of the heap without a cache.
  func initializeAsNone(heap: ThreadHeapRef) {
    raw.storeBytes(of: heap, toByteOffset: Self.heapOffset, as: ThreadHeapRef.self)
    raw.storeBytes(
      of: UnsafePointer(heap.pointee.map.classes), toByteOffset: Self.classesOffset, as: UnsafePointer<UInt8>.self)
  }

  /// Lays out zeroed memory as a cache of the heap.
  func initialize(heap: ThreadHeapRef) {
    initializeAsNone(heap: heap)
    for size in 0...SizeClass.largestTableSize {
      let index = UInt8(truncatingIfNeeded: SizeClass(fitting: size).index)
      raw.storeBytes(of: index, toByteOffset: Self.tableOffset &+ size, as: UInt8.self)
    }
    for index in 1..<SizeClass.count {
      let facts = heap.central(index).pointee.facts
      reserve(index).pointee.batch = facts.batch
      reserve(index).pointee.objectSize = facts.objectSize
    }
    inexact.initialize(to: Atomic(false))
    links.initialize(to: ThreadLinks())
    state.initialize(to: ThreadState())
  }
}

/// The part of a thread's cache that other threads may change, under the heap's lock.
struct ThreadLinks: ~Copyable {
  /// The heap's ring of attached caches; in a free cache `next` links the spare ones.
  var next: ThreadCacheRef?
  var previous: ThreadCacheRef?
  /// Bytes that the limits may allow to be cached; the owner reads it without the lock.
  let budget = Atomic<Int>(0)
  /// Where the thread finds its cache; nil where it can't be taken away, since the thread keeps its address elsewhere.
  var seat: UnsafeMutablePointer<pb_cache_seat>?
  /// The clock of the thread's processor time, and what it showed last.
  var clock: Int32 = 0
  var time: UInt64 = 0
  /// Whether it is about to be taken away.
  var isWanted = false
}

/// The part of a thread's cache that its own slow paths use.
struct ThreadState {
  /// Bytes that the limits allow: the sum of 2 × limit × object size.
  var capacity = 0
  /// The class that is shrunk next for another one.
  var cursor = 1
  /// Misses, counted as refills and overflows, from which on the thread may ask for more budget.
  var nextClaim = ThreadState.missesPerClaim
  var statistics = ThreadStatistics()

  /// What every thread may have, whatever the others do.
  static var leastBudget: Int { 32 << 10 }
  /// Misses between two claims: a busy thread has them within some 50 µs, one that does little never grows large.
  static var missesPerClaim: Int { 1024 }
  /// Steps in which budget is claimed, from `kStealAmount` of gperftools.
  static var claim: Int { 64 << 10 }
  /// All threads together, from `kDefaultOverallThreadCacheSize`.
  static var overallBudget: Int { 32 << 20 }
}
