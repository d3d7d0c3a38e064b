import CPlatform

/// One bit for each 4 bytes of the address space: set while a live object covers them.
///
/// Two levels: a root of 2²¹ pointers for 48-bit addresses, each to the bits of 128 MiB, mapped when first needed.
/// Any number of threads may claim and release at once.
struct ShadowMap {
  private static let granuleShift: UInt = 2
  /// log₂ of the bytes that one leaf covers.
  private static let leafShift: UInt = 27
  private static let leafWords = 1 << (27 - 2 - 6)
  private let root: MappedArray<Int>

  init() { root = MappedArray(capacity: 1 << Int(48 - Self.leafShift)) }

  /// Marks an object's bytes as taken. False if some were taken already.
  func claim(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Bool { change(pointer, size, sets: true) }

  /// Marks them as free. False if some were free already: nobody had been given them.
  func release(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Bool { change(pointer, size, sets: false) }

  private func change(_ pointer: UnsafeMutableRawPointer, _ size: Int, sets: Bool) -> Bool {
    var granule = UInt(bitPattern: pointer) >> Self.granuleShift
    let end = (UInt(bitPattern: pointer) + UInt(max(size, 1)) + 3) >> Self.granuleShift
    var isClean = true
    while granule < end {
      let bit = granule & 63
      let count = min(64 - bit, end - granule)
      let mask = (count == 64 ? UInt.max : (1 << count) - 1) << bit
      let word = word(of: granule)
      if sets {
        isClean = pb_fetch_or(word, Int(bitPattern: mask)) & Int(bitPattern: mask) == 0 && isClean
      } else {
        let before = UInt(bitPattern: pb_fetch_and(word, Int(bitPattern: ~mask)))
        isClean = before & mask == mask && isClean
      }
      granule += count
    }
    return isClean
  }

  private func word(of granule: UInt) -> UnsafeMutablePointer<Int> {
    let leafIndex = Int(granule >> (Self.leafShift - Self.granuleShift)) & (root.capacity - 1)
    let slot = root.base + leafIndex
    var address = pb_load_acquire(slot)
    if address == 0 {
      guard let fresh = pb_reserve(Self.leafWords * 8) else { harnessFailure("cannot map the shadow of the heap") }
      address = pb_publish(slot, Int(bitPattern: fresh))
      if address != Int(bitPattern: fresh) { pb_unmap(fresh, Self.leafWords * 8) }
    }
    let leaf = UnsafeMutablePointer<Int>(bitPattern: address).unsafelyUnwrapped
    return leaf + (Int(granule >> 6) & (Self.leafWords - 1))
  }
}
