/// A lane's two magazines of one class.
///
/// ```
/// top ──► loaded magazine: objects are popped and pushed here
/// previous ──► a magazine that is wholly full or empty, or none
/// ```
/// After Bonwick and Adams, "Magazines and Vmem" (USENIX 2001), section 3: with two magazines a lane that alternates
/// at a magazine's edge still works at least a magazine's capacity between two visits to the depot. No object is
/// touched while it is free.
///
/// Allocate: load the top, load the object's address, store the top. Free: load the top, store the address, store the
/// top. No atomic operation; one 128-bit exchange at most for each `capacity` calls, two with magazines to swap.
struct FixedSharedRack {
  private var top: UnsafeMutableRawPointer
  private var previous: UnsafeMutableRawPointer
  /// Freed objects for which no magazine could be had, linked by their first words: a free cannot fail.
  private var overflow: UnsafeMutableRawPointer?
  private let sizeClass: Int

  init(_ depot: FixedSharedDepot, sizeClass: Int) {
    top = depot.nowhere
    previous = depot.nowhere
    self.sizeClass = sizeClass
  }

  @inline(__always)
  mutating func allocate(_ depot: FixedSharedDepot) -> UnsafeMutableRawPointer? {
    guard let object = (top - 8).load(as: UnsafeMutableRawPointer?.self) else { return refill(depot) }
    top -= 8
    return object
  }

  @inline(__always)
  mutating func free(_ object: UnsafeMutableRawPointer, _ depot: FixedSharedDepot) {
    guard !Magazine.isFull(top) else { return spill(object, depot) }
    assert((top - 8).load(as: UnsafeMutableRawPointer?.self) != object, "an object of a shared pool was freed twice")
    top.storeBytes(of: object, as: UnsafeMutableRawPointer.self)
    top += 8
  }

  /// The loaded magazine is empty.
  @inline(never)
  private mutating func refill(_ depot: FixedSharedDepot) -> UnsafeMutableRawPointer? {
    if let object = overflow {
      overflow = object.load(as: UnsafeMutableRawPointer?.self)
      return object
    }
    if !Magazine.isEmpty(previous) {
      swap(&top, &previous)
    } else if let magazine = depot.classes[sizeClass].full.pop() {
      shelve(previous, depot)
      previous = top
      top = magazine.storedTop
      magazine.sealed(capacity: depot.classes[sizeClass].capacity)
    } else if !carve(depot) {
      return nil
    }
    top -= 8
    return top.load(as: UnsafeMutableRawPointer?.self)
  }

  /// Fills the loaded magazine with fresh objects, the lowest on top.
  private mutating func carve(_ depot: FixedSharedDepot) -> Bool {
    if top == depot.nowhere {
      guard let magazine = depot.emptyMagazine(sizeClass) else { return false }
      top = magazine
    }
    let blockSize = depot.classes[sizeClass].blockSize
    guard let blocks = carveBlocks(depot.classes[sizeClass].capacity, depot) else { return false }
    for index in (0..<blocks.count).reversed() {
      let block = UnsafeMutableRawPointer(bitPattern: blocks.first + UInt(index * blockSize))
      top.storeBytes(of: block, as: UnsafeMutableRawPointer?.self)
      top += 8
    }
    return true
  }

  private func carveBlocks(_ count: Int, _ depot: FixedSharedDepot) -> (first: UInt, count: Int)? {
    while true {
      if let blocks = depot.classes[sizeClass].carve(count) { return blocks }
      if !addChunk(depot) { return nil }
    }
  }

  private func addChunk(_ depot: FixedSharedDepot) -> Bool {
    depot.locked { depot.classes[sizeClass].addChunk(to: depot.chunks, sizeClass: sizeClass) }
  }

