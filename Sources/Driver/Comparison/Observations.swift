import Foundation
import Workload

/// The values of one quantity on both sides of a comparison.
struct Observations: Equatable {
  /// In order of repetition.
  var base: [Double]
  var new: [Double]
  /// Logarithms of new ÷ base of the blocks that hold both; nil when the sides share no block.
  var logarithms: [Double]?

  init(base: [Double], new: [Double], logarithms: [Double]? = nil) {
    self.base = base
    self.new = new
    self.logarithms = logarithms
  }

  /// - Parameter isPaired: whether equal repetitions of the two cells are one block.
  init(_ quantity: Quantity, base: CellResult, new: CellResult, isPaired: Bool) {
    let pass = quantity.metric.pass
    let left = base.measured(pass)
    let right = new.measured(pass)
    guard isPaired else {
      self.init(base: left.compactMap { $0.value(of: quantity) }, new: right.compactMap { $0.value(of: quantity) })
      return
    }
    let values = left.compactMap { run -> (base: Double, new: Double)? in
      guard let value = run.value(of: quantity),
        // A block that was resumed may hold runs of turns beside whole ones, which are no pair.
        let twin = right.first(where: {
          $0.repetition == run.repetition && $0.seed == run.seed && $0.tookTurns == run.tookTurns
        }),
        let other = twin.value(of: quantity)
      else { return nil }
      return (value, other)
    }
    self.init(
      base: values.map(\.base), new: values.map(\.new), logarithms: values.map { log($0.new) - log($0.base) })
  }

  /// Blocks that can speak: pairs, or values of the smaller side.
  var blocks: Int { min(base.count, new.count) }

  /// Whether every value has a logarithm.
  var arePositive: Bool { (base + new).allSatisfy { $0 > 0 } }

  func estimate(_ inference: Inference, seed: UInt64) -> RatioEstimate? {
    logarithms.map { inference.paired($0, seed) } ?? inference.unpaired(base, new, seed)
  }

  /// p of "new is worse than `threshold`".
  func worse(than threshold: Double, _ inference: Inference) -> Double {
    let limit = 1 + threshold
    if let logarithms { return inference.signedRank(logarithms.map { $0 - log(limit) }) }
    return inference.mannWhitney(new.map { $0 / limit }, base)
  }

  /// p of "new is better than `threshold`".
  func better(than threshold: Double, _ inference: Inference) -> Double {
    let limit = 1 - threshold
    if let logarithms { return inference.signedRank(logarithms.map { log(limit) - $0 }) }
    return inference.mannWhitney(base.map { $0 * limit }, new)
  }
}
