extension NoiseFloor {
  /// Blocks beyond which nobody waits.
  public static let mostBlocks = 80
  /// The change in throughput that a comparison tolerates by default; what is to be found has to stand out from it.
  static let tolerated = 0.02
}

extension NoiseFloor.Mode {
  /// The number of blocks, at least ``StoppingRule/fewestForVerdict``, with which a slow-down by `change` is found in
  /// 19 of 20 comparisons; nil if ``NoiseFloor/mostBlocks`` do not suffice.
  public func blocks(finding change: Double) -> Int? { nil }
}
