@testable import Engine

extension ConformanceSubject {
  static let kernelPools: [ConformanceSubject] = []
}
