extension ObjectClass {
  /// The smallest and the largest request in bytes that can be drawn, or to which the largest one is resized.
  ///
  /// - Throws: `DistributionError` where the sizes cannot be compiled, which takes most of the time.
  public func requestedSizes() throws(DistributionError) -> ClosedRange<UInt64> {
    let sizes = try size.compiled(least: size.minimum == 0 ? 0 : 1)
    var resized = Double(sizes.maximum)
    if let resize {
      for _ in 0..<resize.times { resized = min(max(1, (resized * resize.factor).rounded(.down)), 0x1p47) }
    }
    return min(sizes.minimum, UInt64(resized))...max(sizes.maximum, UInt64(resized))
  }
}
