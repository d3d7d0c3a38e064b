import CPlatform

/// The lock of a structure that many threads reach by its address: it lies in the eight bytes before the structure,
/// outside of any Swift value, so that no access to a field counts as one to the lock.
///
/// Fields that are read without the lock never change; none of them is a structure's first, where the thread sanitizer
/// books changes of the whole.
enum PrefixLock {
  static var byteCount: Int { 8 }

  /// - Returns: whether the caller had to wait.
  static func acquire(before structure: UnsafeMutableRawPointer) -> Bool {
    pb_lock_acquire((structure - byteCount).assumingMemoryBound(to: UInt32.self))
  }

  static func release(before structure: UnsafeMutableRawPointer) {
    pb_lock_release((structure - byteCount).assumingMemoryBound(to: UInt32.self))
  }
}
