import Workload

/// What `explain --subject` tells of a pool of this repository.
struct PoolPage {
  /// One sentence.
  var summary: String
  /// A drawing of its memory, line by line, of at most 76 columns, better of 58.
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
    case .fixed: .fixed
    case .fixedShared: .fixedShared
    case .region: .region
    case .threadCache: .threadCache
    case .fixedBlock: .fixedBlock
    case .fixedChunk: .fixedChunk
    case .fixedIndex: .fixedIndex
    case .slab: .slab
    case .buddy: .buddy
    case .arenas: .arenas
    case .mempool: .mempool
    case .nginx: .nginx
    case .apr: .apr
    case .aset: .aset
    case .pgSlab: .pgSlab
    case .pgGeneration: .pgGeneration
    case .pgBump: .pgBump
    case .handle: .handle
    case .zephyr: .zephyr
    case .zend: .zend
    case .zend5: .zend5
    }
  }
}
