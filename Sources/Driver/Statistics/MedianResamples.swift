import Workload

/// Resamples with replacement of a sorted sample, of which only the middle is kept.
///
/// Which of the sorted values end up in the middle of a resample doesn't depend on the values, so a resample is drawn as
/// counts of ranks, and its median is found by running over the counts: no values are moved and nothing is sorted. The
/// same resamples serve any number of samples of one size.
struct MedianResamples {
  /// Ranks from 0 of the two middle values, the same one twice where the count is odd.
  private var middles: [(low: Int32, high: Int32)] = []

  /// Draws resample after resample, value after value; each takes one number u of the generator and is the value of
  /// rank ⌊u × values / 2⁶⁴⌋.
  ///
  /// - Parameters:
  ///   - values: how many the sample has, at least 1.
  ///   - resamples: how many to draw.
  /// - Complexity: O(values × resamples).
  init(values: Int, resamples: Int, random: inout SplitMix64) {
    var counts = [Int](repeating: 0, count: values)
    middles.reserveCapacity(resamples)
    let (lower, upper) = ((values - 1) / 2, values / 2)
    for _ in 0..<resamples {
      for rank in counts.indices { counts[rank] = 0 }
      for _ in 0..<values {
        counts[Int(random.next().multipliedFullWidth(by: UInt64(values)).high)] += 1
      }
      var rank = 0
      var passed = counts[0]
      while passed <= lower {
        rank += 1
        passed += counts[rank]
      }
      let low = rank
      while passed <= upper {
        rank += 1
        passed += counts[rank]
      }
      middles.append((Int32(low), Int32(rank)))
    }
  }

  /// The resamples' medians, in the order drawn.
  ///
  /// - Parameter rising: the sample in rising order, of the size that the resamples were drawn for.
  func medians(of rising: [Double]) -> [Double] {
    middles.map { middle in
      let low = rising[Int(middle.low)]
      return middle.low == middle.high ? low : (low + rising[Int(middle.high)]) / 2
    }
  }
}
