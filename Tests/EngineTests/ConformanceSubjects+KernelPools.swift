@testable import Engine

extension ConformanceSubject {
  static let kernelPools: [ConformanceSubject] = [
    ConformanceSubject("buddy", BuddyPool.self, pages)
  ]

  private static var pages: ConformanceTraits { shared(ConformanceTraits()) }
}
