import CPlatform
import Testing

@testable import Engine

/// What cleanups have said, in order. Each test's own.
private final class Diary {
  var entries: [Int] = []
}

/// One cleanup's context.
private struct Note {
  let diary: Unmanaged<Diary>
  let entry: Int
}

@Suite("Region")
struct RegionTests {
  /// Registers a cleanup that writes `entry`; the note lies in the region itself, so memory must outlive the call.
  private func register(_ entry: Int, _ diary: Diary, _ region: borrowing Region) throws {
    let memory = try obtained(region.allocate(MemoryLayout<Note>.size)).bindMemory(to: Note.self, capacity: 1)
    memory.initialize(to: Note(diary: .passUnretained(diary), entry: entry))
    let isRegistered = region.addCleanup(memory) { context in
      guard let note = context?.assumingMemoryBound(to: Note.self).pointee else { return }
      note.diary.takeUnretainedValue().entries.append(note.entry)
    }
    #expect(isRegistered)
  }

  @Test("Objects follow each other, rounded to 16 bytes")
  func bumps() throws {
    let region = try Region()
    let first = try obtained(region.allocate(1))
    #expect(region.allocate(16) == first + 16)
    #expect(region.allocate(17) == first + 32)
    #expect(region.allocate(0) == first + 64)
    #expect(region.allocate(8) == first + 64)
  }

  @Test("Cleanups run last in first out, once, at reset and at the end")
  func cleanupsRunInReverse() throws {
    let diary = Diary()
    let region = try Region()
    for entry in 1...3 { try register(entry, diary, region) }
    region.reset()
    #expect(diary.entries == [3, 2, 1])
    region.reset()
    #expect(diary.entries == [3, 2, 1])
    try register(4, diary, region)
    try register(5, diary, region)
    region.destroy()
    #expect(diary.entries == [3, 2, 1, 5, 4])
  }

