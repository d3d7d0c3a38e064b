/// Why a distribution can't be drawn from, and the argument at fault if it is one alone.
struct DistributionFault {
  var argument: String?
  var message: String
}

extension Distribution {
  /// What is wrong with the parameters and bounds taken together, or nil.
  ///
  /// - Parameter least: smallest value that makes sense: 1 for sizes (0 if their `min=0` says so) and lengths, 0 for
  ///   lifetimes.
  func fault(least: UInt64) -> DistributionFault? {
    do throws(DistributionError) {
      _ = try compiled(least: least)
      return nil
    } catch {
      return DistributionFault(argument: error.argument, message: error.description)
    }
  }
}
