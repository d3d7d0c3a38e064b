/// The fixed log-linear buckets in which a worker counts latencies, in ticks of its clock.
///
/// Values below 64 have a bucket each; every further power of two is split into 64, so a bucket is at most 1/64 of its
/// value wide. All of `UInt64` fits: 3,776 buckets, 29.5 KiB of 64-bit counts, under the 32 KiB that spare the cache.
public enum LatencyBuckets {
  static let subBits = 6
  public static let count = (64 - subBits) << subBits + 1 << subBits

  /// - Complexity: O(1), no division.
  @inlinable
  public static func index(of ticks: UInt64) -> Int {
    if ticks < 64 { return Int(truncatingIfNeeded: ticks) }
    let exponent = 63 &- ticks.leadingZeroBitCount
    let fraction = Int(truncatingIfNeeded: ticks &>> UInt64(truncatingIfNeeded: exponent &- 6)) & 63
    return (exponent &- 5) &<< 6 &+ fraction
  }

  /// The smallest and the largest value of a bucket.
  public static func range(of index: Int) -> ClosedRange<UInt64> {
    if index < 64 { return UInt64(index)...UInt64(index) }
    let shift = UInt64(index >> subBits) - 1
    let low = UInt64(64 + index & 63) << shift
    return low...(low + ((1 << shift) - 1))
  }
}

/// The kinds of operation that are timed apart.
public enum OperationKind: String, CaseIterable, Sendable {
  case allocate, free, resize
  case scopeEnd = "scope_end"
  case access
  /// First touch of the memory, outside the allocation's span.
  case touch
  /// Scope begin in subjects that create something then.
  case scopeBegin = "scope_begin"

  /// Place among the kinds, from 0.
  @inlinable
  public var ordinal: Int {
    switch self {
    case .allocate: 0
    case .free: 1
    case .resize: 2
    case .scopeEnd: 3
    case .access: 4
    case .touch: 5
    case .scopeBegin: 6
    }
  }
}
