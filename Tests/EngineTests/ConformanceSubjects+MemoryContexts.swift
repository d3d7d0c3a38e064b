@testable import Engine

extension ConformanceSubject {
  static let memoryContexts: [ConformanceSubject] = []
}
