/// Holm's step-down correction of p values of several tests (Scandinavian Journal of Statistics 6, 1979): rejecting those
/// whose adjusted value is at most α keeps the probability of any false rejection at most α, however they depend.
public enum Holm {
  /// Adjusted p values in the order given: of m tests the i-th smallest times m − i + 1, no less than those before it,
  /// at most 1.
  public static func adjusted(_ values: [Double]) -> [Double] {
    var adjusted = values
    var most = 0.0
    for (place, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
      most = max(most, min(1, values[index] * Double(values.count - place)))
      adjusted[index] = most
    }
    return adjusted
  }
}
