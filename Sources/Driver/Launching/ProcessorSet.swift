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

  /// Where turns are taken: the last of the fastest ones. The first ones see most interrupts, and where cores differ the
  /// slow ones often have the highest numbers.
  public var preferred: Int? {
    func speed(_ processor: Int) -> Int {
      let folder = "/sys/devices/system/cpu/cpu\(processor)"
      let files = [folder + "/cpu_capacity", folder + "/cpufreq/cpuinfo_max_freq"]
      let texts = files.lazy.compactMap { readSmallFile($0) }.map { $0.filter { !$0.isWhitespace } }
      return texts.compactMap { Int($0) }.first ?? 0
    }
    let speeds = processors.map { (processor: $0, speed: speed($0)) }
    let fastest = speeds.map(\.speed).max()
    return speeds.last { $0.speed == fastest }?.processor
  }

  /// Reads the kernel's list format: `0-3,8`. Numbers beyond 4,095 are none.
  public init?(list: String) {
    processors = []
    for part in list.split(separator: ",") {
      let bounds = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let ends = bounds.compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, ends.count == bounds.count, first >= 0, first <= last,
        last < 4096
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
