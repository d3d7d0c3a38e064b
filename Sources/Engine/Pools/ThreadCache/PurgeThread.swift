import CPlatform
import Glibc
import Synchronization

/// The thread that gives a heap's idle memory back to the system, one for each heap.
///
/// It wakes once a window while there are threads that may fall idle or more free memory than always may stay, and else
/// sleeps for good: a program whose threads all wait is left alone. Its state is guarded by the page heap's lock, but
/// for the word that it sleeps on.
struct PurgeThread {
  private var thread = pthread_t()
  private var isStarted = false
  /// Whether it ends windows now, or has been told to.
  private(set) var isAwake = false
  /// Caches in threads' seats, which may have to be taken away.
  private var watched = 0

  /// What the word says.
  enum Command {
    static var sleep: UInt32 { 0 }
    static var work: UInt32 { 1 }
    static var end: UInt32 { 2 }
  }

  /// Stack enough for this and for a sanitizer, touched as far as it is used.
  private static var stackBytes: Int { 256 << 10 }

  typealias Word = UnsafeMutablePointer<Atomic<UInt32>>

  /// Whether whoever holds the lock has to wake it, which it notes.
  mutating func wakes() -> Bool {
    guard isStarted, !isAwake else { return false }
    isAwake = true
    return true
  }

  /// The lock is not held.
  static func wake(_ word: Word) {
    // Not over an order to end.
    _ = word.pointee.compareExchange(expected: Command.sleep, desired: Command.work, ordering: .relaxed)
    pb_futex_wake(word, 1)
  }

  /// Counts a cache more that it watches.
  static func watch(_ pageHeap: PageHeapRef) {
    pageHeap.acquire()
    pageHeap.pointee.purgeThread.watched &+= 1
    let wakes = pageHeap.pointee.purgeThread.wakes()
    pageHeap.release()
    if wakes { wake(pageHeap.pointee.purgeWord) }
  }

  static func unwatch(_ pageHeap: PageHeapRef, _ count: Int) {
    pageHeap.acquire()
    pageHeap.pointee.purgeThread.watched &-= count
    pageHeap.release()
  }

  /// Starts it. Without one, where the system refuses a thread, only what is always kept is kept.
  static func start(_ heap: ThreadHeapRef) {
    let pageHeap = heap.pointee.pageHeap
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    heap.allowRevocation()
    pageHeap.acquire()
    defer { pageHeap.release() }
    let status = pthread_create(
      &pageHeap.pointee.purgeThread.thread, &attributes,
      { context in
        PurgeThread.run(context!.assumingMemoryBound(to: ThreadHeap.self))
        return nil
      }, heap)
    pageHeap.pointee.purgeThread.isStarted = status == 0
    pageHeap.pointee.policy.hasWindows = status == 0
  }

  /// Ends it, if it was started, and waits for its end.
  static func stop(_ pageHeap: PageHeapRef) {
    guard pageHeap.pointee.purgeThread.isStarted else { return }
    pageHeap.pointee.purgeWord.pointee.store(Command.end, ordering: .relaxed)
    pb_futex_wake(pageHeap.pointee.purgeWord, 1)
    pthread_join(pageHeap.pointee.purgeThread.thread, nil)
    pageHeap.acquire()
    pageHeap.pointee.purgeThread.isStarted = false
    pageHeap.pointee.policy.hasWindows = false
    pageHeap.release()
  }

  private static func run(_ heap: ThreadHeapRef) {
    let pageHeap = heap.pointee.pageHeap
    // A lane that is pinned to a processor shares it with nobody's housekeeping if there is another one.
    _ = pb_unpin()
    let word = pageHeap.pointee.purgeWord
    while true {
      switch word.pointee.load(ordering: .relaxed) {
      case Command.sleep: pb_futex_wait(word, Command.sleep)
      case Command.work:
        pb_futex_wait_for(word, Command.work, DiscardPolicy.window)
        if word.pointee.load(ordering: .relaxed) == Command.end { return }
        heap.purgeIdle()
        pageHeap.acquire()
        if !pageHeap.pointee.policy.wantsWindow, pageHeap.pointee.purgeThread.watched == 0 {
          pageHeap.pointee.purgeThread.isAwake = false
          _ = word.pointee.compareExchange(expected: Command.work, desired: Command.sleep, ordering: .relaxed)
        }
        pageHeap.release()
      default: return
      }
    }
  }
}
