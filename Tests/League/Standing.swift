import Driver
import Foundation

/// Whether a target is reached.
public enum Standing: Equatable, Sendable {
  case met
  /// In which cells it is not.
  case missed([String])
  /// Cells whose interval holds the target.
  case open([String])
  /// Why nothing can be said.
  case unknown(String)

  public var words: String {
    switch self {
    case .met: "**met**"
    case .missed(let cells): "**missed**" + (cells.isEmpty ? "" : ": " + cells.joined(separator: ", "))
    case .open(let cells): "open" + (cells.isEmpty ? "" : ": " + cells.joined(separator: ", "))
    case .unknown(let reason): reason
    }
  }
}

/// What a target asks of a ratio.
public enum Bound: Equatable, Sendable {
  case atLeast(Double)
  case atMost(Double)
  /// Fails where a Holm-corrected interval lies wholly under it, and only there.
  case neverUnder(Double)

  /// Over all cells of a row; those with a caveat say nothing.
  ///
  /// Of `atLeast` and `atMost` a cell has reached its target when its whole 95 % interval has, and missed it when its
  /// Holm-corrected interval lies wholly beyond; without blocks to correct, when its interval does, and without that,
  /// when its ratio does.
  public func verdict(_ cells: [Cell]) -> Standing {
    let judged = cells.filter { $0.caveat == nil }
    if cells.isEmpty { return .unknown("not measured") }
    if judged.isEmpty { return .unknown("no verdict: " + (cells[0].caveat ?? "")) }
    switch self {
    case .neverUnder(let bound):
      let failing = Self.under(judged, bound)
      return failing.isEmpty ? .met : .missed(failing)
    case .atLeast(let bound):
      let failing = Self.under(judged, bound)
      if !failing.isEmpty { return .missed(failing) }
      let doubtful = judged.filter { ($0.interval?.lowerBound ?? $0.ratio) < bound }
      return doubtful.isEmpty ? .met : .open(doubtful.map(\.name))
    case .atMost(let bound):
      // What is at most a bound is, turned upside down, at least the bound's inverse.
      return Bound.atLeast(1 / bound).verdict(judged.map(\.inverse))
    }
  }

  /// Names of the cells that lie under a bound beyond doubt.
  private static func under(_ cells: [Cell], _ bound: Double) -> [String] {
    let repeated = cells.indices.filter { cells[$0].logarithms.count > 1 }
    let corrected = HolmIntervals(repeated.map { cells[$0].logarithms }, under: bound, seed: League.seed)
    let failing = corrected.under.map { repeated[$0] }
    return cells.indices.filter { index in
      repeated.contains(index)
        ? failing.contains(index) : (cells[index].interval?.upperBound ?? cells[index].ratio) < bound
    }.map { cells[$0].name }
  }
}

extension Cell {
  fileprivate var inverse: Cell {
    var cell = self
    cell.ratio = 1 / ratio
    cell.interval = interval.map { 1 / $0.upperBound...1 / $0.lowerBound }
    cell.logarithms = logarithms.map { -$0 }
    return cell
  }
}
