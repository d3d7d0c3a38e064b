import Testing
import Workload

struct MemoryContextFitTests {
  private func fit(_ subject: Subject, _ classes: [ObjectClass], threads: Int = 1) -> Fit {
    Fit.of(subject, Samples.description(threads: threads, classes: classes, scopes: [Samples.requestScope]))
  }

  private func objects(
    _ size: Distribution = Distribution(.uniform(1, 512)), _ lifetime: Lifetime = .drawn(.fixed(1)),
    calls: [Call] = [.malloc], freedByOther: Double = 0
  ) -> ObjectClass {
    ObjectClass(
      name: "c", size: size, lifetime: lifetime, calls: calls.map { CallShare(call: $0, weight: 1) },
      freedByOther: freedByOther)
  }

  @Test(arguments: [Subject.Base.aset, .pgGeneration])
  func `sets and generations free one by one and end scopes in bulk`(base: Subject.Base) {
    let both = [objects(), objects(Distribution(.uniform(1, 512)), .scope(0))]
    #expect(fit(Subject(base), both) == .native)
    #expect(fit(Subject(base), both, threads: 2) == .adapted([.perLane]))
    #expect(fit(Subject(base), [objects(calls: [.aligned(1 << 20)])]) == .native)
    #expect(fit(Subject(base), [objects(.fixed(1 << 30))]).word == "skipped")
    #expect(fit(Subject(base), [objects(.fixed((1 << 30) - 1))]) == .native)
    #expect(fit(Subject(base), [objects(freedByOther: 0.5)], threads: 2).word == "skipped")
  }

  @Test func `a bump context wants scopes for all`() {
    let scoped = objects(Distribution(.uniform(1, 512)), .scope(0))
    #expect(fit(Subject(.pgBump), [scoped]) == .native)
    #expect(fit(Subject(.pgBump), [objects()]).word == "skipped")
    #expect(fit(Subject(.pgBump), [scoped, objects()]).word == "skipped")
  }

  @Test func `a slab wants one size that its block holds`() {
    #expect(fit(Subject(.pgSlab), [objects(.fixed(8_136))]) == .native)
    #expect(fit(Subject(.pgSlab), [objects(.fixed(8_137))]).word == "skipped")
    #expect(fit(Subject(.pgSlab, options: [.init(.block, "16K")]), [objects(.fixed(8_137))]) == .native)
    #expect(fit(Subject(.pgSlab), [objects()]).word == "skipped")
    #expect(fit(Subject(.pgSlab), [objects(.fixed(64), calls: [.aligned(16)])]).word == "skipped")
  }
}
