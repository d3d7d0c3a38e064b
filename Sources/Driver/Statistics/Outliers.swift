/// Values far outside the others. They are counted, never dropped.
enum Outliers {
  /// Values beyond Tukey's outer fences: more than three interquartile ranges below the first or above the third
  /// quartile (Tukey, Exploratory Data Analysis, 1977). Under four values there are no quartiles to speak of: 0.
  static func count(_ values: [Double]) -> Int {
    if values.count < 4 { return 0 }
    let rising = values.sorted()
    let quartiles = Quantile.range(leaving: 0.25, ofRising: rising)
    let reach = 3 * (quartiles.upperBound - quartiles.lowerBound)
    return values.count { $0 < quartiles.lowerBound - reach || $0 > quartiles.upperBound + reach }
  }
}
