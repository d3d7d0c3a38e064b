/// The statistics that verdicts rest on; replaced by fixed answers in tests of the rules.
struct Inference: Sendable {
  /// Of logarithms of new ÷ base, one a block, and a seed of the resampling.
  var paired: @Sendable ([Double], UInt64) -> RatioEstimate?
  /// Of base and new, when no block holds both, and a seed.
  var unpaired: @Sendable ([Double], [Double], UInt64) -> RatioEstimate?
  /// One-sided p of "the differences are above 0".
  var signedRank: @Sendable ([Double]) -> Double
  /// One-sided p of "the first is greater than the second".
  var mannWhitney: @Sendable ([Double], [Double]) -> Double
  /// Adjusted p values in the order given.
  var adjusted: @Sendable ([Double]) -> [Double]

  static let standard = Inference(
    paired: { Bootstrap.ratio(paired: $0, seed: $1) },
    unpaired: { Bootstrap.ratio(base: $0, new: $1, seed: $2) },
    signedRank: { SignedRank.greater($0) },
    mannWhitney: { MannWhitney.greater($0, than: $1) },
    adjusted: { Holm.adjusted($0) })

  /// A verdict needs an adjusted p of at most this.
  static let significance = 0.05
}
