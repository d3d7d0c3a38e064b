@testable import Engine

/// What a pool has counted, by name.
func figures<P: Pool & ~Copyable>(of pool: borrowing P) throws -> [String: Int] {
  var (counts, none) = (PoolCounts(), PoolCounts())
  pool.list(into: &counts)
  // A new pool lists the same names, each with 0.
  let fresh = try P(PoolConfiguration())
  fresh.list(into: &none)
  var figures: [String: Int] = [:]
  counts.forEach(since: none) { figures[$0] = $1 }
  return figures
}
