import Testing

@testable import Engine

@Suite("Conformance of pools")
struct ConformanceTests {
  @Test("A pool keeps its promises", arguments: ConformanceSubject.all)
  func keepsItsPromises(_ subject: ConformanceSubject) {
    let faults = subject.check()
    #expect(faults.isEmpty, "\(faults.prefix(5))")
  }

  @Test("A broken pool is caught")
  func brokenPoolsAreCaught() {
    expectCaught(OverlappingBlocks.self, "reaches into", "lies inside", "lost its contents")
    expectCaught(MisalignedBlocks.self, "not aligned to")
    expectCaught(OverAlignmentIgnored.self, "not aligned to")
    expectCaught(DirtyZeroed.self, "is not zero")
    expectCaught(ForgetfulResize.self, "lost the contents")
    expectCaught(LosingFrees.self, "memory is lost")
    expectCaught(BoastfulUsableSize.self, "reaches into", "lies inside", "lost its contents")
    expectCaught(FreesOnFailedResize.self, "lost its contents")
    expectCaught(ServesExtremes.self, "were handed out")
    expectCaught(KeepsDetachedCache.self, "that a lane left")
  }

  /// The suite finds the pool wrong, and for the right reason.
  private func expectCaught<Kind: DefectKind>(_ kind: Kind.Type, _ reasons: String...) {
    var traits = ConformanceSubject.shared(ConformanceTraits())
    traits.largeSizes = nil
    // These two cannot resize, and the first looks at no size.
    traits.alwaysResizes = Kind.defect != .misaligned && Kind.defect != .overlapping
    traits.refusesExtremes = Kind.defect != .overlapping
    let faults = Conformance<BrokenPool<Kind>>.check(BrokenPool<Kind>.self, traits)
    #expect(!faults.isEmpty, "\(Kind.defect) went unnoticed")
    // What comes first is the cause, what follows may be its consequence.
    #expect(
      faults.first.map { fault in reasons.contains { fault.contains($0) } } ?? false,
      "\(Kind.defect) was taken for something else: \(faults.prefix(5))")
  }
}
