import Workload

@testable import Engine

extension ConformanceSubject {
  static let kernelPools: [ConformanceSubject] = [
    ConformanceSubject("buddy", BuddyPool.self, shared(ConformanceTraits())),
    ConformanceSubject("slab[cpu=classic]", SlabPool<ClassicFront>.self, slab),
    ConformanceSubject("slab[cpu=sheaves]", SlabPool<SheafFront>.self, slab),
    ConformanceSubject("arenas", ArenasPool.self, shared(ConformanceTraits())),
    ConformanceSubject("arenas[max=1]", ArenasPool.self, arenas("1")),
    ConformanceSubject("arenas[max=2]", ArenasPool.self, arenas("2")),
  ]

  private static func arenas(_ most: String) -> ConformanceTraits {
    var traits = shared(ConformanceTraits())
    traits.subject = Subject(.arenas, options: [.init(.max, most)])
    return traits
  }

  private static var slab: ConformanceTraits {
    var traits = shared(ConformanceTraits())
    traits.hasUniqueEmpties = false
    return traits
  }
}
