import Workload

@testable import Engine

extension ConformanceSubject {
  static let requestPools: [ConformanceSubject] = [
    ConformanceSubject("mempool", MempoolSubject<MallocBacking>.self, mempool(48)),
    ConformanceSubject("mempool, 5 bytes", MempoolSubject<MallocBacking>.self, mempool(5)),
    ConformanceSubject("mempool[min=1]", MempoolSubject<MallocBacking>.self, mempool(48, "mempool[min=1]")),
    ConformanceSubject("nginx", Nginx.self, request("nginx", [0])),
    ConformanceSubject("nginx, nested scopes", Nginx.self, request("nginx", [0, 1, 2, 3], parents: nested)),
    ConformanceSubject("nginx[block=112]", Nginx.self, request("nginx[block=112]", [0])),
    ConformanceSubject("nginx[block=1M]", Nginx.self, request("nginx[block=1M]", [0])),
    ConformanceSubject("nginx[end=reset]", NginxReset.self, request("nginx[end=reset]", [0])),
    ConformanceSubject(
      "nginx[end=reset], nested scopes", NginxReset.self, request("nginx[end=reset]", [0, 1, 2, 3], parents: nested)),
    ConformanceSubject("apr", Apr.self, request("apr", [0])),
    ConformanceSubject("apr, nested scopes", Apr.self, request("apr", [0, 1, 2, 3], parents: nested)),
    ConformanceSubject("apr[max-free=64K]", Apr.self, request("apr[max-free=64K]", [0])),
    ConformanceSubject("apr[end=clear]", AprClear.self, request("apr[end=clear]", [0])),
    ConformanceSubject(
      "apr[end=clear], nested scopes", AprClear.self, request("apr[end=clear]", [0, 1, 2, 3], parents: nested)),
  ]

  private typealias Nginx = NginxSubject<DestroyedWithScope>
  private typealias NginxReset = NginxSubject<EmptiedWithScope>
  private typealias Apr = AprSubject<DestroyedWithScope>
  private typealias AprClear = AprSubject<EmptiedWithScope>

  /// Two inside the first, one inside the second of these.
  private static let nested: [Int32] = [-1, 0, 0, 2]

  private static func request(_ subject: String, _ scopes: [Int32], parents: [Int32] = []) -> ConformanceTraits {
    var traits = region(scopes)
    traits.parentOfScope = parents
    traits.alignment = 8
    traits.keepsFreedMemory = false
    traits.reusesMemory = !isSanitized
    if let subject = try? Subject(parsing: subject) { traits.subject = subject }
    return traits
  }

  private static func mempool(_ size: Int, _ subject: String = "mempool") -> ConformanceTraits {
    var traits = fixed(size)
    traits.alwaysResizes = false
    traits.largestAlignment = 16
    // Elements that are out when a mempool ends are their holders' to free, and exhaustion leaves some.
    traits.mapsThroughPlatform = false
    traits.reusesMemory = !isSanitized
    traits.freesForeignObjects = true
    if let subject = try? Subject(parsing: subject) { traits.subject = subject }
    return traits
  }
}
