import CPlatform
import Glibc
import Testing
import Workload

@testable import Engine

/// What cleanups have said, in order. Each test's own.
private final class Diary {
  var entries: [Int] = []
}

private struct Note {
  let diary: Unmanaged<Diary>
  let entry: Int
}

@Suite("APR's tree and cleanups")
struct AprTreeTests {
  private static let write: AprPool.CleanupFunction = { data in
    guard let note = data?.assumingMemoryBound(to: Note.self).pointee else { return }
    note.diary.takeUnretainedValue().entries.append(note.entry)
  }

  private func note(_ entry: Int, _ diary: Diary, _ pool: AprPool) throws -> UnsafeMutableRawPointer {
    let memory = try obtained(pool.allocate(MemoryLayout<Note>.size))
    memory.initializeMemory(
      as: Note.self, repeating: Note(diary: .passUnretained(diary), entry: entry), count: 1)
    return memory
  }

  private func register(_ entry: Int, _ diary: Diary, _ pool: AprPool) throws {
    #expect(pool.addCleanup(try note(entry, diary, pool), Self.write))
  }

  private func registerBefore(_ entry: Int, _ diary: Diary, _ pool: AprPool) throws {
    #expect(pool.addPreCleanup(try note(entry, diary, pool), Self.write))
  }

  private func withRoot(_ body: (AprPool) throws -> Void) throws {
    let before = pb_thread_heap_blocks()
    let allocator = try obtained(AprAllocator.create())
    let root = try obtained(AprPool.create(below: nil, allocator: allocator))
    allocator.pointee.owner = root
    try body(root)
    root.destroy()
    #expect(pb_thread_heap_blocks() == before)
  }

  @Test func `cleanups for before, then the children, then cleanups, each youngest first`() throws {
    for ends in [{ $0.clear() }, { $0.destroy() }] as [(AprPool) -> Void] {
      let diary = Diary()
      try withRoot { root in
        let pool = try obtained(AprPool.create(below: root))
        for entry in 1...2 { try register(entry, diary, pool) }
        for entry in 3...4 { try registerBefore(entry, diary, pool) }
        for entry in [10, 20] {
          let child = try obtained(AprPool.create(below: pool))
          try register(entry, diary, child)
          try register(entry + 1, diary, try obtained(AprPool.create(below: child)))
          try registerBefore(entry + 2, diary, child)
        }
        ends(pool)
        #expect(diary.entries == [4, 3, 22, 21, 20, 12, 11, 10, 2, 1])
      }
      #expect(diary.entries.count == 10)
    }
  }

  @Test func `a destroyed pool leaves its siblings in the tree`() throws {
    try withRoot { root in
      let diary = Diary()
      let pools = try (0..<3).map { entry in
        let pool = try obtained(AprPool.create(below: root))
        try register(entry, diary, pool)
        return pool
      }
      pools[1].destroy()
      #expect(root.body.pointee.child == pools[2])
      #expect(pools[2].body.pointee.sibling == pools[0])
      pools[2].destroy()
      #expect(root.body.pointee.child == pools[0])
      root.clear()
      #expect(diary.entries == [1, 2, 0])
      #expect(root.body.pointee.child == nil)
    }
  }

  @Test func `a killed cleanup does not run, and its memory serves the next`() throws {
    try withRoot { root in
      let diary = Diary()
      let pool = try obtained(AprPool.create(below: root))
      let data = try note(1, diary, pool)
      #expect(pool.addCleanup(data, Self.write))
      try register(2, diary, pool)
      #expect(pool.killCleanup(data, Self.write))
      #expect(!pool.killCleanup(data, Self.write))
      let free = pool.body.pointee.active.pointee.freeBytes
      #expect(pool.addPreCleanup(data, Self.write))
      #expect(pool.body.pointee.active.pointee.freeBytes == free)
      #expect(pool.killCleanup(data, Self.write))
      pool.destroy()
      #expect(diary.entries == [2])
    }
  }

  @Test func `a cleanup can be run ahead, once`() throws {
    try withRoot { root in
      let diary = Diary()
      let pool = try obtained(AprPool.create(below: root))
      let data = try note(1, diary, pool)
      #expect(pool.addCleanup(data, Self.write))
      pool.runCleanup(data, Self.write)
      #expect(diary.entries == [1])
      pool.destroy()
      #expect(diary.entries == [1])
    }
  }

  @Test func `user data is kept under a copy of its key until the pool is cleared`() throws {
    try withRoot { root in
      let value = UnsafeMutableRawPointer(root.body)
      #expect(root.userData(for: "one") == nil)
      #expect(root.setUserData(value, for: "one"))
      #expect(root.setUserData(value + 8, for: "two"))
      #expect(root.userData(for: "one") == value)
      #expect(root.setUserData(value + 16, for: "one"))
      #expect(root.userData(for: "one") == value + 16 && root.userData(for: "two") == value + 8)
      root.clear()
      #expect(root.userData(for: "one") == nil)
    }
  }

  @Test func `threads may share an allocator with a mutex`() throws {
    let allocator = try obtained(AprAllocator.create())
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    allocator.pointee.mutex = mutex
    let root = try obtained(AprPool.create(below: nil, allocator: allocator))
    allocator.pointee.owner = root
    let shared = SharedPool(root: root)
    onThreads(4) { index in
      for round in 0..<500 {
        guard let pool = AprPool.create(below: shared.root) else { continue }
        for _ in 0..<round % 20 {
          pool.allocate(1_000)?.initializeMemory(as: UInt8.self, repeating: UInt8(index), count: 1_000)
        }
        if round % 2 == 0 { pool.clear() }
        pool.destroy()
      }
    }
    #expect(root.body.pointee.child == nil)
    #expect(allocator.pointee.counts.creations == 2_001)
    root.destroy()
    mutex.deallocate()
  }

  private struct SharedPool: @unchecked Sendable {
    let root: AprPool
  }

  @Test func `pools of scopes form the workload's tree, and an outer one's end takes those inside`() throws {
    try ([0, 1] as [Int32]).withUnsafeBufferPointer { table in
      try ([-1, 0] as [Int32]).withUnsafeBufferPointer { parents in
        var configuration = PoolConfiguration()
        configuration.subject = try Subject(parsing: "apr[end=clear]")
        configuration.scopes = 2
        configuration.scopeOfVariant = table
        configuration.parentOfScope = parents
        let pool = try AprSubject<EmptiedWithScope>(configuration)
        var lane = pool.makeLane(0)
        lane.beginScope(0)
        lane.beginScope(1)
        let inner = try obtained(lane.allocate(64, 1))
        lane.endScope(1)
        lane.beginScope(1)
        #expect(lane.allocate(64, 1) == inner)
        lane.endScope(1)
        lane.endScope(0)
        lane.beginScope(0)
        // The inner pool's node is the allocator's again, and comes back with the pool that is made anew.
        lane.beginScope(1)
        #expect(lane.allocate(64, 1) == inner)
        lane.endScope(1)
        lane.endScope(0)
      }
    }
  }
}
