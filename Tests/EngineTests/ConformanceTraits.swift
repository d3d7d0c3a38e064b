import Workload

@testable import Engine

/// What the conformance suite may ask of a subject.
struct ConformanceTraits: Sendable {
  /// Sizes to ask for.
  var sizes: ClosedRange<Int> = 0...20_000
  /// Now and then, one of these too.
  var largeSizes: ClosedRange<Int>? = 200_000...600_000
  /// Objects of 0 bytes have addresses of their own.
  var hasUniqueEmpties = true
  /// Sizes that no machine has are answered with nil. False for pools that do not look at the size.
  var refusesExtremes = true
  /// What was freed is handed out again.
  var reusesMemory = true
  /// What was freed stays with the pool, so that it is handed out again also when the system has no more.
  var keepsFreedMemory = true
  /// Sizes up to the largest may be resized to each other; false: `resize` may refuse to grow.
  var alwaysResizes = true
  /// What every object of at least as many bytes is aligned to, at most 16.
  var alignment = 16
  /// Largest alignment to ask for.
  var largestAlignment = 1 << 16
  /// Scope of each variant that is used, −1 for none.
  var scopeOfVariant: [Int32] = [-1]
  var scopes = 0
  /// For each scope the one around it, −1 for none: a scope that ends takes those inside with it.
  var parentOfScope: [Int32] = []
  /// What the pool's name says.
  var subject = Subject(.null)
  /// Takes its memory through CPlatform, so that it can be exhausted.
  var mapsThroughPlatform = true
  /// An object may be freed by another lane than the one that allocated it.
  var freesForeignObjects = false
  /// What a lane leaves behind when it detaches serves the others.
  var sharesAfterDetach = false
  /// Set for pools of one size.
  var fixedSize: Int?

  /// A configuration for `body` only: it refers to memory that goes afterwards.
  func withConfiguration<Result>(lanes: Int, _ body: (PoolConfiguration) throws -> Result) rethrows -> Result {
    let parents = parentOfScope.isEmpty ? [Int32](repeating: -1, count: scopes) : parentOfScope
    return try scopeOfVariant.withUnsafeBufferPointer { table in
      try parents.withUnsafeBufferPointer { try body(configuration(lanes: lanes, table, $0)) }
    }
  }

  private func configuration(
    lanes: Int, _ scopeOfVariant: UnsafeBufferPointer<Int32>, _ parents: UnsafeBufferPointer<Int32>
  ) -> PoolConfiguration {
    var configuration = PoolConfiguration()
    configuration.subject = subject
    configuration.lanes = lanes
    configuration.scopes = scopes
    configuration.fixedSize = fixedSize
    configuration.largestSize = max(sizes.upperBound, largeSizes?.upperBound ?? 0)
    configuration.largestAlignment = largestAlignment
    configuration.scopeOfVariant = scopeOfVariant
    configuration.parentOfScope = parents
    return configuration
  }
}
