@testable import Engine

extension ConformanceSubject {
  static let zendPools: [ConformanceSubject] = []
}
