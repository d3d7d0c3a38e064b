extension Distribution {
  /// What is wrong with the parameters and bounds taken together, or nil: whatever keeps it from being compiled.
  ///
  /// - Parameter least: smallest value that makes sense: 1 for sizes (0 if their `min=0` says so) and lengths, 0 for
  ///   lifetimes.
  func fault(least: UInt64) -> DistributionError? {
    do throws(DistributionError) {
      _ = try compiled(least: least)
      return nil
    } catch {
      return error
    }
  }
}
