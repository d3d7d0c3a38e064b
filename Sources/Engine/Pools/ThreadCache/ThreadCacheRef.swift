import CPlatform
import Synchronization

/// A thread's cache: the first tier. A handle of its memory, whose layout this is:
///
/// ```
///    0  FreeList × 114    what allocate and free touch, 8 bytes a class; class 0 stays empty without room
///  912  class byte map    base address, for free
///  920  heap              address
///  928  UInt8    × 1025   class of a size, for allocate
/// 1953  Atomic<Bool>      whether a sized free must look up the page after all
/// 1984  ClassState × 114  what the slow paths touch
/// 3840  ThreadLinks       what other threads may change
/// 3904  ThreadState       capacity, counts
/// 4096  slots             nil, then two batches of addresses, for each class
/// ```
/// A class's free objects are a stack of addresses, as in the per-processor caches of tcmalloc, not a list through the
/// objects: to be allocated and to be freed an object need not be touched. Where its memory is far away, in another
/// processor's cache or in none, its first user waits for it, and can do other things meanwhile; a list's next pop waits
/// for the link before anything else can happen.
///
/// ```
/// nil | oldest … 64 | … | latest |    |    |
///  ^ base                 ^ top           ^ end
/// ```
/// The `nil` below tells an empty stack from another without a count. A full stack gives its oldest batch to the central
/// list, or, where that has no room, *spills* a few of its latest objects into their spans.
///
/// All-zero bytes are a valid cache in which every stack is empty and has no room, for offset 0 holds a nil: a thread
/// that has no cache takes the slow path by itself, without a test. There is one such for each heap, and `pb_no_cache`
/// for threads without a heap.
struct ThreadCacheRef: Equatable {
  let raw: UnsafeMutableRawPointer

  /// The hot part of a class: offsets from the cache's beginning.
  struct FreeList {
    /// Of the slot with the latest object; of the nil below the slots when empty.
    var top: UInt32
    /// Of the last slot that may be used. Below `top` where the stack is longer than it may be now.
    var end: UInt32
  }

  /// The cold part of a class.
  struct ClassState {
    /// Offset of the nil below the slots.
    var base: UInt32
    /// Most objects fetched at once now, and half of those kept; grows from 0 to the class's batch.
    var limit: Int32
    /// Of the class: most objects that move at once, and bytes of one.
    var batch: Int32
    var objectSize: Int32
  }

  typealias Slots = UnsafeMutablePointer<UnsafeMutableRawPointer?>

  static var classesOffset: Int { 912 }
  static var heapOffset: Int { 920 }
  static var tableOffset: Int { 928 }
  static var inexactOffset: Int { 1953 }
  static var stateOfClassesOffset: Int { 1984 }
  static var linksOffset: Int { 3840 }
  static var stateOffset: Int { 3904 }
  static var slotsOffset: Int { 4096 }
  static var slotSize: Int { MemoryLayout<UnsafeRawPointer>.size }

  /// Of a whole cache; one that stands for none ends before the slots. O(classes).
  static var byteCount: Int {
    var bytes = slotsOffset
    for index in 1..<SizeClass.count { bytes += slotBytes(SizeClass(index: index).batch) }
    return bytes
  }
  private static func slotBytes(_ batch: Int) -> Int { (1 + 2 * batch) * slotSize }

  @inline(__always)
  func list(_ sizeClass: Int) -> UnsafeMutablePointer<FreeList> {
    (raw + sizeClass &<< 3).assumingMemoryBound(to: FreeList.self)
  }
  func classState(_ sizeClass: Int) -> UnsafeMutablePointer<ClassState> {
    (raw + (Self.stateOfClassesOffset &+ sizeClass &<< 4)).assumingMemoryBound(to: ClassState.self)
  }
  /// A class's slots, the oldest object's first.
  func slots(_ sizeClass: Int) -> Slots {
    (raw + (Int(classState(sizeClass).pointee.base) &+ Self.slotSize))
      .assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
  /// Objects in a class's stack.
  func count(_ sizeClass: Int) -> Int {
    (Int(list(sizeClass).pointee.top) &- Int(classState(sizeClass).pointee.base)) / Self.slotSize
  }
  /// Notes that a class's stack has `count` objects.
  func setCount(_ sizeClass: Int, _ count: Int) {
    list(sizeClass).pointee.top =
      classState(sizeClass).pointee.base &+ UInt32(truncatingIfNeeded: count &* Self.slotSize)
  }
  /// Lets a class's stack have two times `limit` objects.
  func setLimit(_ sizeClass: Int, _ limit: Int32) {
    let state = classState(sizeClass)
    state.pointee.limit = limit
    list(sizeClass).pointee.end = state.pointee.base &+ UInt32(bitPattern: limit &* 2) &* UInt32(Self.slotSize)
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
  var isNone: Bool { classState(1).pointee.batch == 0 }

  /// The stack for a size of at most ``SizeClass/largestTableSize``.
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

  /// Gives the slots' memory back to the system, while the stacks are empty. Zeros are what they begin with.
  func discardSlots() {
    // The cache begins at a page; of larger pages than 4 KiB the first also holds what is before the slots.
    let mask = Int(pb_page_size()) &- 1
    let start = (Self.slotsOffset &+ mask) & ~mask
    if start < Self.byteCount { pb_discard(raw + start, Self.byteCount &- start) }
  }

  /// Lays out zeroed memory as a cache of the heap.
  func initialize(heap: ThreadHeapRef) {
    initializeAsNone(heap: heap)
    for size in 0...SizeClass.largestTableSize {
      let index = UInt8(truncatingIfNeeded: SizeClass(fitting: size).index)
      raw.storeBytes(of: index, toByteOffset: Self.tableOffset &+ size, as: UInt8.self)
    }
    var base = Self.slotsOffset
    for index in 1..<SizeClass.count {
      let facts = heap.central(index).pointee.facts
      classState(index).initialize(
        to: ClassState(
          base: UInt32(truncatingIfNeeded: base), limit: 0, batch: facts.batch, objectSize: facts.objectSize))
      setCount(index, 0)
      setLimit(index, 0)
      base &+= Self.slotBytes(Int(facts.batch))
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

  /// What every thread may have, whatever the others do; of one that does nothing it is taken away.
  static var leastBudget: Int { 128 << 10 }
  /// Misses between two claims: a busy thread has them within some 20 µs, one that does little never grows large.
  static var missesPerClaim: Int { 256 }
  /// Steps in which budget is claimed, from `kStealAmount` of gperftools.
  static var claim: Int { 64 << 10 }
  /// All threads together, from `kDefaultOverallThreadCacheSize`.
  static var overallBudget: Int { 32 << 20 }
}
