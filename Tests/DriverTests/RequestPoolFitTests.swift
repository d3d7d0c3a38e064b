import Testing
import Workload

struct RequestPoolFitTests {
  private func fit(_ subject: String, _ description: WorkloadDescription) throws -> Fit {
    Fit.of(try Subject(parsing: subject), description)
  }

  private func objects(
    _ size: Distribution = .fixed(64), _ lifetime: Lifetime = .scope(0), calls: [Call] = [.malloc],
    freedByOther: Double = 0
  ) -> ObjectClass {
    ObjectClass(
      name: "c", size: size, lifetime: lifetime, calls: calls.map { CallShare(call: $0, weight: 1) },
      freedByOther: freedByOther)
  }

  private func description(_ classes: ObjectClass..., threads: Int = 1) -> WorkloadDescription {
    Samples.description(threads: threads, classes: classes, scopes: [Samples.requestScope])
  }

  @Test(arguments: ["nginx", "nginx[block=16K,end=reset]", "apr", "apr[max-free=1M,end=clear]"])
  func `pools of requests want every class to end with a scope`(subject: String) throws {
    let mixed = Distribution(.uniform(1, 64))
    #expect(try fit(subject, description(objects(mixed))) == .native)
    #expect(try fit(subject, description(objects(mixed), threads: 4)) == .adapted([.perLane]))
    #expect(try fit(subject, description(objects(calls: [.aligned(1 << 16)]))) == .native)
    guard case .skipped = try fit(subject, description(objects(mixed, .drawn(.fixed(1))))),
      case .skipped = try fit(subject, description(objects(mixed), objects(mixed, .drawn(.fixed(1)))))
    else {
      Issue.record("objects are served that cannot be freed")
      return
    }
  }

  @Test func `a mempool serves one size, on any lanes`() throws {
    let single = objects(.fixed(64), .drawn(.fixed(1)), freedByOther: 0.5)
    #expect(try fit("mempool[min=2,backing=fail-50]", description(single, threads: 4)) == .native)
    let mixed = objects(Distribution(.uniform(1, 64)), .drawn(.fixed(1)))
    #expect(try fit("mempool", description(mixed)) == .skipped("mixed sizes: it serves requests of one size only"))
    guard case .skipped = try fit("mempool", description(objects(calls: [.aligned(32)]))) else {
      Issue.record("malloc's elements are aligned to 16")
      return
    }
  }

  @Test func `options have standards and bounds`() throws {
    #expect(try Subject(parsing: "nginx").number(.block) == 4096)
    #expect(try Subject(parsing: "nginx[block=16K]").number(.block) == 16 << 10)
    #expect(try Subject(parsing: "apr").number(.maxFree) == 0)
    #expect(try Subject(parsing: "mempool").number(.min) == 16)
    #expect(try Subject(parsing: "mempool").choice(.backing) == "malloc")
    for text in ["nginx[block=64]", "nginx[end=clear]", "apr[end=reset]", "mempool[backing=fail-2]"] {
      #expect(throws: SubjectError.self) { _ = try Subject(parsing: text) }
    }
  }

  @Test func `only what can refuse has a cap, and only a limit returns memory`() throws {
    #expect(try !Subject(parsing: "mempool").capabilities.hasHardCap)
    #expect(try Subject(parsing: "mempool[backing=fail-100]").capabilities.hasHardCap)
    #expect(try !Subject(parsing: "apr").capabilities.returnsMemory)
    #expect(try Subject(parsing: "apr[max-free=64K]").capabilities.returnsMemory)
    #expect(try Subject(parsing: "apr").capabilities.formsTree)
  }
}
