import Workload

@testable import Engine

extension ConformanceSubject {
  static let memoryContexts: [ConformanceSubject] =
    contexts("aset", AllocSetPool.self, .aset)
    + contexts("pg-generation", GenerationPool.self, .pgGeneration)
    + [
      ConformanceSubject("aset[cache=off]", AllocSetPool.self, context(.aset, [.init(.cache, "off")], [0, 1, -1])),
      ConformanceSubject(
        "aset, small blocks", AllocSetPool.self,
        context(.aset, [.init(.block, "1K"), .init(.max, "8K")], [-1, 0, 1, 2])),
      ConformanceSubject(
        "pg-generation, small blocks", GenerationPool.self,
        context(.pgGeneration, [.init(.block, "1K"), .init(.max, "8K")], [-1, 0, 1, 2])),
      ConformanceSubject("pg-bump", BumpPool.self, bump([], [0])),
      ConformanceSubject("pg-bump, nested scopes", BumpPool.self, bump([], [0, 1, 1, 2])),
      ConformanceSubject("pg-bump[end=delete]", BumpPool.self, bump([.init(.end, "delete")], [0, 1, 2])),
      ConformanceSubject("pg-slab, 48 bytes", SlabContextPool.self, slab(48, [], [-1])),
      ConformanceSubject("pg-slab, 5 bytes", SlabContextPool.self, slab(5, [], [-1])),
      ConformanceSubject("pg-slab, nested scopes", SlabContextPool.self, slab(200, [], [0, 1, -1, 2])),
      ConformanceSubject(
        "pg-slab[end=delete]", SlabContextPool.self, slab(200, [.init(.end, "delete")], [0, 1, -1, 2])),
      ConformanceSubject("pg-slab, a block's only chunk", SlabContextPool.self, slab(8192 - 56, [], [-1])),
    ]

  private static func contexts<P: Pool & ~Copyable>(
    _ name: String, _ type: P.Type, _ base: Subject.Base
  ) -> [ConformanceSubject] {
    [
      ConformanceSubject(name, type, context(base, [], [-1])),
      ConformanceSubject("\(name), one scope", type, context(base, [], [0])),
      ConformanceSubject("\(name)[end=reset]", type, context(base, [.init(.end, "reset")], [0, 1, 1, -1, 2])),
      ConformanceSubject("\(name)[end=delete]", type, context(base, [.init(.end, "delete")], [0, 1, 1, -1, 2])),
    ]
  }

  /// Each scope inside the one before it.
  private static func context(
    _ base: Subject.Base, _ options: [Subject.Option], _ scopes: [Int32]
  ) -> ConformanceTraits {
    var traits = ConformanceTraits()
    traits.subject = Subject(base, options: options)
    traits.alignment = 8
    traits.scopeOfVariant = scopes
    traits.scopes = Int((scopes.max() ?? -1) + 1)
    traits.parentOfScope = (0..<traits.scopes).map { Int32($0) - 1 }
    // A sanitizer's malloc keeps freed blocks aside, and there is but one keeper.
    traits.reusesMemory = !isSanitized
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
