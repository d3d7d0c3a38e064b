@testable import Engine

extension ConformanceSubject {
  static let zendPools: [ConformanceSubject] = [
    ConformanceSubject("zend", OwnerHeapPool<ZendHeap>.self, zend([-1], alignment: 4096)),
    ConformanceSubject("zend, huge", OwnerHeapPool<ZendHeap>.self, zendHuge),
    ConformanceSubject("zend, scopes freed one by one", OwnerHeapPool<ZendHeap>.self, zend([0, 1, -1], alignment: 64)),
    ConformanceSubject("zend[end=shutdown]", ShutdownHeapPool<ZendHeap>.self, zend([0], alignment: 4096)),
    ConformanceSubject("zend[end=shutdown], nested scopes", ShutdownHeapPool<ZendHeap>.self, nested(4096)),
    ConformanceSubject("zend5", OwnerHeapPool<Zend5Heap>.self, zend([-1], alignment: 8)),
    ConformanceSubject(
      "zend5, scopes freed one by one", OwnerHeapPool<Zend5Heap>.self, zend([0, 1, -1], alignment: 8)),
    ConformanceSubject("zend5[end=shutdown]", ShutdownHeapPool<Zend5Heap>.self, zend([0], alignment: 8)),
    ConformanceSubject("zend5[end=shutdown], nested scopes", ShutdownHeapPool<Zend5Heap>.self, nested(8)),
  ]

  private static func zend(_ scopes: [Int32], alignment: Int) -> ConformanceTraits {
    var traits = region(scopes)
    traits.reusesMemory = true
    traits.hasUniqueEmpties = true
    traits.alignment = 8
    traits.largestAlignment = alignment
    return traits
  }

  private static var zendHuge: ConformanceTraits {
    var traits = zend([-1], alignment: 4096)
    traits.largeSizes = 2_000_000...5_000_000
    return traits
  }

  private static func nested(_ alignment: Int) -> ConformanceTraits {
    var traits = zend([0, 1, 1, 2], alignment: alignment)
    traits.parentOfScope = [-1, 0, 1]
    return traits
  }
}
