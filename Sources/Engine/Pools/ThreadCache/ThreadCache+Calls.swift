import CPlatform
import Synchronization

/// What a user calls, on a thread's cache. The fast paths touch the thread's own memory and the object alone, use no
/// atomics and call nothing.
extension ThreadCacheRef {
  // MARK: Allocation

  /// At least `size` bytes; nil when out of memory. Negative sizes are taken for what they are unsigned: too large.
  @inline(__always)
  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize), let object = pop(smallList(size)) else {
      return allocateSlowly(size)
    }
    return object
  }

  @inline(never)
  private func allocateSlowly(_ size: Int) -> UnsafeMutableRawPointer? { allocateBeyondLists(size) }

  /// What `allocate` does where no list found by the table has an object.
  @inline(__always)
  func allocateBeyondLists(_ size: Int) -> UnsafeMutableRawPointer? {
    if UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize) { return refill(SizeClass(fitting: size).index) }
    guard UInt(bitPattern: size) <= UInt(SizeClass.largestSize) else {
      return allocateLarge(size, alignment: 1)?.pointee.address
    }
    let sizeClass = SizeClass.indexAboveTable(size)
    return pop(list(sizeClass)) ?? refill(sizeClass)
  }

  /// A large object's span, its pages zero if its `isZero` says so.
  @inline(never)
  private func allocateLarge(_ size: Int, alignment: Int) -> SpanRef? {
    if isNone { return attachLate()?.allocateLarge(size, alignment: alignment) }
    guard size >= 0, size <= Self.largestRequest, alignment <= Self.largestRequest else { return nil }
    state.pointee.statistics.largeAllocations &+= 1
    let pageHeap = heap.pointee.pageHeap
    let pageCount = max(Page.count(of: size), 1)
    if let span = pageHeap.allocateLarge(pageCount, alignment: alignment) { return span }
    reclaim()
    return pageHeap.allocateLarge(pageCount, alignment: alignment)
  }

  /// Larger requests are refused: a tebibyte, since the system would grant addresses that it has no memory for.
  static var largestRequest: Int { 1 << 40 }

  /// As `allocate`, all bytes zero; pages fresh from the system aren't written.
  @inline(__always)
  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(Self.largestInlineCopy) else { return allocateZeroedSlowly(size) }
    guard let object = allocate(size) else { return nil }
    object.clearBlock(size)
    return object
  }

  @inline(never)
  private func allocateZeroedSlowly(_ size: Int) -> UnsafeMutableRawPointer? {
    if UInt(bitPattern: size) <= UInt(SizeClass.largestSize) {
      guard let object = allocate(size) else { return nil }
      pb_zero(object, size)
      return object
    }
    guard let span = allocateLarge(size, alignment: 1) else { return nil }
    if !span.pointee.isZero { pb_zero(span.pointee.address, size) }
    return span.pointee.address
  }

  /// As `allocate`, at a multiple of `alignment`, a power of two.
  ///
  /// Spans begin at pages, so up to a page's alignment the class is the first whose size is a multiple of it.
  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    if isNone { return attachLate()?.allocateAligned(size, alignment) }
    if alignment <= 8 { return allocate(size) }
    if alignment <= Page.size, UInt(bitPattern: size) <= UInt(SizeClass.largestSize) {
      let least = SizeClass(fitting: max(size, alignment))
      var index = least.index
      while index < SizeClass.count, SizeClass(index: index).objectSize & (alignment &- 1) != 0 { index &+= 1 }
      if index < SizeClass.count {
        if index != SizeClass(fitting: size).index { noteInexactClass() }
        return pop(list(index)) ?? refill(index)
      }
    }
    if size <= SizeClass.largestSize { noteInexactClass() }
    return allocateLarge(size, alignment: alignment)?.pointee.address
  }

  private func noteInexactClass() {
    if !inexact.pointee.load(ordering: .relaxed) { heap.noteInexactClass() }
  }

  // MARK: Freeing

  /// Frees an object of this heap, whichever thread allocated it.
  @inline(__always)
  func free(_ pointer: UnsafeMutableRawPointer) {
    let sizeClass = Int(classes[Page.index(of: pointer)])
    if !push(pointer, list(sizeClass)) { freeSlowly(pointer, sizeClass) }
  }

  /// As `free`, with the size that the object was asked for or resized to: spares the look-up of its page.
  ///
  /// Only for objects that no inexact resize has kept in another class; aligned ones are taken care of.
  @inline(__always)
  func free(_ pointer: UnsafeMutableRawPointer, size: Int) {
    guard UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize), !inexact.pointee.load(ordering: .relaxed) else {
      return freeSizedAboveTable(pointer, size)
    }
    if !push(pointer, smallList(size)) { freeSlowly(pointer, Int(classes[Page.index(of: pointer)])) }
  }

  @inline(never)
  private func freeSizedAboveTable(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    guard !inexact.pointee.load(ordering: .relaxed), size <= SizeClass.largestSize else { return free(pointer) }
    let sizeClass = SizeClass.indexAboveTable(size)
    if !push(pointer, list(sizeClass)) { freeSlowly(pointer, sizeClass) }
  }

  @inline(never)
  func freeSlowly(_ pointer: UnsafeMutableRawPointer, _ sizeClass: Int) {
    if isNone {
      guard let cache = attachLate() else { pb_fail_pointer("no heap to free into", pointer) }
      return cache.free(pointer)
    }
    if sizeClass != 0 { return overflow(sizeClass, pointer) }
    state.pointee.statistics.largeFrees &+= 1
    heap.pointee.pageHeap.freeLarge(heap.largeSpan(pointer))
  }

  // MARK: Objects

  /// Resizes an object, in place where its block or its neighbours allow; nil, the object unchanged, when out of
  /// memory.
  ///
  /// - Parameter exact: an object always ends in the class of its size, as a sized free assumes. Else it stays where
  ///   it is while it fills half of its block.
  @inline(__always)
  func resize(_ pointer: UnsafeMutableRawPointer, to size: Int, exact: Bool) -> UnsafeMutableRawPointer? {
    let sizeClass = Int(classes[Page.index(of: pointer)])
    let usable = Int(classState(sizeClass).pointee.objectSize)
    // Both small: class 0 has no bytes, nor has a thread without a cache.
    guard UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize), usable &- 1 < SizeClass.largestTableSize,
      usable != 0
    else { return resizeSlowly(pointer, to: size, exact: exact) }
    if smallList(size) == list(sizeClass) || !exact && size <= usable && size >= usable / 2 { return pointer }
    guard let moved = allocate(size) else { return nil }
    let kept = min(usable, size)
    if kept <= Self.largestInlineCopy {
      moved.copyBlock(pointer, kept)
    } else {
      pb_copy(moved, pointer, kept)
    }
    free(pointer)
    return moved
  }

  /// Up to here blocks are copied and cleared by a loop of a few wide moves, beyond by the C library.
  static var largestInlineCopy: Int { 256 }

  @inline(never)
  private func resizeSlowly(
    _ pointer: UnsafeMutableRawPointer, to size: Int, exact: Bool
  ) -> UnsafeMutableRawPointer? {
    if isNone { return attachLate()?.resize(pointer, to: size, exact: exact) }
    guard size >= 0, size <= Self.largestRequest else { return nil }
    let sizeClass = heap.pointee.map.sizeClass(of: pointer)
    let usable: Int
    if sizeClass != 0 {
      usable = SizeClass(index: sizeClass).objectSize
      let isSame = size <= SizeClass.largestSize && SizeClass(fitting: size).index == sizeClass
      if isSame || !exact && size <= usable && size >= usable / 2 { return pointer }
    } else {
      let span = heap.largeSpan(pointer)
      usable = span.pointee.byteCount
      if size > SizeClass.largestSize {
        if let moved = resizeLarge(span, to: Page.count(of: size)) { return moved }
      } else if !exact, size <= usable, size >= usable / 2 {
        return pointer
      }
    }
    guard let moved = allocate(size) else { return nil }
    pb_copy(moved, pointer, min(usable, size))
    free(pointer)
    return moved
  }

  /// Changes a large object's length without copying it; nil where that can't be done.
  private func resizeLarge(_ span: SpanRef, to pageCount: Int) -> UnsafeMutableRawPointer? {
    let pageHeap = heap.pointee.pageHeap
    let old = span.pointee.pageCount
    if pageCount == old { return span.pointee.address }
    if span.pointee.state == .huge { return pageHeap.resizeHuge(span, to: pageCount) }
    let isDone =
      pageCount < old ? pageHeap.shrinkInPlace(span, to: pageCount) : pageHeap.growInPlace(span, to: pageCount)
    return isDone ? span.pointee.address : nil
  }

  // MARK: Threads

  /// For a thread without a cache: one of the heap that it had one of, or else of the process's; nil without heap or
  /// memory.
  func attachLate() -> ThreadCacheRef? {
    let heap = heapIfAny ?? pb_process_heap_get()?.assumingMemoryBound(to: ThreadHeap.self)
    guard let cache = heap?.attachCallingThread(), !cache.isNone else { return nil }
    return cache
  }
}

