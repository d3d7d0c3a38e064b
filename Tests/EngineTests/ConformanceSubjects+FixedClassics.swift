@testable import Engine

extension ConformanceSubject {
  static let fixedClassics: [ConformanceSubject] = []
}
