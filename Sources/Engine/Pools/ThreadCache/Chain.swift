/// Objects linked through their first words, the last one's link is nil; or, as a run, objects side by side that
/// nobody has touched yet and that whoever takes them may link when needed.
struct Chain {
  var head: UnsafeMutableRawPointer?
  var count: Int
  var isRun = false
  /// Of a run in fresh memory: what is to be populated before it is used.
  var ahead: UnsafeMutableRawPointer?
  var aheadBytes = 0

  static var empty: Chain { Chain(head: nil, count: 0) }
}

extension UnsafeMutableRawPointer {
  /// The link in a free object's first word.
  @inline(__always)
  var link: UnsafeMutableRawPointer? {
    get { load(as: UnsafeMutableRawPointer?.self) }
    nonmutating set { assumingMemoryBound(to: UnsafeMutableRawPointer?.self).pointee = newValue }
  }

  /// The object at place `count` ≥ 1 of the chain that begins here, or its last one where it is shorter, and that place.
  func walk(_ count: Int) -> (last: UnsafeMutableRawPointer, count: Int) {
    var last = self
    var place = 1
    while place < count, let next = last.link {
      last = next
      place &+= 1
    }
    return (last, place)
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
