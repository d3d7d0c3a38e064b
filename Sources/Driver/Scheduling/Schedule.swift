public import Workload

/// One repetition of every subject in one pass.
public struct Block: Equatable, Sendable {
  public var pass: Pass
  /// From 1.
  public var repetition: Int

  public init(_ pass: Pass, _ repetition: Int) {
    self.pass = pass
    self.repetition = repetition
  }
}

/// The order of blocks, and of subjects within a block.
public enum Schedule {
  /// Repetition by repetition, in each pass by pass, so that slow changes of the machine fall on all subjects alike
  /// and an interrupted run has something of everything.
  public static func blocks(passes: [Pass], repetitions: (Pass) -> Int) -> [Block] {
    let most = passes.map(repetitions).max() ?? 0
    return stride(from: 1, through: most, by: 1).flatMap { repetition in
      passes.filter { repetition <= repetitions($0) }.map { Block($0, repetition) }
    }
  }

  /// The random numbers that belong to a block alone: a block is in the same order whatever was measured before it, also
  /// when an interrupted run is continued.
  public static func random(of block: Block, seed: UInt64) -> SplitMix64 {
    let pass = UInt64(Pass.allCases.firstIndex(of: block.pass) ?? 0)
    var mixed = SplitMix64(state: seed)
    return SplitMix64(state: mixed.next() ^ (UInt64(block.repetition) << 8 | pass))
  }

  /// 0 ..< `count` in a random order, by Fisher and Yates' shuffle.
  public static func shuffled(_ count: Int, _ random: inout SplitMix64) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      let chosen = Int(random.next().multipliedFullWidth(by: UInt64(last + 1)).high)
      order.swapAt(last, chosen)
    }
    return order
  }
}
