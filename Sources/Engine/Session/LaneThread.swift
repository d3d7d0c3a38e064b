import Glibc

/// A thread that runs one body, made before the clock starts so that starting it later asks nobody for memory but
/// the C library.
final class LaneThread: @unchecked Sendable {
  private let body: () -> Void
  private var handle = pthread_t()

  init(_ body: @escaping () -> Void) { self.body = body }

  /// - Returns: false when the system has no more threads.
  func start() -> Bool {
    let context = Unmanaged.passUnretained(self).toOpaque()
    return pthread_create(
      &handle, nil,
      { context in
        Unmanaged<LaneThread>.fromOpaque(context!).takeUnretainedValue().body()
        return nil
      }, context) == 0
  }

  func join() { pthread_join(handle, nil) }
}
