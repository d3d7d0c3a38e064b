import CPlatform
import Glibc

/// Tells a preloaded library, if it asks for it, where the subject's time begins and ends: the test that nobody else
/// uses the heap in between counts calls by it.
///
/// The library exports `poolbench_probe(int)`: called with 1 at the baseline and with 0 after the drain.
struct HeapProbe {
  private typealias Function = @convention(c) (Int32) -> Void
  private let function: Function?

  init() {
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "poolbench_probe")
    function = symbol.map { unsafeBitCast($0, to: Function.self) }
  }

  func enter() { function?(1) }
  func leave() { function?(0) }
}
