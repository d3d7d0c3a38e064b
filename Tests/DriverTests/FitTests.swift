import Testing
import Workload

struct FitTests {
  private func fit(_ base: Subject.Base, _ description: WorkloadDescription) -> Fit {
    Fit.of(Subject(base), description)
  }

  private func objects(
    _ size: Distribution = .fixed(64), _ lifetime: Lifetime = .drawn(.fixed(1)), calls: [Call] = [.malloc],
    resize: Resize? = nil, freedByOther: Double = 0
  ) -> ObjectClass {
    ObjectClass(
      name: "c", size: size, lifetime: lifetime, calls: calls.map { CallShare(call: $0, weight: 1) }, resize: resize,
      freedByOther: freedByOther)
  }

  private func one(_ objects: ObjectClass, threads: Int = 1) -> WorkloadDescription {
    Samples.description(threads: threads, classes: [objects], scopes: [Samples.requestScope])
  }

  @Test func `one size on one lane suits every pool that frees one by one`() {
    let description = one(objects())
    for base in Subject.Base.allCases where Subject(base).capabilities.freesIndividually {
      #expect(fit(base, description) == .native)
    }
  }

  @Test(arguments: [
    Distribution(.uniform(8, 9)), Distribution(.lognormal(median: 64, sigma: 1)),
    Distribution(.choice([Weighted(8, weight: 1), Weighted(16, weight: 1)])),
  ])
  func `mixed sizes make fixed pools one per size class`(size: Distribution) {
    let description = one(objects(size))
    #expect(fit(.fixed, description) == .adapted([.segregated]))
    #expect(fit(.fixedShared, description) == .adapted([.segregated]))
    #expect(fit(.threadCache, description) == .native)
  }

  @Test(arguments: [Subject.Base.fixedBlock, .fixedChunk, .fixedIndex])
  func `the textbooks' fixed pools serve one size, one pool a lane`(base: Subject.Base) {
    #expect(fit(base, one(objects(), threads: 2)) == .adapted([.perLane]))
    expectSkipped(fit(base, one(objects(Distribution(.uniform(8, 9))))), "mixed sizes")
    expectSkipped(fit(base, one(objects(freedByOther: 0.5), threads: 2)), "only the owner")
    expectSkipped(fit(base, one(objects(calls: [.aligned(16)]))), "beyond its largest alignment")
  }

  @Test func `a fixed chunk holds objects of up to 128 KiB`() {
    #expect(fit(.fixedChunk, one(objects(.fixed(128 << 10)))) == .native)
    expectSkipped(fit(.fixedChunk, one(objects(.fixed((128 << 10) + 1)))), "its largest is 131072")
    #expect(fit(.fixedBlock, one(objects(.fixed((128 << 10) + 1)))) == .native)
  }

  @Test(arguments: ["gperf", "tutorial"])
  func `other profiles of the thread cache serve what it serves, but no sized frees`(profile: String) {
    let option = Subject.Option(.profile, profile)
    let mixed = one(objects(Distribution(.uniform(8, 9)), freedByOther: 0.5), threads: 2)
    #expect(Fit.of(Subject(.threadCache, options: [option]), mixed) == .native)
    expectSkipped(Fit.of(Subject(.threadCache, options: [option, .sized]), mixed), "no sized free")
    expectSkipped(Fit.of(Subject(.threadCache, options: [option, .huge]), mixed), "no huge pages")
    #expect(Fit.of(Subject(.threadCache, options: [.huge]), mixed) == .native)
    #expect(Fit.of(Subject(.threadCache, options: [.sized]), mixed) == .native)
  }

  private func expectSkipped(_ fit: Fit, _ reason: String) {
    guard case .skipped(let text) = fit else {
      Issue.record("not skipped: \(fit)")
      return
    }
    #expect(text.contains(reason), "\(text)")
  }

  @Test func `one free list under a lock is for one size`() {
    let mutex = Subject(.fixedShared, options: [.mutex])
    #expect(Fit.of(mutex, one(objects(freedByOther: 0.5), threads: 2)) == .native)
    guard case .skipped(let reason) = Fit.of(mutex, one(objects(Distribution(.uniform(1, 2))))) else {
      Issue.record("not skipped")
      return
    }
    #expect(reason.contains("mixed sizes"))
  }

