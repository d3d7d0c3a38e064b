import Workload

@testable import Engine

extension ConformanceSubject {
  static let boundedPools: [ConformanceSubject] = [
    ConformanceSubject("zephyr", ZephyrPool.self, zephyr(["blocks=2048"])),
    ConformanceSubject("zephyr, one top block", ZephyrPool.self, sharedZephyr),
    ConformanceSubject("handle", HandlePool<Handle32, NoProbe>.self, handle([])),
    ConformanceSubject("handle[order=fifo]", HandlePool<Handle32, NoProbe>.self, handle(["order=fifo"])),
    ConformanceSubject("handle[bits=64]", HandlePool<Handle64, NoProbe>.self, handle(["bits=64"])),
    ConformanceSubject("handle[version=literal]", HandlePool<Handle32Literal, NoProbe>.self, handle([])),
    ConformanceSubject("handle[bits=64,version=literal]", HandlePool<Handle64Literal, NoProbe>.self, handle([])),
    ConformanceSubject("handle[stale=8]", HandlePool<Handle32, StaleProbe>.self, handle(["stale=8"])),
  ]

  /// All memory is there from the start, and does not grow: running out of it has tests of its own.
  private static func bounded(_ base: Subject.Base, _ options: [String]) -> ConformanceTraits {
    var traits = ConformanceTraits()
    let inside = options.isEmpty ? "" : "[\(options.joined(separator: ","))]"
    guard let subject = try? Subject(parsing: base.rawValue + inside) else { fatalError("no subject") }
    traits.subject = subject
    traits.largeSizes = 40_000...65_536
    traits.largestAlignment = 4096
    traits.mapsThroughPlatform = false
    return traits
  }

  /// Blocks that are free wait behind all those that never were in use, so few addresses come twice.
  private static func zephyr(_ options: [String]) -> ConformanceTraits {
    var traits = bounded(.zephyr, options)
    traits.reusesMemory = false
    traits.freesForeignObjects = true
    return traits
  }

  private static var sharedZephyr: ConformanceTraits {
    var traits = zephyr(["largest=256K", "blocks=1"])
    traits.sizes = 0...64
    traits.largeSizes = nil
    traits.largestAlignment = 64
    traits.sharesAfterDetach = true
    return traits
  }

  private static func handle(_ options: [String]) -> ConformanceTraits {
    var traits = bounded(.handle, options)
    traits.reusesMemory = !options.contains("order=fifo")
    return traits
  }
}
