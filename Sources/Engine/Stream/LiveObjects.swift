import Workload

/// What the generator knows of one live object, by slot.
struct LiveObject: BitwiseCopyable {
  /// Number of its allocation in the lane; `dead` while the slot is free.
  var birth: UInt64
  var size: UInt64
  /// Place in its class's list of objects to visit.
  var position: UInt32
  /// The next object of its fifo, lifo or scope.
  var link: UInt32
  var variant: UInt16
  var isHandedOver: Bool

  static let dead = UInt64.max
}

/// A lane's slots: dense numbers, the one freed last is handed out first.
struct SlotTable {
  private(set) var objects = MappedArray<LiveObject>(capacity: 1024)
  private var freed = MappedArray<UInt32>(capacity: 1024)

  /// Slots ever handed out: the replay's address table needs so many entries.
  private(set) var highest = 0

  @inline(__always)
  subscript(slot: UInt32) -> LiveObject {
    get { objects[Int(slot)] }
    nonmutating set { objects[Int(slot)] = newValue }
  }

  @inline(__always)
  func pointer(_ slot: UInt32) -> UnsafeMutablePointer<LiveObject> { objects.base + Int(slot) }

  @inline(__always)
  mutating func take(_ object: LiveObject) -> UInt32 {
    if freed.count > 0 {
      freed.count &-= 1
      let slot = freed[freed.count]
      objects[Int(slot)] = object
      return slot
    }
    objects.append(object)
    if objects.count > highest { highest = objects.count }
    return UInt32(truncatingIfNeeded: objects.count &- 1)
  }

  @inline(__always)
  mutating func giveBack(_ slot: UInt32) {
    objects.base[Int(slot)].birth = LiveObject.dead
    freed.append(slot)
  }

  /// Live slots in order of allocation, in a list the caller frees.
  ///
  /// - Complexity: O(slots × digits) by radix sort on the birth number; nothing from the heap.
  func liveInOrder() -> MappedArray<UInt32> {
    var order = MappedArray<UInt32>(capacity: objects.count)
    var newest: UInt64 = 0
    for slot in 0..<objects.count where objects[slot].birth != LiveObject.dead {
      order.append(UInt32(truncatingIfNeeded: slot))
      newest = max(newest, objects[slot].birth)
    }
    var other = MappedArray<UInt32>(capacity: max(order.count, 1))
    let counts = MappedArray<Int>(capacity: 1 << 11)
    var shift: UInt64 = 0
    while newest >> shift > 0 {
      for digit in 0..<(1 << 11) { counts[digit] = 0 }
      for index in 0..<order.count { counts[Int(objects[Int(order[index])].birth >> shift & 2047)] += 1 }
      var start = 0
      for digit in 0..<(1 << 11) {
        let length = counts[digit]
        counts[digit] = start
        start += length
      }
      for index in 0..<order.count {
        let digit = Int(objects[Int(order[index])].birth >> shift & 2047)
        other[counts[digit]] = order[index]
        counts[digit] += 1
      }
      other.count = order.count
      swap(&order, &other)
      shift += 11
    }
    counts.free()
    other.free()
    return order
  }

  mutating func clear() {
    objects.count = 0
    freed.count = 0
  }

  func free() {
    objects.free()
    freed.free()
  }
}
