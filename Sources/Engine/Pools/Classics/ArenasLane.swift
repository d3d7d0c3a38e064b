import CPlatform

/// A thread of `ArenasPool`.
struct ArenasLane: PoolLane {
  private let thread: ArenaThread

  init(thread: ArenaThread) { self.thread = thread }

  mutating func attach() { if thread.arena == nil { thread.register.attach(thread) } }

  mutating func detach() {
    thread.flush(freeIntoArena)
    thread.register.detach(thread)
  }

  @inline(__always)
  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= UInt(ArenaThread.largest) else { return allocateSlowly(size) }
    return thread.take(size) ?? allocateSlowly(size)
  }

  @inline(never)
  private func allocateSlowly(_ size: Int) -> UnsafeMutableRawPointer? {
    allocate(size, alignment: ArenaChunk.headerBytes)?.object
  }

  /// A chunk for an object at a multiple of `alignment`; nil when out of memory.
  private func allocate(_ size: Int, alignment: Int) -> ArenaChunk? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest, alignment <= SystemMemory.largestRequest else {
      return nil
    }
    thread.statistics.pointee.misses &+= 1
    if thread.arena == nil { thread.register.attach(thread) }
    guard let arena = thread.arena else { return nil }
    let bytes = ArenaChunk.bytes(for: size)
    var refusal = Arena.Refusal.memory
    if let chunk = allocate(bytes, alignment, in: arena, &refusal) { return chunk }
    if refusal == .memory {
      // Another arena may have what this one has not: the main one, or, if this is it, one by the rules.
      thread.statistics.pointee.retries &+= 1
      var other = thread.register.main
      if other == arena {
        thread.register.attach(thread)
        other = thread.arena ?? other
      }
      if other != arena, let chunk = allocate(bytes, alignment, in: other, &refusal) { return chunk }
    }
    guard refusal == .mapping else { return nil }
    return thread.register.map(size, alignment: alignment).map(ArenaChunk.init(object:))
  }

  private func allocate(
    _ bytes: Int, _ alignment: Int, in arena: Arena, _ refusal: inout Arena.Refusal
  ) -> ArenaChunk? {
    arena.acquire()
    defer { arena.release() }
    if alignment <= ArenaChunk.headerBytes { return arena.allocate(bytes, thread, &refusal) }
    // Room to move to a multiple with a whole chunk before it. (`_int_memalign`)
    let padded = bytes + alignment + ArenaChunk.leastBytes
    guard var chunk = arena.allocate(padded, thread, &refusal) else { return nil }
    var offset = -Int(bitPattern: chunk.object) & (alignment - 1)
    if offset != 0 {
      if offset < ArenaChunk.leastBytes { offset += alignment }
      chunk = arena.cutBeginning(chunk, offset)
    }
    arena.cutEnd(chunk, bytes)
    return chunk
  }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    guard let object = allocate(size, variant) else { return nil }
    if ArenaChunk(object: object).field & ArenaChunk.mappedFlag == 0 { pb_zero(object, size) }
    return object
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    if alignment <= ArenaChunk.headerBytes { return allocate(size, variant) }
    return allocate(size, alignment: alignment)?.object
  }

  @inline(__always)
  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if UInt(bitPattern: pointer) & 15 != 0 { Self.failMisaligned(pointer) }
    if !thread.put(pointer, bytes: ArenaChunk(object: pointer).size) { freeSlowly(pointer) }
  }

  @inline(never)
  private static func failMisaligned(_ pointer: UnsafeMutableRawPointer) -> Never {
    pb_fail_pointer("a pointer that was freed is not aligned to 16", pointer)
  }

  @inline(never)
  private func freeSlowly(_ pointer: UnsafeMutableRawPointer) {
    thread.statistics.pointee.overflows &+= 1
    freeIntoArena(pointer)
  }

  /// Frees an object past the cache: to the arena that it is of.
  private func freeIntoArena(_ pointer: UnsafeMutableRawPointer) {
    let chunk = ArenaChunk(object: pointer)
    if chunk.field & ArenaChunk.mappedFlag != 0 { return thread.register.unmap(pointer) }
    let owner = ArenaHeap(of: pointer).arena
    if owner != thread.arena { thread.statistics.pointee.foreignFrees &+= 1 }
    owner.acquire()
    owner.free(chunk, thread.register)
    owner.release()
  }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: newSize) <= SystemMemory.largestRequest else { return nil }
    let chunk = ArenaChunk(object: pointer)
    let usable = usableSize(pointer, oldSize)
    if chunk.field & ArenaChunk.mappedFlag != 0 {
      if let moved = thread.register.remap(pointer, to: newSize) { return moved }
      if newSize <= usable { return pointer }
    } else {
      let owner = ArenaHeap(of: pointer).arena
      owner.acquire()
      let isDone = owner.resize(chunk, to: ArenaChunk.bytes(for: newSize), thread.register)
      owner.release()
      if isDone { return pointer }
    }
    guard let moved = allocate(newSize, variant) else { return nil }
    pb_copy(moved, pointer, min(usable, newSize))
    free(pointer, oldSize)
    return moved
  }

  borrowing func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    let chunk = ArenaChunk(object: pointer)
    return chunk.size &- (chunk.field & ArenaChunk.mappedFlag != 0 ? 16 : 8)
  }
}
