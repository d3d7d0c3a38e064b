import Glibc

extension AprPool {
  typealias CleanupFunction = @convention(c) (UnsafeMutableRawPointer?) -> Void

  struct Cleanup {
    var next: UnsafeMutablePointer<Cleanup>?
    var data: UnsafeMutableRawPointer?
    var run: CleanupFunction
  }

  /// A value that is kept under a name.
  struct UserData {
    let next: UnsafeMutablePointer<UserData>?
    let key: UnsafePointer<CChar>
    var value: UnsafeMutableRawPointer?
  }

  /// Has `run(data)` called when the pool is cleared or destroyed, after its children have ended, youngest first. False
  /// when out of memory. O(1).
  func addCleanup(_ data: UnsafeMutableRawPointer?, _ run: @escaping CleanupFunction) -> Bool {
    guard let cleanup = newCleanup(data, run) else { return false }
    cleanup.pointee.next = body.pointee.cleanups
    body.pointee.cleanups = cleanup
    return true
  }

  /// As `addCleanup`, before the children end.
  func addPreCleanup(_ data: UnsafeMutableRawPointer?, _ run: @escaping CleanupFunction) -> Bool {
    guard let cleanup = newCleanup(data, run) else { return false }
    cleanup.pointee.next = body.pointee.preCleanups
    body.pointee.preCleanups = cleanup
    return true
  }

  /// In the memory of a cleanup that was killed, or new.
  private func newCleanup(
    _ data: UnsafeMutableRawPointer?, _ run: @escaping CleanupFunction
  ) -> UnsafeMutablePointer<Cleanup>? {
    let cleanup: UnsafeMutablePointer<Cleanup>
    if let spare = body.pointee.spareCleanups {
      body.pointee.spareCleanups = spare.pointee.next
      cleanup = spare
    } else {
      guard let memory = allocate(MemoryLayout<Cleanup>.size) else { return nil }
      cleanup = memory.bindMemory(to: Cleanup.self, capacity: 1)
    }
    cleanup.initialize(to: Cleanup(next: nil, data: data, run: run))
    return cleanup
  }

  /// Forgets the youngest cleanup, or else the youngest one for before, with this data and function. False if there is
  /// none. O(cleanups).
  @discardableResult
  func killCleanup(_ data: UnsafeMutableRawPointer?, _ run: CleanupFunction) -> Bool {
    kill(data, run, in: &body.pointee.cleanups) || kill(data, run, in: &body.pointee.preCleanups)
  }

  private func kill(
    _ data: UnsafeMutableRawPointer?, _ run: CleanupFunction, in list: inout UnsafeMutablePointer<Cleanup>?
  ) -> Bool {
    var previous: UnsafeMutablePointer<Cleanup>?
    var cleanup = list
    while let visited = cleanup {
      let next = visited.pointee.next
      if visited.pointee.data == data, isSame(visited.pointee.run, run) {
        if let previous { previous.pointee.next = next } else { list = next }
        visited.pointee.next = body.pointee.spareCleanups
        body.pointee.spareCleanups = visited
        return true
      }
      previous = visited
      cleanup = next
    }
    return false
  }

  private func isSame(_ one: CleanupFunction, _ other: CleanupFunction) -> Bool {
    unsafeBitCast(one, to: UInt.self) == unsafeBitCast(other, to: UInt.self)
  }

  /// Forgets the cleanup and calls it now, whether it was registered or not.
  func runCleanup(_ data: UnsafeMutableRawPointer?, _ run: CleanupFunction) {
    killCleanup(data, run)
    run(data)
  }

  /// A cleanup that is added meanwhile runs too.
  @inline(never)
  func runCleanups() {
    while let cleanup = body.pointee.cleanups {
      body.pointee.cleanups = cleanup.pointee.next
      cleanup.pointee.run(cleanup.pointee.data)
    }
  }

  @inline(never)
  func runPreCleanups() {
    while let cleanup = body.pointee.preCleanups {
      body.pointee.preCleanups = cleanup.pointee.next
      cleanup.pointee.run(cleanup.pointee.data)
    }
  }

  // MARK: - User data

  /// Keeps `value` under `key`, a copy of which lives in the pool, until the pool is cleared; false when out of memory.
  /// O(values).
  func setUserData(_ value: UnsafeMutableRawPointer?, for key: UnsafePointer<CChar>) -> Bool {
    if let entry = entry(key) {
      entry.pointee.value = value
      return true
    }
    let bytes = strlen(key) + 1
    guard let copy = allocate(bytes), let memory = allocate(MemoryLayout<UserData>.size) else { return false }
    copy.copyMemory(from: key, byteCount: bytes)
    let entry = memory.bindMemory(to: UserData.self, capacity: 1)
    entry.initialize(
      to: UserData(
        next: body.pointee.userData, key: UnsafePointer(copy.assumingMemoryBound(to: CChar.self)), value: value))
    body.pointee.userData = entry
    return true
  }

  /// What is kept under `key`, else nil. O(values).
  func userData(for key: UnsafePointer<CChar>) -> UnsafeMutableRawPointer? { entry(key)?.pointee.value }

  private func entry(_ key: UnsafePointer<CChar>) -> UnsafeMutablePointer<UserData>? {
    var entry = body.pointee.userData
    while let visited = entry {
      if strcmp(visited.pointee.key, key) == 0 { return visited }
      entry = visited.pointee.next
    }
    return nil
  }
}