/// Blocks are 8 bytes or a multiple of 16, so that whole words of 16 bytes may be written up to the last requested byte.
extension UnsafeMutableRawPointer {
  /// Clears at least the first `size` bytes of a block.
  @inline(__always)
  fileprivate func clearBlock(_ size: Int) {
    if size <= 8 { return storeBytes(of: 0, as: UInt64.self) }
    var offset = 0
    while offset < size {
      storeBytes(of: .zero, toByteOffset: offset, as: SIMD2<UInt64>.self)
      offset &+= 16
      // Else the compiler makes a call of memset of the loop.
      pb_escape(self)
    }
  }

  /// Copies at least the first `size` bytes of a block to the beginning of this one, both of at least `size`.
  @inline(__always)
  fileprivate func copyBlock(_ block: UnsafeMutableRawPointer, _ size: Int) {
    if size <= 8 { return storeBytes(of: block.load(as: UInt64.self), as: UInt64.self) }
    var offset = 0
    while offset < size {
      let word = block.load(fromByteOffset: offset, as: SIMD2<UInt64>.self)
      storeBytes(of: word, toByteOffset: offset, as: SIMD2<UInt64>.self)
      offset &+= 16
      pb_escape(self)
    }
  }
}

extension ThreadCacheRef {
  /// The latest object of a stack; nil when empty.
  @inline(__always)
  func pop(_ list: UnsafeMutablePointer<FreeList>) -> UnsafeMutableRawPointer? {
    let top = list.pointee.top
    guard let object = raw.load(fromByteOffset: Int(top), as: UnsafeMutableRawPointer?.self) else { return nil }
    list.pointee.top = top &- UInt32(Self.slotSize)
    return object
  }

  /// False, nothing done, when there is no room, or when the object is the one that was freed last.
  @inline(__always)
  func push(_ object: UnsafeMutableRawPointer, _ list: UnsafeMutablePointer<FreeList>) -> Bool {
    let top = list.pointee.top
    // Each by a branch of its own, not by arithmetic on conditions.
    if _slowPath(top >= list.pointee.end) { return false }
    // As a number: comparing optionals asks for nil first.
    let latest = raw.load(fromByteOffset: Int(top), as: UInt.self)
    if _slowPath(latest == UInt(bitPattern: object)) { return false }
    raw.storeBytes(of: object, toByteOffset: Int(top) &+ Self.slotSize, as: UnsafeMutableRawPointer.self)
    list.pointee.top = top &+ UInt32(Self.slotSize)
    return true
  }
}
