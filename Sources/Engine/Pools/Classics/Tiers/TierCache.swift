import CPlatform
import Synchronization

/// A thread's cache, the first tier: a free list for each class. A handle of its memory, whose layout this is:
///
/// ```
///   0  root of the page map | 8 table of classes | 16 cached bytes | 24 Atomic<Int>: budget
///  64  TierList × classes   32 bytes each; class 0 stays empty
///   …  TierCacheState       what the slow paths touch
/// ```
struct TierCacheRef<Profile: TierProfile> {
  let raw: UnsafeMutableRawPointer

  private static var listsOffset: Int { 64 }
  private static var stateOffset: Int { listsOffset + Profile.classLimit * MemoryLayout<TierList>.stride }
  static var byteCount: Int { (stateOffset + MemoryLayout<TierCacheState>.size + 127) & ~127 }

  private var root: UnsafeMutablePointer<TierPageMap.Leaf?> {
    @inline(__always) get { raw.load(as: UnsafeMutablePointer<TierPageMap.Leaf?>.self) }
  }
  private var table: UnsafePointer<UInt8> {
    @inline(__always) get { raw.load(fromByteOffset: 8, as: UnsafePointer<UInt8>.self) }
  }
  var cachedBytes: UnsafeMutablePointer<Int> {
    @inline(__always) get { (raw + 16).assumingMemoryBound(to: Int.self) }
  }
  /// Other threads may take of it, under the heap's lock.
  var budget: UnsafeMutablePointer<Atomic<Int>> {
    @inline(__always) get { (raw + 24).assumingMemoryBound(to: Atomic<Int>.self) }
  }
  @inline(__always)
  func list(_ sizeClass: Int) -> UnsafeMutablePointer<TierList> {
    (raw + (Self.listsOffset &+ sizeClass &<< 5)).assumingMemoryBound(to: TierList.self)
  }
  var state: UnsafeMutablePointer<TierCacheState> {
    (raw + Self.stateOffset).assumingMemoryBound(to: TierCacheState.self)
  }
  var heap: TierHeapRef<Profile> { TierHeapRef(raw: state.pointee.heap) }

  /// Lays out zeroed memory.
  func initialize(_ heap: TierHeapRef<Profile>) {
    raw.storeBytes(of: heap.state.pointee.map.root, as: UnsafeMutablePointer<TierPageMap.Leaf?>.self)
    raw.storeBytes(of: heap.state.pointee.table, toByteOffset: 8, as: UnsafePointer<UInt8>.self)
    budget.initialize(to: Atomic(0))
    for index in 1..<heap.state.pointee.classCount {
      let facts = heap.central(index).state.pointee.facts
      list(index).initialize(to: TierList(objectSize: facts.objectSize, batch: facts.batch))
    }
    state.initialize(to: TierCacheState(heap: heap.raw))
  }

  // MARK: Allocation

