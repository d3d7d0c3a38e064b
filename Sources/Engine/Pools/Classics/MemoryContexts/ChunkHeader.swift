/// Which kind of context a chunk is of. The low numbers are left out, as what wiped memory and malloc's headers look like.
enum ContextMethod: UInt8 {
  case allocSet = 3
  case generation = 4
  case slab = 5
  /// No context: what stands before an object of a greater alignment than its chunk's.
  case alignedRedirect = 6
  case bump = 7
}

/// The 8 bytes before an object, from which `free` finds everything else.
///
/// ```
///  63                           34  33                     5    4      3    0
///  | block offset, 30 bits, even  ¦ value, 30 bits         | external | method |
///                                ▲ one bit for both: an offset is a multiple of 8, its lowest bit is 0
/// external:  | magic, 59 bits                              |    1     | method |     the block lies before the chunk
/// redirect:  | distance to the original chunk | alignment  |    0     |   6    |
/// ```
/// The value is an AllocSet's list, a Generation's or Slab's chunk size. Source: `memutils_memorychunk.h`.
struct ChunkHeader: BitwiseCopyable {
  static let bytes = 8
  /// 30 bits.
  static let largestValue = 0x3FFF_FFFF
  /// An even number of 30 bits: what bounds a block.
  static let largestOffset = 0x3FFF_FFFE

  private static let externalBit: UInt64 = 1 << 4
  private static let valueShift: UInt64 = 5
  private static let offsetShift: UInt64 = 34
  private static let kindMask: UInt64 = 0x1F
  /// Any number that no other header is likely to be.
  private static let magic: UInt64 = 0x9C5A_E1D3_7B84_62C0

  private let word: UInt64

  private init(word: UInt64) { self.word = word }

  @inline(__always)
  init(_ method: ContextMethod, value: Int, offset: Int) {
    word =
      UInt64(method.rawValue) | UInt64(truncatingIfNeeded: value) &<< Self.valueShift
      | UInt64(truncatingIfNeeded: offset) &<< Self.offsetShift
  }

  /// Of a chunk with a block of its own.
  static func external(_ method: ContextMethod) -> ChunkHeader {
    ChunkHeader(word: magic & ~kindMask | externalBit | UInt64(method.rawValue))
  }

  @inline(__always)
  static func of(_ object: UnsafeMutableRawPointer) -> ChunkHeader {
    (object - bytes).load(as: ChunkHeader.self)
  }

  @inline(__always)
  func write(before object: UnsafeMutableRawPointer) {
    (object - Self.bytes).storeBytes(of: self, as: ChunkHeader.self)
  }

  var method: ContextMethod? { ContextMethod(rawValue: UInt8(truncatingIfNeeded: word & 0xF)) }
  var isExternal: Bool { word & Self.externalBit != 0 }
  /// External, and nobody wrote over it.
  var isSoundExternal: Bool { word | Self.kindMask == Self.magic | Self.kindMask && isExternal }

  /// An ordinary chunk of `method`: neither external nor a redirection.
  @inline(__always)
  func isOrdinary(_ method: ContextMethod) -> Bool { word & Self.kindMask == UInt64(method.rawValue) }

  @inline(__always)
  var value: Int { Int(truncatingIfNeeded: word &>> Self.valueShift) & Self.largestValue }

  /// From the block to the chunk, which begins with the header.
  @inline(__always)
  var offset: Int { Int(truncatingIfNeeded: word &>> Self.offsetShift) & Self.largestOffset }
}

/// An object of a greater alignment than 8: an ordinary one that is as much bigger, and before the place in it that is
/// aligned a header that leads back.
///
/// ```
///  | header | free …      | redirect | object at a multiple of the alignment | free |
///  ▲ original chunk ◄──── distance ──┘
/// ```
enum AlignedChunk {
  /// - Parameter allocate: gives an object of at least as many bytes at a multiple of 8.
  @inline(__always)
  static func allocate(
    _ size: Int, _ alignment: Int, _ allocate: (Int) -> UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer? {
    if alignment <= 8 { return allocate(size) }
    guard size <= MemoryContext.largestRequest, alignment <= MemoryContext.largestAlignment,
      let original = allocate(size + alignment)
    else { return nil }
    let object = (original + ChunkHeader.bytes).alignedUp(toMultipleOf: alignment)
    ChunkHeader(.alignedRedirect, value: alignment, offset: object - original).write(before: object)
    return object
  }

  /// The object that `allocate` was given, or `object` itself if it was not redirected.
  @inline(__always)
  static func original(of object: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    let header = ChunkHeader.of(object)
    return header.isOrdinary(.alignedRedirect) ? object - header.offset : object
  }
}
