import Dispatch
import Synchronization

/// The results of calls with 0 ..< count, in order, made on all cores in whatever order.
func parallelMap<Result: Sendable>(_ count: Int, _ result: @Sendable (Int) -> Result) -> [Result] {
  let results = Mutex([Result?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let own = result(index)
    results.withLock { $0[index] = own }
  }
  return results.withLock { $0.compactMap(\.self) }
}
