import CPlatform
import Synchronization

/// A whole heap of three tiers, in one reservation. A handle of it:
///
/// ```
/// lock, TierHeapState | lock, TierPagesState | lists of free spans | table of classes
///   | lock, TierCentralState × classes | transfer slots × classes | cache × lanes
/// ```
/// Each lane has its cache from the beginning, untouched until a thread attaches, so that attaching cannot fail. The
/// heap's lock guards which caches are in use and the budget that no thread has.
struct TierHeapRef<Profile: TierProfile> {
  let raw: UnsafeMutableRawPointer

  var state: UnsafeMutablePointer<TierHeapState> {
    @inline(__always) get { raw.assumingMemoryBound(to: TierHeapState.self) }
  }
  var pages: TierPagesRef<Profile> { TierPagesRef(state: state.pointee.pages) }
  func central(_ sizeClass: Int) -> TierCentralRef<Profile> {
    let address = state.pointee.central + sizeClass &* TierCentralState.stride
    return TierCentralRef(state: address.assumingMemoryBound(to: TierCentralState.self), heap: self)
  }
  func cache(_ lane: Int) -> TierCacheRef<Profile> {
    TierCacheRef(raw: state.pointee.caches + lane &* TierCacheRef<Profile>.byteCount)
  }

  private func acquire() { _ = PrefixLock.acquire(before: raw) }
  private func release() { PrefixLock.release(before: raw) }

  // MARK: The whole

  /// Reserves a heap's address space and touches its fixed metadata; nil when the system refuses.
  static func create(lanes: Int) -> TierHeapRef? {
    var byteCount = 0
    func place(_ bytes: Int) -> Int {
      defer { byteCount += (bytes + 127) & ~127 }
      return byteCount
    }
    let heapOffset = place(PrefixLock.byteCount + MemoryLayout<TierHeapState>.size) + PrefixLock.byteCount
    let pagesOffset = place(PrefixLock.byteCount + MemoryLayout<TierPagesState>.size) + PrefixLock.byteCount
    let listsOffset = place(TierPagesState.listCount * MemoryLayout<TierSpanList>.stride)
    let tableOffset = place(Profile.tableBytes)
    let classesOffset = place(Profile.classLimit * MemoryLayout<TierClass>.stride)
    let centralOffset = place(Profile.classLimit * TierCentralState.stride) + PrefixLock.byteCount
    let slotBytes = Profile.hasTransferSlots ? TierCentralState.mostSlots * MemoryLayout<UnsafeRawPointer?>.stride : 0
    let slotsOffset = place(Profile.classLimit * slotBytes)
    let cachesOffset = place(lanes * TierCacheRef<Profile>.byteCount)

    guard let base = pb_reserve(byteCount) else { return nil }
    guard let map = TierPageMap() else {
      pb_unmap(base, byteCount)
      return nil
    }
    let lists = (base + listsOffset).bindMemory(to: TierSpanList.self, capacity: TierPagesState.listCount)
    lists.initialize(repeating: TierSpanList(), count: TierPagesState.listCount)
    let table = (base + tableOffset).bindMemory(to: UInt8.self, capacity: Profile.tableBytes)
    let classes = (base + classesOffset).bindMemory(to: TierClass.self, capacity: Profile.classLimit)
    classes.initialize(repeating: TierClass(), count: Profile.classLimit)
    let classCount = Profile.layOut(classes, table: table)
    let pages = (base + pagesOffset).bindMemory(to: TierPagesState.self, capacity: 1)
    pages.initialize(to: TierPagesState(map: map, lists: lists))
    (base + heapOffset).bindMemory(to: TierHeapState.self, capacity: 1).initialize(
      to: TierHeapState(
        map: map, table: UnsafePointer(table), pages: pages, central: base + centralOffset,
        caches: base + cachesOffset, classCount: classCount, lanes: lanes, base: base, byteCount: byteCount))
    for index in 1..<classCount {
      let slots = (base + slotsOffset + index * slotBytes).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
      (base + centralOffset + index * TierCentralState.stride).bindMemory(to: TierCentralState.self, capacity: 1)
        .initialize(to: TierCentralState(sizeClass: index, facts: classes[index], slots: slots))
    }
    return TierHeapRef(raw: base + heapOffset)
  }

  /// Unmaps everything. No thread uses the heap or an object of it any more.
  func destroy() {
    let whole = state.pointee
    whole.pages.pointee.destroy()
    pb_unmap(whole.base, whole.byteCount)
  }