  @Test(arguments: [
    Distribution(.uniform(64, 64)), Distribution(.choice([Weighted(64, weight: 3)])),
    Distribution(.lognormal(median: 64, sigma: 1), minimum: 64, maximum: 64),
    Distribution(.mixture([Weighted(.fixed(64), weight: 1), Weighted(Distribution(.uniform(64, 64)), weight: 1)])),
  ])
  func `a distribution of one value is one size`(size: Distribution) {
    #expect(fit(.fixed, one(objects(size))) == .native)
  }

  @Test func `a resize is another size`() {
    #expect(fit(.fixed, one(objects(resize: Resize(share: 0.1)))) == .adapted([.segregated]))
  }

  @Test func `classes that no phase uses ask for nothing`() {
    var description = one(objects())
    description.classes.append(objects(.fixed(4096)))
    #expect(fit(.fixed, description) == .native)
  }

  @Test func `several lanes get a pool each where the pool knows one owner`() {
    let description = one(objects(), threads: 2)
    #expect(fit(.fixed, description) == .adapted([.perLane]))
    #expect(fit(.fixedShared, description) == .native)
    #expect(fit(.fixed, one(objects(Distribution(.uniform(1, 2))), threads: 2)) == .adapted([.segregated, .perLane]))
  }

  @Test func `only the owner frees in a fixed pool`() {
    guard case .skipped(let reason) = fit(.fixed, one(objects(freedByOther: 0.5), threads: 2)) else {
      Issue.record("not skipped")
      return
    }
    #expect(reason.contains("freed by other lanes"))
    #expect(fit(.fixedShared, one(objects(freedByOther: 0.5), threads: 2)) == .native)
    #expect(fit(.fixed, one(objects(freedByOther: 0.5), threads: 1)) == .native)
  }

  @Test func `a region wants scopes`() {
    let scoped = objects(Distribution(.uniform(1, 64)), .scope(0))
    #expect(fit(.region, one(scoped)) == .native)
    #expect(fit(.region, one(scoped, threads: 4)) == .adapted([.perLane]))
    let mixed = Samples.description(classes: [scoped, objects()], scopes: [Samples.requestScope])
    #expect(fit(.region, mixed) == .adapted([.mixed]))
    #expect(
      fit(.region, one(objects()))
        == .skipped("no class ends with a scope: region cannot free one by one"))
  }

  @Test func `what other lanes free goes to malloc beside a region`() {
    let scoped = objects(.fixed(8), .scope(0))
    let description = Samples.description(
      threads: 2, classes: [scoped, objects(freedByOther: 1)], scopes: [Samples.requestScope])
    #expect(fit(.region, description) == .adapted([.mixed, .perLane]))
  }

  @Test func `an alignment beyond the pool's is not served`() {
    let description = one(objects(calls: [.malloc, .aligned(8192)]))
    #expect(fit(.fixed, description) == .skipped("aligned(8192) is beyond its largest alignment, 4096 bytes"))
    #expect(fit(.threadCache, description) == .native)
    #expect(fit(.fixed, one(objects(calls: [.aligned(4096)]))) == .native)
  }

  @Test(arguments: [Subject.Base.zephyr, .handle])
  func `a pool with a fixed amount of memory has a largest request, which its option sets`(base: Subject.Base) {
    let description = one(objects(Distribution(.uniform(1, 100_000))))
    guard case .skipped(let reason) = fit(base, description) else {
      Issue.record("not skipped")
      return
    }
    #expect(reason.contains("its largest is 65536"))
    #expect(Fit.of(Subject(base, options: [.init(.largest, "128K")]), description) == .native)
  }

  @Test func `handles are of one owner, blocks of zephyr are of all`() {
    #expect(fit(.handle, one(objects(), threads: 2)) == .adapted([.perLane]))
    #expect(fit(.zephyr, one(objects(freedByOther: 0.5), threads: 2)) == .native)
  }
}