  /// At least `size` bytes; nil when out of memory. Negative sizes are taken for what they are unsigned: too large.
  @inline(__always)
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(Tiers.largestSmall) else { return allocateLarge(size, alignment: 1) }
    return allocate(sizeClass: Profile.sizeClass(of: size, table: table))
  }

  @inline(__always)
  func allocate(sizeClass: Int) -> UnsafeMutableRawPointer? {
    let list = list(sizeClass)
    guard let object = list.pointee.head else { return fetch(sizeClass) }
    list.pointee.head = object.link
    let length = list.pointee.length &- 1
    list.pointee.length = length
    if Profile.keepsBudget {
      if length < list.pointee.lowWater { list.pointee.lowWater = length }
      cachedBytes.pointee &-= Int(list.pointee.objectSize)
    }
    return object
  }

  @inline(never)
  private func allocateLarge(_ size: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    guard size >= 0, size <= Tiers.largestRequest, alignment <= Tiers.largestRequest else { return nil }
    state.pointee.statistics.largeAllocations &+= 1
    return heap.pages.allocateLarge(max(Page.count(of: size), 1), alignment: alignment)?.pointee.address
  }

  /// As `allocate`, all bytes zero.
  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size) else { return nil }
    pb_zero(object, size)
    return object
  }

  /// As `allocate`, at a multiple of `alignment`, a power of two: from the first class whose objects all are so, else
  /// whole pages. Spans begin at pages.
  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    if alignment <= 8 { return allocate(size) }
    if alignment <= Page.size, UInt(bitPattern: size) <= UInt(Tiers.largestSmall) {
      var sizeClass = Profile.sizeClass(of: size, table: table)
      while sizeClass < heap.state.pointee.classCount {
        if Int(list(sizeClass).pointee.objectSize) & (alignment &- 1) == 0 { return allocate(sizeClass: sizeClass) }
        sizeClass &+= 1
      }
    }
    return allocateLarge(size, alignment: alignment)
  }

  // MARK: Freeing

  /// Frees an object of this heap, whichever thread allocated it.
  @inline(__always)
  func free(_ object: UnsafeMutableRawPointer) {
    guard let span = TierPageMap.span(of: object, root: root), span.pointee.sizeClass != 0 else {
      return freeLarge(object)
    }
    let sizeClass = Int(span.pointee.sizeClass)
    let list = list(sizeClass)
    object.link = list.pointee.head
    list.pointee.head = object
    let length = list.pointee.length &+ 1
    list.pointee.length = length
    if Profile.keepsBudget {
      let bytes = cachedBytes.pointee &+ Int(list.pointee.objectSize)
      cachedBytes.pointee = bytes
      if length > list.pointee.maxLength || bytes > budget.pointee.load(ordering: .relaxed) {
        giveBack(sizeClass)
      }
    } else if length >= list.pointee.maxLength {
      giveBack(sizeClass)
    }
  }

  @inline(never)
  private func freeLarge(_ object: UnsafeMutableRawPointer) {
    guard let span = heap.state.pointee.map.span(at: Page.index(of: object)), span.pointee.address == object,
      span.pointee.state == .large || span.pointee.state == .direct
    else { pb_fail_pointer("not an object of this heap, or freed before", object) }
    state.pointee.statistics.largeFrees &+= 1
    heap.pages.freeLarge(span)
  }

  /// Resizes an object; nil, the object unchanged, when out of memory.
  ///
  /// As gperftools: it moves when it grows, then to a quarter more than it had if that is more than asked for, and when
  /// it shrinks to less than half.
  func resize(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    guard size >= 0, size <= Tiers.largestRequest else { return nil }
    let usable = heap.usableSize(object)
    if size <= usable, size >= usable / 2 { return object }
    let generous = usable &+ usable / 4
    let grown = size > usable && size < generous ? allocate(generous) : nil
    guard let moved = grown ?? allocate(size) else { return nil }
    pb_copy(moved, object, min(usable, size))
    free(object)
    return moved
  }
}

/// A thread's free objects of one class.
struct TierList {
  var head: UnsafeMutableRawPointer?
  var length: Int32 = 0
  /// Longer, and objects go to the central list; at the beginning 1.
  var maxLength: Int32 = 1
  /// Shortest since the last scavenge.
  var lowWater: Int32 = 0
  /// Times that it was too long in spite of a `maxLength` above the batch.
  var overages: Int32 = 0
  let objectSize: Int32
  let batch: Int32

  init(objectSize: Int32, batch: Int32) {
    self.objectSize = objectSize
    self.batch = batch
  }
}

/// The part of a thread's cache that its slow paths use.
struct TierCacheState {
  let heap: UnsafeMutableRawPointer
  /// Whether a thread has it. Under the heap's lock.
  var isAttached = false
  var statistics = TierStatistics.Threads()

  init(heap: UnsafeMutableRawPointer) { self.heap = heap }
}