  /// Bytes that the user of an object may write to.
  func usableSize(_ object: UnsafeMutableRawPointer) -> Int {
    guard let span = state.pointee.map.span(at: Page.index(of: object)) else { return 0 }
    let sizeClass = Int(span.pointee.sizeClass)
    return sizeClass == 0 ? span.pointee.byteCount : Int(central(sizeClass).state.pointee.facts.objectSize)
  }

  /// Takes a transfer slot away from some other class than `sizeClass`, the next in turn; false if that one has none
  /// to give.
  func takeSlot(from sizeClass: Int, evenFull: Bool) -> Bool {
    let turn = Int(pb_fetch_add(&state.pointee.slotTurn, 1))
    let victim = turn % (state.pointee.classCount &- 1) &+ 1
    return victim != sizeClass && central(victim).giveSlot(evenFull: evenFull)
  }

  // MARK: Threads

  /// The lane's cache, for a thread that begins.
  func attach(_ lane: Int) -> TierCacheRef<Profile> {
    let cache = cache(lane)
    acquire()
    if !state.pointee.isLaidOut(cache.raw) { cache.initialize(self) }
    cache.state.pointee.isAttached = true
    release()
    if Profile.keepsBudget, raiseBudget(of: cache) == .refused { grantLeast(cache) }
    return cache
  }

  /// Takes the cache's objects and budget back, for a thread that ends.
  func detach(_ cache: TierCacheRef<Profile>) {
    cache.flush()
    cache.resetLists()
    acquire()
    cache.state.pointee.isAttached = false
    state.pointee.unclaimed &+= cache.budget.pointee.exchange(0, ordering: .relaxed)
    release()
  }

  enum Raise { case claimed, stolen, refused }

  /// A step more budget for a thread, of what no thread has, else of the next in turn of ten that has enough of it.
  func raiseBudget(of cache: TierCacheRef<Profile>) -> Raise {
    let step = TierHeapState.budgetStep
    acquire()
    defer { release() }
    if state.pointee.unclaimed > 0 {
      state.pointee.unclaimed &-= step
      cache.budget.pointee.add(step, ordering: .relaxed)
      return .claimed
    }
    for _ in 0..<TierHeapState.victims {
      state.pointee.victim = (state.pointee.victim &+ 1) % state.pointee.lanes
      let victim = self.cache(state.pointee.victim)
      if victim.raw == cache.raw || !state.pointee.isLaidOut(victim.raw) || !victim.state.pointee.isAttached
        || victim.budget.pointee.load(ordering: .relaxed) < TierHeapState.leastBudget
      {
        continue
      }
      victim.budget.pointee.subtract(step, ordering: .relaxed)
      cache.budget.pointee.add(step, ordering: .relaxed)
      return .stolen
    }
    return .refused
  }

  /// What every thread gets, whatever the others have.
  private func grantLeast(_ cache: TierCacheRef<Profile>) {
    acquire()
    state.pointee.unclaimed &-= TierHeapState.leastBudget
    cache.budget.pointee.add(TierHeapState.leastBudget, ordering: .relaxed)
    release()
  }

  /// A sum over all tiers and threads. Exact while no other thread uses the heap.
  func statistics() -> TierStatistics {
    var sum = TierStatistics()
    for lane in 0..<state.pointee.lanes where state.pointee.isLaidOut(cache(lane).raw) {
      sum.threads += cache(lane).state.pointee.statistics
    }
    for index in 1..<state.pointee.classCount { sum.central += central(index).state.pointee.statistics }
    sum.pages = state.pointee.pages.pointee.statistics
    return sum
  }
}

/// What a heap keeps; see `TierHeapRef`.
struct TierHeapState {
  /// Budget that no thread has; below 0 where threads had to be given more than there was.
  var unclaimed = TierHeapState.overallBudget
  /// The lane whose budget was looked at last.
  var victim = 0
  /// Counts the slots that classes wanted of each other.
  var slotTurn = 0
  let map: TierPageMap
  let table: UnsafePointer<UInt8>
  let pages: UnsafeMutablePointer<TierPagesState>
  let central: UnsafeMutableRawPointer
  let caches: UnsafeMutableRawPointer
  let classCount: Int
  let lanes: Int
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  /// All threads together (`kDefaultOverallThreadCacheSize`), and least for a thread (`kMinThreadCacheSize`).
  static var overallBudget: Int { 32 << 20 }
  static var leastBudget: Int { 2 * Tiers.largestSmall }
  /// `kStealAmount`, and threads that are looked at to take it from.
  static var budgetStep: Int { 64 << 10 }
  static var victims: Int { 10 }

  /// Whether a thread ever had the cache at `cache`: its first word is the page map's root then.
  func isLaidOut(_ cache: UnsafeMutableRawPointer) -> Bool { cache.load(as: Int.self) != 0 }
}
