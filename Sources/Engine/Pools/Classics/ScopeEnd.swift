/// What becomes of a scope's pool when the scope ends, for pools whose users have the choice.
protocol ScopeEnd {
  /// The pool is emptied and serves the scope's next instance; else it is destroyed and each instance makes its own.
  static var keepsPool: Bool { get }
}

enum DestroyedWithScope: ScopeEnd {
  static var keepsPool: Bool { false }
}

enum EmptiedWithScope: ScopeEnd {
  static var keepsPool: Bool { true }
}

extension PoolConfiguration {
  /// - Throws: `PoolError.unsupported` if a variant ends with no scope.
  func requireScopes() throws(PoolError) {
    if scopeOfVariant.isEmpty || scopeOfVariant.contains(where: { $0 < 0 }) {
      throw .unsupported("has no free for single objects: all must end with a scope")
    }
  }
}