  /// The loaded magazine is full, or there is none.
  @inline(never)
  private mutating func spill(_ object: UnsafeMutableRawPointer, _ depot: FixedSharedDepot) {
    if previous != depot.nowhere, Magazine.isEmpty(previous) {
      swap(&top, &previous)
    } else if let empty = depot.emptyMagazine(sizeClass) {
      shelve(previous, depot)
      previous = top
      top = empty
    } else {
      object.storeBytes(of: overflow, as: UnsafeMutableRawPointer?.self)
      overflow = object
      return
    }
    top.storeBytes(of: object, as: UnsafeMutableRawPointer.self)
    top += 8
  }

  /// Gives a magazine, if it is one, to the depot.
  private func shelve(_ top: UnsafeMutableRawPointer, _ depot: FixedSharedDepot) {
    if top == depot.nowhere { return }
    let magazine = Magazine(top: top)
    if Magazine.isEmpty(top) { return depot.empties.pointee.push(magazine) }
    magazine.storedTop = top
    depot.classes[sizeClass].full.push(magazine)
  }

  /// Gives both magazines to the depot; the lane may go on, with none.
  mutating func detach(_ depot: FixedSharedDepot) {
    shelve(top, depot)
    shelve(previous, depot)
    top = depot.nowhere
    previous = depot.nowhere
  }

  /// An object at a multiple of `alignment`: see `FixedBlocks.allocateAligned`.
  mutating func allocateAligned(_ alignment: Int, _ depot: FixedSharedDepot) -> UnsafeMutableRawPointer? {
    let blockSize = depot.classes[sizeClass].blockSize
    if blockSize & (alignment - 1) == 0, alignment <= SystemMemory.pageSize { return allocate(depot) }
    if let object = takeLoaded(alignedTo: alignment) { return object }
    if alignment > SystemMemory.pageSize {
      return depot.locked {
        depot.chunks.pointee.mapBlock(blockSize, sizeClass: sizeClass, alignment: alignment)
      }
    }
    while true {
      if let carved = depot.classes[sizeClass].carveAligned(alignment) {
        let gap = Int(carved.block - carved.start)
        free(carved.start, count: gap / blockSize, depot)
        let lost = gap % blockSize
        if lost > 0 {
          let start = UnsafeMutableRawPointer(bitPattern: carved.start)!
          depot.locked { depot.chunks.pointee.lose(lost, at: start) }
        }
        return UnsafeMutableRawPointer(bitPattern: carved.block)
      }
      // What is left of the newest chunk is at most `alignment` and a block long; it is used up, then a new one begun.
      if let rest = depot.classes[sizeClass].carve(alignment / blockSize + 1) {
        free(rest.first, count: rest.count, depot)
      } else if !addChunk(depot) {
        return nil
      }
    }
  }

  private mutating func free(_ first: UInt, count: Int, _ depot: FixedSharedDepot) {
    let blockSize = depot.classes[sizeClass].blockSize
    for index in 0..<count { free(UnsafeMutableRawPointer(bitPattern: first + UInt(index * blockSize))!, depot) }
  }

  private mutating func takeLoaded(alignedTo alignment: Int) -> UnsafeMutableRawPointer? {
    var slot = top - 8
    while let object = slot.load(as: UnsafeMutableRawPointer?.self) {
      if UInt(bitPattern: object) & UInt(alignment - 1) == 0 {
        top -= 8
        slot.storeBytes(of: top.load(as: UnsafeMutableRawPointer?.self), as: UnsafeMutableRawPointer?.self)
        return object
      }
      slot -= 8
    }
    return nil
  }

  /// The free objects that this lane holds are kept if `keeps` says so. Only while the lane is parked.
  mutating func filter(_ keeps: (UnsafeMutableRawPointer) -> Bool) {
    top = Magazine.filtered(top, keeps)
    previous = Magazine.filtered(previous, keeps)
    var list = overflow
    overflow = nil
    while let object = list {
      list = object.load(as: UnsafeMutableRawPointer?.self)
      if !keeps(object) { continue }
      object.storeBytes(of: overflow, as: UnsafeMutableRawPointer?.self)
      overflow = object
    }
  }
}
