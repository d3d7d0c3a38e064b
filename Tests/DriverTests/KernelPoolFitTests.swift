import Testing
import Workload

struct KernelPoolFitTests {
  private func fit(_ base: Subject.Base, _ size: Distribution, call: Call = .malloc, resize: Resize? = nil) -> Fit {
    let objects = ObjectClass(
      name: "c", size: size, lifetime: .drawn(.fixed(1)), calls: [CallShare(call: call, weight: 1)], resize: resize,
      freedByOther: 1)
    return Fit.of(Subject(base), Samples.description(threads: 2, classes: [objects], scopes: []))
  }

  @Test(arguments: [Subject.Base.buddy, .slab])
  func `what is larger than the largest block of the page lists is not served`(base: Subject.Base) {
    #expect(fit(base, .fixed(4 << 20)) == .native)
    let reason = "requests of up to 4194305 bytes: its largest is 4194304"
    #expect(fit(base, .fixed((4 << 20) + 1)) == .skipped(reason))
    guard case .skipped = fit(base, .fixed(3 << 20), resize: Resize(share: 0.1, factor: 2)) else {
      Issue.record("an object that grows beyond the largest block is served")
      return
    }
  }

  @Test(arguments: [Subject.Base.buddy, .slab])
  func `alignments go as far as blocks do`(base: Subject.Base) {
    #expect(fit(base, .fixed(100), call: .aligned(4 << 20)) == .native)
    #expect(
      fit(base, .fixed(100), call: .aligned(8 << 20))
        == .skipped("aligned(8388608) is beyond its largest alignment, 4194304 bytes"))
  }

  @Test func `arenas serve what malloc serves`() {
    #expect(fit(.arenas, .fixed(1 << 30), call: .aligned(8 << 20)) == .native)
  }

  @Test func `options choose the CPU layer and the limit`() throws {
    #expect(Subject(.slab).choice(.cpu) == "classic")
    #expect(try Subject(parsing: "slab[cpu=sheaves]").choice(.cpu) == "sheaves")
    #expect(Subject(.arenas).number(.max) == 0)
    #expect(try Subject(parsing: "arenas[max=8]").number(.max) == 8)
    #expect(throws: SubjectError.self) { try Subject(parsing: "arenas[max=many]") }
    #expect(throws: SubjectError.self) { try Subject(parsing: "slab[cpu=fast]") }
  }
}
