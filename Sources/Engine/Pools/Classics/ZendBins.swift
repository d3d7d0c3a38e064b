/// The 30 sizes of Zend MM's small objects, and how many pages a run of each takes: `zend_alloc_sizes.h`, chosen there
/// so that little of a run is lost.
///
/// ```
/// bin     0   1   2 …  7 |  8   9  10  11 | 12 … 15 | … | 26 27   28   29
/// bytes   8  16  24 … 64 | 80  96 112 128 | 160 … 256 | … | 1792 2048 2560 3072
/// ```
enum ZendBins {
  static let count = 30
  static let largest = 3072

  /// The bin of a request of 0...3072 bytes: `(n − (n ≠ 0)) >> 3` up to 64, then four to each doubling.
  @inline(__always)
  static func index(of size: Int) -> Int {
    if size <= 64 { return (size &- (size != 0 ? 1 : 0)) &>> 3 }
    let last = size &- 1
    let power = Int.bitWidth &- 1 &- last.leadingZeroBitCount
    return last &>> (power &- 2) &+ (power &- 5) &<< 2
  }

  /// Bytes of a slot.
  @inline(__always)
  static func bytes(_ bin: Int) -> Int { bin < 8 ? (bin &+ 1) &* 8 : (bin & 3 &+ 5) &<< (bin &>> 2 &+ 2) }

  /// Pages of a run, 1...7.
  static func pages(_ bin: Int) -> Int {
    switch bin {
    case 17, 21, 25, 29: 3
    case 16, 20, 24, 28: 5
    case 22, 23: 2
    case 26: 7
    case 27: 4
    default: 1
    }
  }

  /// Slots of a run.
  static func slots(_ bin: Int) -> Int { pages(bin) * ZendChunk.pageBytes / bytes(bin) }
}
