/// Quantiles of values in rising order.
enum Quantile {
  /// The quantile at a share of the way from the least value to the greatest, interpolated between neighbours: Hyndman
  /// and Fan's definition 7, `numpy.quantile`'s default, with the same rounding.
  ///
  /// - Parameters:
  ///   - share: 0...1.
  ///   - values: rising; at least one.
  static func linear(_ share: Double, ofRising values: [Double]) -> Double {
    let place = share * Double(values.count - 1)
    let index = min(Int(place), values.count - 1)
    let (below, above) = (values[index], values[min(index + 1, values.count - 1)])
    let part = place - Double(index)
    return part >= 0.5 ? above - (above - below) * (1 - part) : below + (above - below) * part
  }

  /// The quantiles that leave the same share outside at either end.
  static func range(leaving tail: Double, ofRising values: [Double]) -> ClosedRange<Double> {
    let least = linear(tail, ofRising: values)
    return least...max(least, linear(1 - tail, ofRising: values))
  }
}
