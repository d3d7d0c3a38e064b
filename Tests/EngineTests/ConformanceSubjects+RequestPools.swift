@testable import Engine

extension ConformanceSubject {
  static let requestPools: [ConformanceSubject] = []
}
