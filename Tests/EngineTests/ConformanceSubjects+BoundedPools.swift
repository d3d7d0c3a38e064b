@testable import Engine

extension ConformanceSubject {
  static let boundedPools: [ConformanceSubject] = []
}
