/// A distribution of sizes (bytes), lifetimes (allocations) or lengths (allocations, scopes), as the file names it.
///
/// A draw is rounded half up to a whole number; one outside `minimum...maximum` is drawn again.
/// ``compiled(least:)`` turns it into the integer table that is sampled.
public struct Distribution: Equatable, Sendable {
  public var shape: Shape
  /// `min=`, in the value's own unit; nil where the file gives none.
  public var minimum: UInt64?
  /// `max=`.
  public var maximum: UInt64?

  public init(_ shape: Shape, minimum: UInt64? = nil, maximum: UInt64? = nil) {
    self.shape = shape
    self.minimum = minimum
    self.maximum = maximum
  }

  /// Always `value`.
  public static func fixed(_ value: UInt64) -> Distribution { Distribution(.fixed(value)) }
}

extension Distribution {
  /// The family and its parameters; weights are relative and positive.
  public indirect enum Shape: Equatable, Sendable {
    case fixed(UInt64)
    /// Both ends included.
    case uniform(UInt64, UInt64)
    case normal(mean: Double, deviation: Double)
    case lognormal(median: Double, sigma: Double)
    case exponential(mean: Double)
    /// On 1, 2, ….
    case geometric(mean: Double)
    case gamma(shape: Double, mean: Double)
    case pareto(minimum: Double, alpha: Double)
    /// On 1...count, P(k) ∝ k^−exponent.
    case zipf(count: UInt64, exponent: Double)
    case choice([Weighted<UInt64>])
    /// Rising from 0 % to 100 %, log-linear between (linear where the lower value is 0).
    case quantiles([Quantile])
    /// `choice` read from a CSV file; `path` as written in the description.
    case histogram(path: String, [Weighted<UInt64>])
    case mixture([Weighted<Distribution>])
  }
}

/// A value and its relative weight.
public struct Weighted<Value: Equatable & Sendable>: Equatable, Sendable {
  public var value: Value
  public var weight: Double

  public init(_ value: Value, weight: Double) {
    self.value = value
    self.weight = weight
  }
}

/// One `PERCENT:VALUE` of `quantiles`.
public struct Quantile: Equatable, Sendable {
  /// 0...100.
  public var percent: Double
  public var value: UInt64

  public init(percent: Double, value: UInt64) {
    self.percent = percent
    self.value = value
  }
}
