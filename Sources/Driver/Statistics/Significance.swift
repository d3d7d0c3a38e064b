/// Rank tests, one-sided: small p speaks for "greater than 0", or "new greater than base". Skeleton.
public enum SignedRank {
  public static func greater(_ differences: [Double]) -> Double { fatalError("skeleton") }
  public static func twoSided(_ differences: [Double]) -> Double { fatalError("skeleton") }
}

public enum MannWhitney {
  public static func greater(_ new: [Double], than base: [Double]) -> Double { fatalError("skeleton") }
  public static func twoSided(_ new: [Double], _ base: [Double]) -> Double { fatalError("skeleton") }
}

public enum Holm {
  /// Adjusted p values in the order given.
  public static func adjusted(_ values: [Double]) -> [Double] { fatalError("skeleton") }
}
