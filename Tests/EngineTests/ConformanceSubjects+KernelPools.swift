@testable import Engine

extension ConformanceSubject {
  static let kernelPools: [ConformanceSubject] = [
    ConformanceSubject("buddy", BuddyPool.self, shared(ConformanceTraits())),
    ConformanceSubject("slab[cpu=classic]", SlabPool<ClassicFront>.self, slab),
    ConformanceSubject("slab[cpu=sheaves]", SlabPool<SheafFront>.self, slab),
  ]

  private static var slab: ConformanceTraits {
    var traits = shared(ConformanceTraits())
    traits.hasUniqueEmpties = false
    return traits
  }
}
