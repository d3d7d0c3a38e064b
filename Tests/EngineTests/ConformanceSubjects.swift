import CPlatform
import Glibc
import Testing
import Workload

@testable import Engine

/// A pool or allocator that the conformance suite is run on. To add one, add a line below; misuse that a pool promises
/// to detect ends the process, so it has exit tests of its own beside the pool's other tests.
struct ConformanceSubject: CustomTestStringConvertible, @unchecked Sendable {
  let testDescription: String
  let check: () -> [String]

  init<P: Pool & ~Copyable>(_ name: String, _ type: P.Type, _ traits: ConformanceTraits) {
    testDescription = name
    check = { Conformance<P>.check(P.self, traits) }
  }

  static let all = own + requestPools + fixedClassics + kernelPools + boundedPools + zendPools + memoryContexts

  private static let own: [ConformanceSubject] = [
    ConformanceSubject("malloc", MallocPool.self, malloc),
    ConformanceSubject("fixed, 48 bytes", FixedPool.self, fixed(48)),
    ConformanceSubject("fixed, 5 bytes", FixedPool.self, fixed(5)),
    ConformanceSubject("fixed, 4096 bytes", FixedPool.self, fixed(4096)),
    ConformanceSubject("fixed, 100000 bytes", FixedPool.self, fixed(100_000)),
    ConformanceSubject("fixed, held, 48 bytes", HeldPool<FixedPool>.self, fixed(48)),
    ConformanceSubject("fixed, held, 5 bytes", HeldPool<FixedPool>.self, fixed(5)),
    ConformanceSubject("segregated", SegregatedPool.self, ConformanceTraits()),
    ConformanceSubject("fixed-shared, 48 bytes", FixedSharedPool.self, shared(fixed(48))),
    ConformanceSubject("fixed-shared, 8 bytes", FixedSharedPool.self, shared(fixed(8))),
    ConformanceSubject("fixed-shared, 40000 bytes", FixedSharedPool.self, shared(fixed(40_000))),
    ConformanceSubject("fixed-shared[mutex], 48 bytes", FixedMutexPool.self, shared(fixed(48))),
    ConformanceSubject("segregated-shared", SegregatedSharedPool.self, shared(ConformanceTraits())),
    ConformanceSubject("region", RegionPool.self, region([0])),
    ConformanceSubject("region, one scope", OneRegionPool.self, region([0, 0])),
    ConformanceSubject("region, one scope, held", HeldPool<OneRegionPool>.self, region([0, 0])),
    ConformanceSubject("region, nested scopes", RegionPool.self, region([0, 1, 1, 2])),
    ConformanceSubject("mixed region", MixedRegionPool.self, region([0, 1, -1])),
    ConformanceSubject("thread-cache", ThreadCachePool.self, shared(ConformanceTraits())),
    ConformanceSubject("thread-cache[sized]", SizedThreadCachePool.self, shared(ConformanceTraits())),
    ConformanceSubject(
      "thread-cache[huge]", ThreadCachePool.self,
      shared(ConformanceTraits(subject: Subject(.threadCache, options: [.huge])))),
    ConformanceSubject("thread-cache[inline]", InlineThreadCachePool.self, shared(ConformanceTraits())),
  ]

  /// A sanitizer's malloc ends the process over a size that it does not like, and keeps freed memory aside.
  static var isSanitized: Bool { dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil }

  static var malloc: ConformanceTraits {
    var traits = ConformanceTraits()
    traits.mapsThroughPlatform = false
    traits.refusesExtremes = !isSanitized
    traits.reusesMemory = !isSanitized
    traits.freesForeignObjects = true
    return traits
  }

  static func fixed(_ size: Int) -> ConformanceTraits {
    var traits = ConformanceTraits()
    traits.sizes = 0...size
    traits.largeSizes = nil
    traits.refusesExtremes = false
    traits.fixedSize = size
    return traits
  }

  static func shared(_ traits: ConformanceTraits) -> ConformanceTraits {
    var traits = traits
    traits.freesForeignObjects = true
    traits.sharesAfterDetach = true
    return traits
  }

  static func region(_ scopes: [Int32]) -> ConformanceTraits {
    var traits = ConformanceTraits()
    traits.hasUniqueEmpties = false
    traits.scopeOfVariant = scopes
    traits.scopes = Int((scopes.max() ?? -1) + 1)
    if scopes.contains(-1) { traits.reusesMemory = !isSanitized }
    return traits
  }
}
