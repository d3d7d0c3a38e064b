/// How many words of a segment a worker replays before the next one's turn.
enum SliceLength {
  /// Part of a segment in each of the first two rounds, which tell how fast the workers are.
  static let pilotShare: UInt64 = 128
  /// Rounds behind them at least: in two orders and their mirrors, however short the segment.
  static let fewestRounds = 4
  /// What a slice of the fastest subject takes at least, in nanoseconds, and one of the slowest. Long against what the
  /// change of workers costs (the next one's working set comes back into the caches, some 100 µs), short against what
  /// disturbs a machine. Seen: pairs vary no more with slices of 3 to 7 ms than with 10.
  static let fastestNanoseconds = 5e6
  static let slowestNanoseconds = 10e6

  static func pilot(words: UInt64) -> UInt64 { max(1, words / pilotShare) }

  /// The same for all workers, so that all stand at the same place of the stream.
  ///
  /// - Parameters:
  ///   - left: words of the segment.
  ///   - nanosecondsPerWord: of each worker.
  /// - Returns: words, such that an even number of rounds, and at least ``fewestRounds``, makes up the rest, up to
  ///   operations of several words that end a slice late.
  static func words(left: UInt64, nanosecondsPerWord: [Double]) -> UInt64 {
    let fastest = max(nanosecondsPerWord.min() ?? 1, 1e-3)
    let slowest = max(nanosecondsPerWord.max() ?? 1, 1e-3)
    let wanted = max(fastestNanoseconds / fastest, slowestNanoseconds / slowest)
    let pairs = max(Double(fewestRounds / 2), (Double(left) / wanted / 2).rounded(.down))
    return max(1, UInt64((Double(left) / (2 * pairs)).rounded(.up)))
  }
}
