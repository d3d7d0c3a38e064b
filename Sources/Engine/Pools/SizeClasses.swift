/// Block sizes of the segregated pools.
///
/// ```
/// class   0 | 1   2   3 …  8 |   9   10 …  16 |  17 …  24 | …  | 89 …   96
/// block   8 | 16  32  48 … 128 | 144 160 … 256 | 288 … 512 | …  | 144 K … 256 K
/// ```
/// Steps of 16 (the alignment) up to 128, then eight steps to each doubling. A block exceeds a request of more than
/// 128 bytes by less than an eighth of the request, the bound of 12.5 % that gperftools' classes keep too; below that
/// the rounding is the alignment's. Blocks are multiples of 16 but for the first.
enum SizeClasses {
  static let count = 97
  /// Largest block; what is larger gets a mapping of its own.
  static let largest = 256 << 10
  /// Sizes up to it are looked up in a table of one byte for each 8 bytes of size.
  static let tableLimit = 1024
  /// Bytes of the table.
  static let tableBytes = tableLimit / 8 + 1

  /// Class of a request of `size` bytes, 0...`largest`. A count of leading zeros and shifts; O(1).
  @inline(__always)
  static func index(of size: Int) -> Int {
    if size <= 8 { return 0 }
    if size <= 128 { return (size &+ 15) &>> 4 }
    let last = size &- 1
    let power = Int.bitWidth &- 1 &- last.leadingZeroBitCount
    return 9 &+ (power &- 7) &* 8 &+ ((last &>> (power &- 3)) & 7)
  }

  static func blockSize(_ index: Int) -> Int {
    if index == 0 { return 8 }
    if index <= 8 { return index * 16 }
    let step = index - 9
    return (step % 8 + 9) << (step / 8 + 4)
  }

  /// Writes the table: entry i serves sizes 8i − 7 ... 8i.
  static func writeTable(to table: UnsafeMutableRawPointer) {
    for entry in 0..<tableBytes {
      table.storeBytes(of: UInt8(index(of: entry * 8)), toByteOffset: entry, as: UInt8.self)
    }
  }
}
