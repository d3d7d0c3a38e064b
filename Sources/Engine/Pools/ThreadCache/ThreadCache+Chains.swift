import CPlatform
import Synchronization

/// The slow paths of a thread's cache: what happens when a list is empty or full.
extension ThreadCacheRef {
  /// An object of a class whose list is empty; nil when out of memory.
  ///
  /// The thread's second chain comes first, then untouched objects it holds already, then the central list, with a
  /// limit that each trip doubles up to the batch.
  @inline(never)
  func refill(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
    if isNone {
      guard let cache = attachLate() else { return nil }
      // Its own again, if it was taken and put back: not empty then.
      return cache.list(sizeClass).pop() ?? cache.refill(sizeClass)
    }
    let list = list(sizeClass)
    let reserve = reserve(sizeClass)
    state.pointee.statistics.refills &+= 1
    if let second = reserve.pointee.second {
      state.pointee.statistics.secondChains &+= 1
      let count = reserve.pointee.secondCount
      reserve.pointee.second = nil
      reserve.pointee.secondCount = 0
      return adopt(list, second, Int(count))
    }
    if reserve.pointee.runCount == 0 {
      growLimit(sizeClass)
      let count = max(Int(list.pointee.limit), 1)
      var chain = heap.central(sizeClass).fetch(count)
      if chain.head == nil {
        reclaim()
        chain = heap.central(sizeClass).fetch(count)
      }
      guard let head = chain.head else { return nil }
      state.pointee.statistics.fetches &+= 1
      state.pointee.statistics.fetchedObjects &+= chain.count
      guard chain.isRun else { return adopt(list, head, chain.count) }
      reserve.pointee.run = head
      reserve.pointee.runCount = Int32(truncatingIfNeeded: chain.count)
    }
    return carve(sizeClass)
  }

  /// Makes a chain the empty list's own, less its first object, which is returned.
  private func adopt(
    _ list: UnsafeMutablePointer<FreeList>, _ head: UnsafeMutableRawPointer, _ count: Int
  ) -> UnsafeMutableRawPointer {
    list.pointee.head = head.link
    list.pointee.room = list.pointee.limit &- Int32(truncatingIfNeeded: count &- 1)
    return head
  }

  /// Links the next few objects of the class's run: no more than half a page at once, so that memory is touched
  /// shortly before its use.
  private func carve(_ sizeClass: Int) -> UnsafeMutableRawPointer {
    let reserve = reserve(sizeClass)
    let size = Int(reserve.pointee.objectSize)
    let count = min(Int(reserve.pointee.runCount), max(Page.size / 2 / size, 1))
    let head = reserve.pointee.run.unsafelyUnwrapped
    reserve.pointee.run = head + count &* size
    reserve.pointee.runCount &-= Int32(truncatingIfNeeded: count)
    state.pointee.statistics.carves &+= 1
    head.linkRun(count: count, size: size)
    return adopt(list(sizeClass), head, count)
  }

  /// Takes an object of a class whose list is full, or that is the one freed last.
  func overflow(_ sizeClass: Int, _ object: UnsafeMutableRawPointer) {
    let list = list(sizeClass)
    if list.pointee.head == object { pb_fail_pointer("an object was freed twice", object) }
    state.pointee.statistics.overflows &+= 1
    growLimit(sizeClass)
    if list.pointee.room <= 0 {
      if list.pointee.limit <= 0 {
        object.link = nil
        return give(sizeClass, object, 1)
      }
      makeRoom(sizeClass)
    }
    object.link = list.pointee.head
    list.pointee.head = object
    list.pointee.room &-= 1
  }

  /// Objects that one call puts into their spans while nobody else wants any: with more, every hundredth free of a heap
  /// that drains would take longer than other allocators' do, with fewer the calls cost more than what they do.
  static var spillCount: Int { 8 }

  /// Makes a full list take more objects: it becomes the second chain, if the central list has room for the one before,
  /// or loses the objects that were freed last.
  private func makeRoom(_ sizeClass: Int) {
    let list = list(sizeClass)
    let reserve = reserve(sizeClass)
    if let second = reserve.pointee.second {
      let count = Int(reserve.pointee.secondCount)
      if count == Int(reserve.pointee.batch) {
        let few = min(Self.spillCount, list.pointee.count)
        guard heap.central(sizeClass).takeWhole(second, orFrom: &list.pointee.head, few) else {
          noteReturn(few)
          list.pointee.room &+= Int32(truncatingIfNeeded: few)
          return
        }
        noteReturn(count)
      } else {
        // Of the slow start.
        give(sizeClass, second, count, keepsChain: false)
      }
    }
    reserve.pointee.second = list.pointee.head
    reserve.pointee.secondCount = Int32(truncatingIfNeeded: list.pointee.count)
    list.pointee.head = nil
    list.pointee.room = list.pointee.limit
  }

  private func give(_ sizeClass: Int, _ head: UnsafeMutableRawPointer?, _ count: Int, keepsChain: Bool = true) {
    guard head != nil else { return }
    noteReturn(count)
    var rest = head
    if keepsChain, count == Int(reserve(sizeClass).pointee.batch) {
      _ = heap.central(sizeClass).takeWhole(head, orFrom: &rest, count)
    } else {
      heap.central(sizeClass).take(&rest, count)
    }
  }

  private func noteReturn(_ count: Int) {
    state.pointee.statistics.returns &+= 1
    state.pointee.statistics.returnedObjects &+= count
  }

  /// Gives all of one class to the central list.
  func flush(_ sizeClass: Int, keepsChains: Bool = true) {
    let list = list(sizeClass)
    let reserve = reserve(sizeClass)
    give(sizeClass, list.pointee.head, list.pointee.count, keepsChain: keepsChains)
    give(sizeClass, reserve.pointee.second, Int(reserve.pointee.secondCount), keepsChain: keepsChains)
    list.pointee.head = nil
    list.pointee.room = list.pointee.limit
    reserve.pointee.second = nil
    reserve.pointee.secondCount = 0
    if reserve.pointee.runCount > 0, let run = reserve.pointee.run {
      let count = Int(reserve.pointee.runCount)
      run.linkRun(count: count, size: Int(reserve.pointee.objectSize))
      reserve.pointee.run = nil
      reserve.pointee.runCount = 0
      give(sizeClass, run, count, keepsChain: keepsChains)
    }
  }

  /// Out of memory: takes free objects out of this thread's and the central lists' chains and makes all free spans of
  /// one kind, so that neighbours merge and can serve other sizes.
  func reclaim() {
    flush()
    for sizeClass in 1..<SizeClass.count { heap.central(sizeClass).flush() }
    heap.pointee.pageHeap.purge()
  }

  /// Gives all objects to the central lists, as whole chains where it may and can.
  func flush(keepsChains: Bool = true) {
    for sizeClass in 1..<SizeClass.count { flush(sizeClass, keepsChains: keepsChains) }
  }
}
