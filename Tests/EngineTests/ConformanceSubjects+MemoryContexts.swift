import Workload

@testable import Engine

extension ConformanceSubject {
  static let memoryContexts: [ConformanceSubject] = [
    ConformanceSubject("aset", AllocSetPool.self, context(.aset, [], [-1])),
    ConformanceSubject("aset, one scope", AllocSetPool.self, context(.aset, [], [0])),
    ConformanceSubject("aset, nested scopes", AllocSetPool.self, context(.aset, [], [0, 1, 1, -1, 2])),
    ConformanceSubject("aset[end=reset]", AllocSetPool.self, context(.aset, reset, [0, 1, 1, -1, 2])),
    ConformanceSubject("aset[cache=off]", AllocSetPool.self, context(.aset, [.init(.cache, "off")], [-1, 0, 1])),
    ConformanceSubject("aset, small blocks", AllocSetPool.self, context(.aset, small, [-1, 0, 1, 2], largest: 1_000)),
    ConformanceSubject("pg-generation", GenerationPool.self, withoutExhaustion(context(.pgGeneration, [], [-1]))),
    ConformanceSubject("pg-generation, one scope", GenerationPool.self, context(.pgGeneration, [], [0])),
    ConformanceSubject("pg-generation, nested scopes", GenerationPool.self, context(.pgGeneration, [], [0, 1, -1, 2])),
    ConformanceSubject(
      "pg-generation[end=delete]", GenerationPool.self,
      withoutExhaustion(context(.pgGeneration, delete, [0, 1, 1, -1, 2]))),
    ConformanceSubject(
      "pg-generation, small blocks", GenerationPool.self,
      withoutExhaustion(context(.pgGeneration, small, [0, 1, -1, 2]))),
    ConformanceSubject("pg-bump", BumpPool.self, bump([], [0])),
    ConformanceSubject("pg-bump, nested scopes", BumpPool.self, bump([], [0, 1, 1, 2])),
    ConformanceSubject("pg-bump[end=delete]", BumpPool.self, withoutExhaustion(bump(delete, [0, 1, 2]))),
    ConformanceSubject("pg-slab, 48 bytes", SlabContextPool.self, slab(48, [], [-1])),
    ConformanceSubject("pg-slab, 5 bytes", SlabContextPool.self, slab(5, [], [-1])),
    ConformanceSubject("pg-slab, nested scopes", SlabContextPool.self, slab(200, [], [-1, 0, 1, 2])),
    ConformanceSubject("pg-slab[end=delete]", SlabContextPool.self, slab(200, delete, [-1, 0, 1, 2])),
    ConformanceSubject("pg-slab, a block's only chunk", SlabContextPool.self, slab(8192 - 56, [], [-1])),
  ]

  private static let reset: [Subject.Option] = [.init(.end, "reset")]
  private static let delete: [Subject.Option] = [.init(.end, "delete")]
  private static let small: [Subject.Option] = [.init(.block, "1K"), .init(.max, "8K")]

  /// Each scope inside the one before it.
  private static func context(
    _ base: Subject.Base, _ options: [Subject.Option], _ scopes: [Int32], largest: Int = 3_000
  ) -> ConformanceTraits {
    var traits = ConformanceTraits()
    traits.subject = Subject(base, options: options)
    // What a scope that ended leaves is the keeper, and a freed chunk with a block of its own goes back to malloc: where
    // malloc has no more, only what fits a keeper is served again.
    traits.sizes = 0...largest
    traits.alignment = 8
    traits.scopeOfVariant = scopes
    traits.scopes = Int((scopes.max() ?? -1) + 1)
    traits.parentOfScope = (0..<traits.scopes).map { Int32($0) - 1 }
    // A sanitizer's malloc keeps freed blocks aside.
    traits.reusesMemory = !isSanitized
    return traits
  }

  /// For those that give back to malloc what the suite wants to have again while malloc has no more: contexts without a
  /// cache, and blocks of which a chunk was freed and others were not.
  private static func withoutExhaustion(_ traits: ConformanceTraits) -> ConformanceTraits {
    var traits = traits
    traits.mapsThroughPlatform = false
    return traits
  }

  private static func bump(_ options: [Subject.Option], _ scopes: [Int32]) -> ConformanceTraits {
    var traits = context(.pgBump, options, scopes)
    traits.hasUniqueEmpties = false
    return traits
  }

  private static func slab(_ size: Int, _ options: [Subject.Option], _ scopes: [Int32]) -> ConformanceTraits {
    var traits = context(.pgSlab, options, scopes)
    traits.sizes = 0...size
    traits.largeSizes = nil
    traits.largestAlignment = 8
    traits.fixedSize = size
    return traits
  }
}
