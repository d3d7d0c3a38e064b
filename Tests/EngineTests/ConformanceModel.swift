import Glibc

@testable import Engine

/// What a heap must look like: the live objects, each filled with a byte of its own, and every way in which the lane's
/// answers contradict it.
struct ConformanceModel {
  struct Object {
    /// What the lane handed out, and wants back.
    var reference: UnsafeMutableRawPointer
    /// Where that is.
    var pointer: UnsafeMutableRawPointer
    var size: Int
    var variant: Int
    var fill: UInt8
    /// In bytes from the pointer that nobody else may write to.
    var usable: Int
  }

  private(set) var objects: [Object] = []
  private(set) var faults: [String] = []
  /// Live objects of at least one byte, by address.
  private var spans: [(start: UInt, end: UInt)] = []
  private var nextFill: UInt8 = 1
  private let traits: ConformanceTraits

  init(_ traits: ConformanceTraits) { self.traits = traits }

  mutating func fault(_ text: String) { faults.append(text) }

  private func index(of start: UInt) -> Int {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].start < start { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func enter(_ object: Object) {
    let start = UInt(bitPattern: object.pointer)
    let length = max(object.usable, traits.hasUniqueEmpties ? 1 : 0)
    if length == 0 { return }
    let end = start + UInt(length)
    let place = index(of: start)
    if place < spans.count, spans[place].start < end { fault("an object of \(object.size) bytes reaches into another") }
    if place > 0, spans[place - 1].end > start { fault("an object of \(object.size) bytes lies inside another") }
    spans.insert((start, end), at: place)
  }

  private mutating func leave(_ object: Object) {
    let place = index(of: UInt(bitPattern: object.pointer))
    if place < spans.count, spans[place].start == UInt(bitPattern: object.pointer) { spans.remove(at: place) }
  }

  static func holds(_ pointer: UnsafeMutableRawPointer, _ count: Int, _ fill: UInt8) -> Bool {
    count == 0 || (pointer.load(as: UInt8.self) == fill && memcmp(pointer, pointer + 1, count - 1) == 0)
  }

  /// What every object of `size` bytes is aligned to.
  private func natural(_ size: Int) -> Int { min(size >= 16 ? 16 : 8, traits.alignment) }

  /// A new object, as `lane` has just given it.
  mutating func add(
    _ reference: UnsafeMutableRawPointer, size: Int, variant: Int, alignment: Int? = nil, isZeroed: Bool = false,
    from lane: borrowing some PoolLane
  ) {
    let pointer = lane.address(of: reference)
    let usable = lane.usableSize(pointer, size)
    let needed = alignment ?? natural(size)
    if UInt(bitPattern: pointer) % UInt(needed) != 0 { fault("an object of \(size) bytes is not aligned to \(needed)") }
    if usable < size { fault("of \(size) bytes \(usable) are usable") }
    if isZeroed, !Self.holds(pointer, size, 0) { fault("a zeroed object of \(size) bytes is not zero") }
    let object = Object(
      reference: reference, pointer: pointer, size: size, variant: variant, fill: nextFill, usable: max(usable, size))
    nextFill = nextFill == 250 ? 1 : nextFill + 1
    enter(object)
    memset(pointer, Int32(object.fill), object.usable)
    objects.append(object)
  }

  /// Checks that the object still holds what it was filled with.
  mutating func check(_ object: Object) {
    if !Self.holds(object.pointer, object.usable, object.fill) {
      fault("an object of \(object.size) bytes lost its contents")
    }
  }

  mutating func checkAll() { for object in objects { check(object) } }

  /// Takes out an object that is about to be freed.
  mutating func remove(at index: Int) -> Object {
    let object = objects.remove(at: index)
    check(object)
    leave(object)
    return object
  }

  /// The object at `index` has been resized by `lane` to be `reference`.
  mutating func resized(
    at index: Int, to reference: UnsafeMutableRawPointer, size: Int, by lane: borrowing some PoolLane
  ) {
    let old = objects[index]
    let pointer = lane.address(of: reference)
    let usable = lane.usableSize(pointer, size)
    leave(old)
    if !Self.holds(pointer, min(old.size, size), old.fill) {
      fault("a resize from \(old.size) to \(size) bytes lost the contents")
    }
    let needed = natural(size)
    if UInt(bitPattern: pointer) % UInt(needed) != 0 { fault("a resized object is not aligned to \(needed)") }
    if usable < size { fault("of \(size) bytes \(usable) are usable after a resize") }
    objects[index].reference = reference
    objects[index].pointer = pointer
    objects[index].size = size
    objects[index].usable = max(usable, size)
    enter(objects[index])
    memset(pointer, Int32(old.fill), objects[index].usable)
  }

  /// Takes out all objects of a scope that ends, youngest first.
  mutating func removeScope(_ scope: Int) -> [Object] {
    var ended: [Object] = []
    for index in objects.indices.reversed() where traits.scopeOfVariant[objects[index].variant] == Int32(scope) {
      ended.append(remove(at: index))
    }
    return ended
  }
}
