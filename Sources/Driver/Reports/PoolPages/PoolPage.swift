import Workload

/// What `explain --subject` tells of a pool of this repository.
struct PoolPage {
  /// One sentence.
  var summary: String
  /// A drawing of its memory, line by line, of at most 76 columns.
  var layout: [String]
  /// What it does for each call, and what that costs: `allocate`, `free`, `resize`, `scope end`, `give back`, …
  var steps: [(call: String, does: String)]
  /// What it cannot do or does badly, a sentence each.
  var limits: [String]
  /// What it is good for, and what for not.
  var use: String
  /// Where the algorithm and its constants are from.
  var source: String
}

extension PoolPage {
  /// The page of a subject that is a pool of this repository, else nil.
  static func of(_ base: Subject.Base) -> PoolPage? {
    switch base {
    case .glibc, .jemalloc, .tcmalloc, .preloaded, .null: nil
    case .fixed: nil
    case .fixedShared: nil
    case .region: nil
    case .threadCache: nil
    case .mempool: nil
    case .nginx: nil
    case .apr: nil
    case .fixedBlock: nil
    case .fixedChunk: nil
    case .fixedIndex: nil
    case .slab: nil
    case .buddy: nil
    case .arenas: nil
    case .handle: nil
    case .zend: zend
    case .zend5: zend5
    case .zephyr: nil
    case .aset: nil
    case .pgSlab: nil
    case .pgGeneration: nil
    case .pgBump: nil
    }
  }
}
