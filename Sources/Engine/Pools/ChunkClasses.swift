import CPlatform

/// From the address of a block to the size class of its chunk, for pools whose frees are told no size.
///
/// One flat byte for each 64 KiB of address space, reserved as a whole and resident only where it was written to: 4 KiB
/// of it cover 256 MiB of chunks. Chunks that are entered occupy whole units, so that nothing else shares their bytes;
/// 0 stands for what is in no such chunk. The flat map is that of `PageMap`, in coarser units.
///
/// All operations are a load or, for a chunk, O(its bytes / 64 KiB).
struct ChunkClasses {
  /// What chunks that are entered begin at a multiple of, and are as long as a multiple of.
  static var unit: Int { 1 << unitShift }
  private static var unitShift: Int { 16 }
  private static var bytes: Int { 1 << (Page.addressBits - unitShift) }

  private let classes: UnsafeMutablePointer<UInt8>

  /// Reserves address space; nil when the system refuses.
  init?() {
    guard let classes = pb_reserve(Self.bytes) else { return nil }
    self.classes = classes.assumingMemoryBound(to: UInt8.self)
  }

  func destroy() { pb_unmap(classes, Self.bytes) }

  /// The class of the chunk that `address` lies in plus 1, or 0 if it lies in none.
  @inline(__always)
  func entry(of address: UnsafeMutableRawPointer) -> Int {
    Int(classes[Int(bitPattern: UInt(bitPattern: address) &>> UInt(Self.unitShift))])
  }

  /// - Parameter sizeClass: 0 to 254.
  func enter(_ base: UnsafeMutableRawPointer, _ bytes: Int, sizeClass: Int) { write(UInt8(sizeClass + 1), base, bytes) }

  func leave(_ base: UnsafeMutableRawPointer, _ bytes: Int) { write(0, base, bytes) }

  private func write(_ entry: UInt8, _ base: UnsafeMutableRawPointer, _ bytes: Int) {
    let first = Int(bitPattern: UInt(bitPattern: base) &>> UInt(Self.unitShift))
    (classes + first).update(repeating: entry, count: bytes / Self.unit)
  }
}
