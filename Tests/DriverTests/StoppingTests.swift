import Testing

@testable import Driver

struct StoppingTests {
  private func estimate(_ ratio: Double, _ wide: ClosedRange<Double>) -> RatioEstimate {
    RatioEstimate(
      ratio: ratio, interval: ratio...ratio, wideInterval: wide, standardError: 0.01, blocks: 10, outliers: 0)
  }

  @Test func `the wide interval has to lie within two hundredths of the ratio`() {
    #expect(StoppingRule.suffices(estimate(1, 0.981...1.019)))
    #expect(!StoppingRule.suffices(estimate(1, 0.979...1.0)))
    #expect(!StoppingRule.suffices(estimate(1, 1.0...1.021)))
    // Of the ratio, not of 1.
    #expect(StoppingRule.suffices(estimate(3, 2.95...3.05)))
    #expect(!StoppingRule.suffices(estimate(0.1, 0.09...0.11)))
  }

  @Test func `the least change that is found`() {
    // 1.02 × e^(3.604818 × 0.01) − 1
    let change = MinimumDetectable.change(standardError: 0.01, threshold: 0.02)
    #expect(abs(change - 0.0574399) < 1e-6)
    #expect(abs(MinimumDetectable.change(standardError: 0, threshold: 0.05) - 0.05) < 1e-15)
    // An estimate of ten blocks has a longer interval: (2.384527 + 1.644854) × 0.01.
    let estimate = estimate(1, 0.9...1.1)
    #expect(abs(MinimumDetectable.change(estimate, threshold: 0.02) - 0.06193895) < 1e-6)
  }

  /// Values shaped like a normal distribution, symmetric about 0.
  private func quiet(_ scale: Double) -> [Double] {
    [0.03, 0.1, 0.2, 0.32, 0.45, 0.6, 0.78, 1, 1.3, 1.9].flatMap { [$0 * scale, -$0 * scale] }
  }

  @Test func `a noisier machine needs more blocks, and too noisy a one gets no number`() throws {
    let prescription = BlockPrescription()
    let few = try #require(prescription.blocks(noise: quiet(0.005), seed: 1))
    let more = try #require(prescription.blocks(noise: quiet(0.02), seed: 1))
    #expect(few < more && BlockPrescription.ladder.contains(few) && BlockPrescription.ladder.contains(more))
    #expect(prescription.blocks(noise: quiet(0.14), seed: 1) == nil)
    #expect(prescription.blocks(noise: quiet(0.02), seed: 1) == more)
  }

  @Test func `a larger change needs fewer blocks`() throws {
    let small = try #require(BlockPrescription().blocks(noise: quiet(0.02), seed: 1))
    let large = try #require(BlockPrescription(change: 0.1).blocks(noise: quiet(0.02), seed: 1))
    #expect(large < small)
  }

  @Test func `too little noise to know it gets no number`() {
    #expect(BlockPrescription().blocks(noise: [0.001, 0, -0.001], seed: 1) == nil)
    #expect(BlockPrescription().blocks(noise: quiet(0.005) + [.nan], seed: 1) == nil)
  }
}
