import CPlatform
import Synchronization

/// The slow paths of a thread's cache: what happens when a stack is empty or full.
extension ThreadCacheRef {
  /// An object of a class whose stack is empty; nil when out of memory.
  ///
  /// They come from the central list, so many at a time as the limit says, which each trip doubles up to the batch.
  @inline(never)
  func refill(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
    if isNone {
      guard let cache = attachLate() else { return nil }
      // Its own again, if it was taken and put back: not empty then.
      return cache.pop(cache.list(sizeClass)) ?? cache.refill(sizeClass)
    }
    state.pointee.statistics.refills &+= 1
    growLimit(sizeClass)
    let wanted = max(Int(classState(sizeClass).pointee.limit), 1)
    let slots = slots(sizeClass)
    var count = heap.central(sizeClass).fetch(into: slots, wanted, for: self)
    if count == 0 {
      reclaim()
      count = heap.central(sizeClass).fetch(into: slots, wanted, for: self)
      if count == 0 { return nil }
    }
    state.pointee.statistics.fetches &+= 1
    state.pointee.statistics.fetchedObjects &+= count
    setCount(sizeClass, count &- 1)
    return slots[count &- 1]
  }

  /// Takes an object of a class whose stack is full, or that is the one freed last.
  func overflow(_ sizeClass: Int, _ object: UnsafeMutableRawPointer) {
    let slots = slots(sizeClass)
    let count = count(sizeClass)
    if count > 0, slots[count &- 1] == object { pb_fail_pointer("an object was freed twice", object) }
    state.pointee.statistics.overflows &+= 1
    growLimit(sizeClass)
    let limit = Int(classState(sizeClass).pointee.limit)
    if limit == 0, count == 0 {
      slots[0] = object
      noteReturn(1)
      return heap.central(sizeClass).take(slots, 1)
    }
    let left = count < limit &* 2 ? count : makeRoom(sizeClass, count)
    slots[left] = object
    setCount(sizeClass, left &+ 1)
  }

  /// Objects that one call puts into their spans while nobody else wants any: with more, every hundredth free of a heap
  /// that drains would take longer than other allocators' do, with fewer the calls cost more than what they do.
  static var spillCount: Int { 8 }

  /// Takes the oldest batch of a full stack, if the central list has room for it, or else the few objects that were freed
  /// last, half of the stack at most. - Returns: how many objects are left.
  private func makeRoom(_ sizeClass: Int, _ count: Int) -> Int {
    let slots = slots(sizeClass)
    let batch = Int(classState(sizeClass).pointee.batch)
    let few = min(Self.spillCount, (count &+ 1) / 2)
    let latest = slots + (count &- few)
    if count < batch {
      // Of the slow start.
      heap.central(sizeClass).take(latest, few)
    } else if heap.central(sizeClass).takeBatch(slots, orFew: latest, few, of: self) {
      noteReturn(batch)
      slots.update(from: slots + batch, count: count &- batch)
      return count &- batch
    }
    noteReturn(few)
    return count &- few
  }

  private func noteReturn(_ count: Int) {
    state.pointee.statistics.returns &+= 1
    state.pointee.statistics.returnedObjects &+= count
  }

  /// Gives all of one class to the central list, as whole batches where it may and can.
  func flush(_ sizeClass: Int, keepsBatches: Bool = true) {
    let slots = slots(sizeClass)
    let batch = Int(classState(sizeClass).pointee.batch)
    var count = count(sizeClass)
    while count > 0 {
      let part = min(count, batch)
      count &-= part
      noteReturn(part)
      if keepsBatches, part == batch {
        _ = heap.central(sizeClass).takeBatch(slots + count, orFew: slots + count, part, of: self)
      } else {
        heap.central(sizeClass).take(slots + count, part)
      }
    }
    setCount(sizeClass, 0)
  }

  /// Out of memory: takes free objects out of this thread's stacks and the central lists' batches and makes all free
  /// spans of one kind, so that neighbours merge and can serve other sizes.
  func reclaim() {
    flush()
    for sizeClass in 1..<SizeClass.count { heap.central(sizeClass).flush() }
    heap.pointee.pageHeap.purge()
  }

  /// Gives all objects to the central lists, as whole batches where it may and can.
  func flush(keepsBatches: Bool = true) {
    for sizeClass in 1..<SizeClass.count { flush(sizeClass, keepsBatches: keepsBatches) }
  }
}
