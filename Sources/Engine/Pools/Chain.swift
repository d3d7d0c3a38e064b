/// Free objects linked through their first words; the last one's link is nil.
struct Chain {
  var head: UnsafeMutableRawPointer?
  var count: Int

  static var empty: Chain { Chain(head: nil, count: 0) }
}

extension UnsafeMutableRawPointer {
  /// The link in the first word of memory that nobody uses.
  @inline(__always)
  var link: UnsafeMutableRawPointer? {
    get { load(as: UnsafeMutableRawPointer?.self) }
    nonmutating set { assumingMemoryBound(to: UnsafeMutableRawPointer?.self).pointee = newValue }
  }

  /// Links `count` ≥ 1 objects of `size` bytes side by side from here on into a chain, in order of address.
  func linkRun(count: Int, size: Int) {
    var object = self
    for _ in 1..<count {
      let next = object + size
      object.link = next
      object = next
    }
    object.link = nil
  }
}
