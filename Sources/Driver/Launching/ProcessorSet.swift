import Foundation

/// Processors that a thread may run on.
public struct ProcessorSet: Equatable, Sendable {
  /// In the order of the list they were read from; rising from the kernel.
  public var processors: [Int]

  /// Those of the calling thread; nil where the system does not say.
  public static var own: ProcessorSet? {
    let text = readSmallFile("/proc/thread-self/status") ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    return line.flatMap { ProcessorSet(list: $0.drop { $0 != ":" }.dropFirst().filter { !$0.isWhitespace }) }
  }

  init(processors: [Int]) { self.processors = processors }

  /// Reads the kernel's list format: `0-3,8`. Numbers beyond 4,095 are none.
  public init?(list: String) {
    processors = []
    for part in list.split(separator: ",") {
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, ends.count <= 2, first <= last, last < 4096,
        !part.hasPrefix("-")
      else { return nil }
      processors += first...last
    }
    if processors.isEmpty { return nil }
  }

  /// Keeps the calling thread off `taken`, if another processor is left for it.
  ///
  /// - Returns: the set to go back to; nil if nothing was changed.
  static func leave(_ taken: Set<Int>) -> ProcessorSet? {
    guard let own else { return nil }
    let others = own.processors.filter { !taken.contains($0) }
    if others.isEmpty || others.count == own.processors.count { return nil }
    ProcessorSet(processors: others).apply()
    return own
  }

  /// Moves the calling thread to these processors, if the system allows it.
  func apply() {
    // Looked up by name: the headers hide it from Swift behind _GNU_SOURCE.
    guard let symbol = unsafe dlsym(nil, "sched_setaffinity") else { return }
    typealias SetAffinity = @convention(c) (pid_t, Int, UnsafeRawPointer) -> Int32
    let setAffinity = unsafe unsafeBitCast(symbol, to: SetAffinity.self)
    var mask = [UInt](repeating: 0, count: (processors.max() ?? 0) / UInt.bitWidth + 1)
    for processor in processors { mask[processor / UInt.bitWidth] |= 1 << (processor % UInt.bitWidth) }
    _ = unsafe mask.withUnsafeBytes { unsafe setAffinity(0, $0.count, $0.baseAddress!) }
  }
}