  @Test("Rewinding ends what was made since the mark: objects, large ones, cleanups")
  func rewinds() throws {
    let diary = Diary()
    let region = try Region()
    try register(1, diary, region)
    let kept = try obtained(region.allocate(100))
    kept.initializeMemory(as: UInt8.self, repeating: 0xA5, count: 100)
    let outer = region.mark()
    let next = try obtained(region.allocate(100))
    try register(2, diary, region)
    let large = try obtained(region.allocate(1 << 20))
    let inner = region.mark()
    try register(3, diary, region)
    // Over several blocks.
    for _ in 0..<100 { #expect(region.allocate(20_000) != nil) }
    let before = pb_thread_mapped()
    let innermost = try obtained(region.allocate(1 << 20))
    #expect(innermost != large)
    region.rewind(to: inner)
    #expect(diary.entries == [3])
    #expect(pb_thread_mapped() == before)
    large.storeBytes(of: 1, as: UInt8.self)
    region.rewind(to: outer)
    #expect(diary.entries == [3, 2])
    #expect(pb_thread_mapped() < before - 1 << 20)
    #expect(region.allocate(100) == next)
    #expect(ConformanceModel.holds(kept, 100, 0xA5))
    region.destroy()
    #expect(diary.entries == [3, 2, 1])
  }

  @Test("A mark of a region without objects rewinds to its beginning")
  func rewindsToNothing() throws {
    let region = try Region()
    let mark = region.mark()
    let first = try obtained(region.allocate(64))
    for _ in 0..<100 { #expect(region.allocate(20_000) != nil) }
    region.rewind(to: mark)
    #expect(region.allocate(64) == first)
  }

  @Test("A reset keeps the blocks, so that the same round again maps nothing")
  func resetKeepsBlocks() throws {
    let region = try Region()
    var firstRound: [UnsafeMutableRawPointer] = []
    for _ in 0..<300 { firstRound.append(try obtained(region.allocate(20_000))) }
    region.reset()
    pb_limit_maps(0)
    defer { pb_limit_maps(-1) }
    for object in firstRound { #expect(region.allocate(20_000) == object) }
  }

  @Test("What none of the last rounds needed is unmapped, down to a MiB")
  func retentionEnds() throws {
    let before = pb_thread_mapped()
    let region = try Region()
    func round(of count: Int) {
      for _ in 0..<count { _ = region.allocate(20_000) }
      region.reset()
    }
    round(of: 600)
    let full = pb_thread_mapped() - before
    #expect(full >= 600 * 20_000)
    for _ in 0..<RegionState.window { round(of: 1) }
    #expect(pb_thread_mapped() - before == full)
    for _ in 0..<RegionState.window { round(of: 1) }
    let kept = pb_thread_mapped() - before
    #expect(kept > 512 << 10 && kept <= 1 << 20 + pb_page_size())
  }

  @Test("A region's bookkeeping has room where it is put")
  func bookkeepingFits() { #expect(MemoryLayout<RegionState>.size <= RegionLanes.regionBytes) }

  @Test("A purge unmaps what holds no object")
  func purges() throws {
    let before = pb_thread_mapped()
    let region = try Region()
    let empty = pb_thread_mapped()
    let first = try obtained(region.allocate(64))
    first.storeBytes(of: 9, as: UInt8.self)
    let oneBlock = pb_thread_mapped()
    let mark = region.mark()
    for _ in 0..<100 { _ = region.allocate(20_000) }
    region.rewind(to: mark)
    #expect(pb_thread_mapped() > oneBlock)
    region.purge()
    #expect(pb_thread_mapped() == oneBlock)
    #expect(first.load(as: UInt8.self) == 9)
    region.reset()
    region.purge()
    #expect(pb_thread_mapped() == empty)
    #expect(region.allocate(64) != nil)
    region.destroy()
    #expect(pb_thread_mapped() == before)
  }

  @Test("The youngest object grows in place, an older one is copied, a large one is remapped")
  func resizes() throws {
    let region = try Region()
    let first = try obtained(region.allocate(100))
    #expect(region.resize(first, from: 100, to: 5_000) == first)
    #expect(region.resize(first, from: 5_000, to: 64) == first)
    let second = try obtained(region.allocate(64))
    #expect(second == first + 64)
    first.initializeMemory(as: UInt8.self, repeating: 3, count: 64)
    let moved = try obtained(region.resize(first, from: 64, to: 65))
    #expect(moved != first)
    #expect(ConformanceModel.holds(moved, 64, 3))
    #expect(region.resize(second, from: 64, to: 10) == second)
    let large = try obtained(region.allocate(1 << 20))
    large.initializeMemory(as: UInt8.self, repeating: 4, count: 1 << 20)
    let larger = try obtained(region.resize(large, from: 1 << 20, to: 4 << 20))
    #expect(ConformanceModel.holds(larger, 1 << 20, 4))
    #expect(RegionState.usableSize(larger, 4 << 20) >= 4 << 20)
  }

  @Test("Less than a quarter of a block's successor is lost at its end")
  func tailsAreShort() throws {
    let region = try Region()
    var previousEnd: UnsafeMutableRawPointer?
    var jumps = 0
    for index in 0..<400 {
      let size = (index * 7919) % RegionState.largestInBlock
      let object = try obtained(region.allocate(size))
      if let previousEnd, object != previousEnd { jumps += 1 }
      previousEnd = object + (size + 15) / 16 * 16
    }
    // 400 objects of 128 KiB on the average are 50 MiB: 50 blocks of 1 MiB were there no tails, at most 4/3 as many
    // with them, and a few small ones to begin with.
    #expect(jumps <= 50 * 4 / 3 + 8)
  }
}

@Suite("Region pool")
struct RegionPoolTests {
  private func configuration(lanes: Int = 1, scopes: Int, _ table: UnsafeBufferPointer<Int32>) -> PoolConfiguration {
    var configuration = PoolConfiguration()
    configuration.lanes = lanes
    configuration.scopes = scopes
    configuration.scopeOfVariant = table
    return configuration
  }

  @Test("A scope's end leaves the objects of other scopes and lanes alone")
  func scopesAreApart() throws {
    try ([0, 1, 1] as [Int32]).withUnsafeBufferPointer { table in
      let pool = try RegionPool(configuration(lanes: 2, scopes: 2, table))
      var (lane, other) = (pool.makeLane(0), pool.makeLane(1))
      let outer = try obtained(lane.allocate(64, 0))
      let inner = try obtained(lane.allocate(64, 1))
      let foreign = try obtained(other.allocate(64, 1))
      #expect(lane.allocate(64, 2) == inner + 64)
      lane.endScope(1)
      #expect(lane.allocate(64, 2) == inner)
      #expect(lane.allocate(64, 0) == outer + 64)
      #expect(other.allocate(64, 1) == foreign + 64)
    }
  }

  @Test("A workload with objects outside scopes is refused")
  func refusesUnscoped() {
    ([0, -1] as [Int32]).withUnsafeBufferPointer { table -> Void in
      #expect(throws: PoolError.unsupported("has no free for single objects: all must end with a scope")) {
        _ = try RegionPool(configuration(scopes: 1, table))
      }
    }
    #expect(throws: PoolError.self) { _ = try RegionPool(PoolConfiguration()) }
  }

  @Test("The mixed form sends objects without a scope to malloc, and only those")
  func mixes() throws {
    try ([0, -1] as [Int32]).withUnsafeBufferPointer { table in
      let pool = try MixedRegionPool(configuration(scopes: 1, table))
      var lane = pool.makeLane(0)
      let scoped = try obtained(lane.allocate(64, 0))
      let single = try obtained(lane.allocate(64, 1))
      #expect(pb_usable_size(single) >= 64)
      #expect(lane.usableSize(scoped, 64) == 64)
      single.initializeMemory(as: UInt8.self, repeating: 6, count: 64)
      lane.endScope(0)
      #expect(lane.allocate(64, 0) == scoped)
      let grown = try obtained(lane.resize(single, from: 64, to: 100_000, 1))
      #expect(ConformanceModel.holds(grown, 64, 6))
      lane.free(grown, 0)
    }
  }
}
