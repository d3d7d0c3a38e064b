import Synchronization

/// What a thread's cache does when a list is empty or too long, or all lists together hold too much.
extension TierCacheRef {
  /// An object of a class whose list is empty; nil when out of memory. The rest of what is fetched becomes the list.
  @inline(never)
  func fetch(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
    let list = list(sizeClass)
    let batch = list.pointee.batch
    let chain = heap.central(sizeClass).fetch(Int(min(list.pointee.maxLength, batch)))
    guard let object = chain.head else { return nil }
    state.pointee.statistics.fetches &+= 1
    state.pointee.statistics.fetchedObjects &+= chain.count
    list.pointee.head = object.link
    list.pointee.length = Int32(truncatingIfNeeded: chain.count &- 1)
    if Profile.keepsBudget { cachedBytes.pointee &+= (chain.count &- 1) &* Int(list.pointee.objectSize) }
    growSlowly(list)
    return object
  }

  /// Slow start: one more up to the batch; beyond it by batches, where lists give back less than they hold.
  private func growSlowly(_ list: UnsafeMutablePointer<TierList>) {
    let batch = list.pointee.batch
    if list.pointee.maxLength < batch || Profile.returnsWholeList && list.pointee.maxLength == batch {
      list.pointee.maxLength &+= 1
    } else if !Profile.returnsWholeList {
      let longer = min(list.pointee.maxLength &+ batch, GperfProfile.longestList)
      list.pointee.maxLength = longer &- longer % batch
    }
  }

  /// After a free: the list is too long, or the thread caches too much.
  @inline(never)
  func giveBack(_ sizeClass: Int) {
    let list = list(sizeClass)
    if Profile.returnsWholeList {
      state.pointee.statistics.listsTooLong &+= 1
      return giveBack(sizeClass, Int(list.pointee.maxLength))
    }
    if list.pointee.length > list.pointee.maxLength {
      state.pointee.statistics.listsTooLong &+= 1
      let batch = list.pointee.batch
      giveBack(sizeClass, Int(batch))
      if list.pointee.maxLength < batch {
        list.pointee.maxLength &+= 1
      } else if list.pointee.maxLength > batch {
        list.pointee.overages &+= 1
        if list.pointee.overages > GperfProfile.mostOverages {
          list.pointee.maxLength &-= batch
          list.pointee.overages = 0
        }
      }
    }
    if cachedBytes.pointee > budget.pointee.load(ordering: .relaxed) { scavenge() }
  }

  /// Gives up to `count` objects of a list to the central one, a batch at a time.
  private func giveBack(_ sizeClass: Int, _ count: Int) {
    let list = list(sizeClass)
    var left = min(count, Int(list.pointee.length))
    state.pointee.statistics.returnedObjects &+= left
    if Profile.keepsBudget { cachedBytes.pointee &-= left &* Int(list.pointee.objectSize) }
    while left > 0 {
      // One list's worth at once where the list is what is given back.
      let taken = Profile.returnsWholeList ? left : min(left, Int(list.pointee.batch))
      left &-= taken
      heap.central(sizeClass).take(pop(list, taken))
    }
  }

  /// The first `count` ≥ 1 objects, which the list has.
  private func pop(_ list: UnsafeMutablePointer<TierList>, _ count: Int) -> Chain {
    let head = list.pointee.head.unsafelyUnwrapped
    var last = head
    for _ in 1..<count { last = last.link.unsafelyUnwrapped }
    list.pointee.head = last.link
    last.link = nil
    list.pointee.length &-= Int32(truncatingIfNeeded: count)
    list.pointee.lowWater = min(list.pointee.lowWater, list.pointee.length)
    return Chain(head: head, count: count)
  }

  /// Too much is cached: half of what no list needed since the last time goes, then the budget grows if it can.
  func scavenge() {
    state.pointee.statistics.scavenges &+= 1
    for sizeClass in 1..<heap.state.pointee.classCount {
      let list = list(sizeClass)
      let lowWater = list.pointee.lowWater
      if lowWater > 0 {
        giveBack(sizeClass, lowWater > 1 ? Int(lowWater / 2) : 1)
        let batch = list.pointee.batch
        if list.pointee.maxLength > batch { list.pointee.maxLength = max(list.pointee.maxLength &- batch, batch) }
      }
      list.pointee.lowWater = list.pointee.length
    }
    switch heap.raiseBudget(of: self) {
    case .claimed: state.pointee.statistics.claims &+= 1
    case .stolen: state.pointee.statistics.steals &+= 1
    case .refused: break
    }
  }

  /// Gives all objects to the central lists.
  func flush() {
    for sizeClass in 1..<heap.state.pointee.classCount {
      giveBack(sizeClass, Int(list(sizeClass).pointee.length))
    }
  }

  /// As a thread begins.
  func resetLists() {
    for sizeClass in 1..<heap.state.pointee.classCount {
      let list = list(sizeClass)
      list.pointee.maxLength = 1
      list.pointee.lowWater = 0
      list.pointee.overages = 0
    }
  }
}
