/// Why a distribution cannot be compiled.
public struct DistributionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The argument at fault as the file names it (`sigma`, `min`), or nil if it is not one alone.
  public var argument: String?
  /// A clause without a full stop, such as `min=8, max=9 keep only 0.3 % of draws`.
  public var message: String

  public init(argument: String? = nil, _ message: String) {
    self.argument = argument
    self.message = message
  }

  public var description: String { message }
}

extension DistributionError {
  /// Throws unless the parameter is finite and at least `least`.
  static func require(_ argument: String, _ value: Double, atLeast least: Double) throws(DistributionError) {
    guard value >= least, value < .infinity else {
      throw Self(argument: argument, "\(argument) must be at least \(Int(least)), not \(value)")
    }
  }

  /// Throws unless the parameter is finite and above 0.
  static func requirePositive(_ argument: String, _ value: Double) throws(DistributionError) {
    guard value > 0, value < .infinity else {
      throw Self(argument: argument, "\(argument) must be above 0, not \(value)")
    }
  }

  /// The bounds keep `share` of the draws, which is under 1 %.
  ///
  /// - Parameter range: what is accepted, named if neither bound stands in the file.
  static func keepsTooLittle(
    _ share: Double, minimum: UInt64?, maximum: UInt64?, range: ClosedRange<UInt64>
  ) -> DistributionError {
    let amount = share > 0 ? "\(percentage(share)) of draws" : "none of the draws"
    switch (minimum, maximum) {
    case (let minimum?, let maximum?): return Self("min=\(minimum), max=\(maximum) keep \(amount)")
    case (let minimum?, nil): return Self(argument: "min", "min=\(minimum) keeps \(amount)")
    case (nil, let maximum?): return Self(argument: "max", "max=\(maximum) keeps \(amount)")
    case (nil, nil):
      // Only `max` can make the upper end anything else.
      return Self("\(amount) \(share > 0 ? "are" : "is") within \(range.lowerBound) to 2^47")
    }
  }

  /// A share below 1 % in thousandths of a per cent, rounded down.
  private static func percentage(_ share: Double) -> String {
    let thousandths = Int(share * 100_000)
    guard thousandths > 0 else { return "less than 0.001 %" }
    var digits = String(1000 + thousandths).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "only 0.\(digits) %"
  }
}
